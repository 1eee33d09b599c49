import { Random } from '../../lib/base/random.js';
import { Dataset } from '../../lib/index.js';

/** A number from -1 to 1. */
const symmetric = (random: Random) => random.uint32() / 2 ** 31 - 1;

/** Points in three clouds of the plane, padded to `features` with noise: easy to tell apart. */
export function clouds(
  rows: number,
  { features = 4, seed = 1, classes = ['red', 'green', 'blue'] } = {},
): Dataset {
  const random = new Random(seed);
  const inputs = new Float64Array(rows * features);
  const labels = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    const label = random.below(3);
    labels[i] = label;
    for (let j = 0; j < features; j++) inputs[i * features + j] = 50 + 5 * symmetric(random);
    inputs[i * features] = 50 + 20 * Math.cos((label * 2 * Math.PI) / 3) + 5 * symmetric(random);
    inputs[i * features + 1] = 50 + 20 * Math.sin((label * 2 * Math.PI) / 3) + 5 * symmetric(random);
  }
  return Dataset.from({ inputs, columns: features, labels, classes });
}

/** The same clouds as bytes. */
export function byteClouds(rows: number, seed = 1): Dataset {
  const { inputs, targets } = clouds(rows, { seed });
  if (targets.kind !== 'classes') throw new Error('clouds are classes');
  const bytes = Uint8Array.from(inputs.data, (x) => Math.round(2.5 * x));
  return Dataset.from({
    inputs: bytes,
    columns: inputs.columns,
    labels: targets.labels,
    classes: targets.classes,
  });
}

/** Two numbers per row that depend on three inputs, far from 0 and of different size. */
export function plane(rows: number, seed = 1): Dataset {
  const random = new Random(seed);
  const inputs = new Float64Array(rows * 3);
  const values = new Float64Array(rows * 2);
  for (let i = 0; i < rows; i++) {
    const [a, b, c] = [symmetric(random), symmetric(random), symmetric(random)] as const;
    inputs.set([a * 10 + 100, b, c / 100], i * 3);
    values.set([1000 + 30 * a - 20 * b, 0.001 * (b + c)], i * 2);
  }
  return Dataset.from({ inputs, columns: 3, values, targetNames: ['big', 'small'] });
}

/** Labels that say whether each of two inputs is positive. */
export function signs(rows: number, seed = 1): Dataset {
  const random = new Random(seed);
  const inputs = Float32Array.from({ length: rows * 2 }, () => symmetric(random));
  const multilabel = Uint8Array.from(inputs, (x) => (x > 0 ? 1 : 0));
  return Dataset.from({ inputs, columns: 2, multilabel, targetNames: ['first', 'second'] });
}
