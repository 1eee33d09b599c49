import { Random } from '../base/random.js';
import { CsrMatrix, type InputMatrix } from '../data/csr.js';
import { type AnyDataset, Dataset } from '../data/dataset.js';
import { Matrix, newLike } from '../data/matrix.js';
import { type CsvSchema, inputWidth } from '../formats/csv/schema.js';
import type { Metrics } from './metrics.js';
import type { Network } from './network.js';

/** How much worse a network becomes without the information of one column (permutation importance). */
export interface ColumnImportance {
  /** The name of the table's column, which may become several inputs. */
  column: string;
  /** How much the loss rises if the column's values are shuffled among the rows. */
  loss: number;
  /** How much the accuracy falls; of a regression, R². */
  score: number;
}

/** At most this many rows are measured; of more, evenly spaced ones. */
const ROWS = 5000;
/** Each column is shuffled this often, and the means are returned. */
const SHUFFLES = 3;

/**
 * Measures how much a network relies on each column of a table, by predicting rows in which that column's values are
 * shuffled (Breiman 2001, "Random Forests"). If several columns hold the same information, each seems unimportant.
 *
 * @param data - preferably rows that the network has not learned from
 * @param seed - decides the shuffles
 * @returns the columns, the most important first
 * @throws SparseTrainError INVALID_DATA if the data do not fit the network
 */
export async function columnImportance(
  network: Pick<Network, 'evaluate' | 'schema'>,
  data: AnyDataset,
  seed = 1,
): Promise<ColumnImportance[]> {
  const step = Math.ceil(data.rows / ROWS);
  const rows = Int32Array.from({ length: Math.floor((data.rows - 1) / step) + 1 }, (_, i) => i * step);
  const some = step === 1 ? data : data.subset(rows);
  const whole = await network.evaluate(some);
  const random = new Random(seed);
  const found: ColumnImportance[] = [];
  for (const { name, from, to } of groupsOf(network.schema, data)) {
    let [loss, score] = [0, 0];
    for (let i = 0; i < SHUFFLES; i++) {
      const order = Int32Array.from({ length: some.rows }, (_, row) => row);
      random.shuffle(order);
      const metrics = await network.evaluate(withShuffled(some, from, to, order));
      loss += (metrics.loss - whole.loss) / SHUFFLES;
      score += (scoreOf(whole) - scoreOf(metrics)) / SHUFFLES;
    }
    found.push({ column: name, loss, score });
  }
  return found.sort((a, b) => b.loss - a.loss);
}

function scoreOf(metrics: Metrics): number {
  return metrics.kind === 'regression' ? metrics.r2 : metrics.accuracy;
}

interface Group {
  readonly name: string;
  /** Its inputs are `from` to `to` - 1. */
  readonly from: number;
  readonly to: number;
}

function groupsOf(schema: CsvSchema | undefined, { features, featureNames }: AnyDataset): Group[] {
  if (schema === undefined)
    return Array.from({ length: features }, (_, j) => ({
      name: featureNames?.[j] ?? `input ${j + 1}`,
      from: j,
      to: j + 1,
    }));
  let to = 0;
  return schema.columns.flatMap((column) => {
    const from = to;
    to += inputWidth(column);
    return to > from ? [{ name: column.name, from, to }] : [];
  });
}

/** The data with inputs `from` to `to` - 1 of row i taken from row order[i]. */
function withShuffled(data: AnyDataset, from: number, to: number, order: Int32Array): AnyDataset {
  const { inputs, targets, featureNames } = data;
  const names = featureNames ?? Array.from({ length: data.features }, (_, j) => `input ${j + 1}`);
  return Dataset.ofChecked<InputMatrix>({
    inputs: inputs instanceof CsrMatrix ? sparse(inputs, from, to, order) : dense(inputs, from, to, order),
    targets,
    featureNames: names,
  });
}

function dense({ data, columns }: Matrix, from: number, to: number, order: Int32Array): Matrix {
  const copy = newLike(data, data.length);
  copy.set(data);
  for (const [row, other] of order.entries())
    copy.set(data.subarray(other * columns + from, other * columns + to), row * columns + from);
  return new Matrix(copy, columns);
}

function sparse(matrix: CsrMatrix, from: number, to: number, order: Int32Array): CsrMatrix {
  const { indptr, indices, values, columns } = matrix;
  const starts = [0];
  const keptIndices: number[] = [];
  const keptValues: number[] = [];
  const take = (row: number, low: number, high: number) => {
    for (let i = indptr[row] as number; i < (indptr[row + 1] as number); i++) {
      const column = indices[i] as number;
      if (column < low || column >= high) continue;
      keptIndices.push(column);
      keptValues.push(values[i] as number);
    }
  };
  for (const [row, other] of order.entries()) {
    take(row, 0, from);
    take(other, from, to);
    take(row, to, columns);
    starts.push(keptIndices.length);
  }
  const shuffled = newLike(values, keptValues.length);
  shuffled.set(keptValues);
  return new CsrMatrix({
    indptr: Float64Array.from(starts),
    indices: Int32Array.from(keptIndices),
    values: shuffled,
    columns,
  });
}
