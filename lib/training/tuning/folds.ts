import { Random } from '../../base/random.js';
import type { AnyDataset } from '../../data/dataset.js';

/** One division of the rows: `train` to learn from, `held` to measure on. Row numbers, ascending. */
export interface Fold {
  readonly train: Int32Array;
  readonly held: Int32Array;
}

/**
 * Divides the rows into parts of equal size. The examples of each class (of a regression, neighbouring values) are spread
 * evenly over the parts. Fold i holds part i out.
 *
 * @param count - parts, 2 to the number of rows
 * @param seed - decides which row goes to which part
 */
export function dealFolds({ rows, targets }: AnyDataset, count: number, seed: number): Fold[] {
  const random = new Random(seed);
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  random.shuffle(order);
  if (targets.kind !== 'multilabel') {
    const keys: ArrayLike<number> = targets.kind === 'classes' ? targets.labels : targets.data;
    const width = keys.length / rows; // with several values per row, the first decides
    const key = (row: number) => keys[row * width] as number;
    order.sort((a, b) => key(a) - key(b)); // The sort is stable, so equal rows keep their shuffled order.
  }
  const parts = new Uint8Array(rows);
  const block = Int32Array.from({ length: count }, (_, part) => part);
  for (let i = 0; i < rows; i++) {
    // Neighbouring values differ, so which of them goes where is drawn; examples of a class are in random order already.
    if (i % count === 0 && targets.kind === 'values') random.shuffle(block);
    parts[order[i] as number] = block[i % count] as number;
  }
  const numbered = Int32Array.from({ length: rows }, (_, row) => row);
  return Array.from({ length: count }, (_, part) => ({
    train: numbered.filter((row) => parts[row] !== part),
    held: numbered.filter((row) => parts[row] === part),
  }));
}
