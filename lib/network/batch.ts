import { invalidOption, SparseTrainError } from '../base/errors.js';
import { CsrMatrix, type InputMatrix, isSparseRow } from '../data/csr.js';
import { checkUsable, type InputArray, Matrix } from '../data/matrix.js';
import type { TargetScaling } from '../data/scaling.js';
import type { NetworkCore } from './core.js';
import type { InputRow } from './inputs.js';

/**
 * Many inputs: a matrix (which may be sparse), all rows one after another in one typed array, or an array of
 * rows.
 */
export type InputBatch = InputMatrix | InputArray | readonly InputRow[];

/**
 * Brings a batch into one array, without copying if it already is one.
 *
 * @throws SparseTrainError INVALID_OPTION, INVALID_DATA
 */
export function batchMatrix(batch: InputBatch, columns: number): InputMatrix {
  if (batch instanceof Matrix || batch instanceof CsrMatrix) {
    if (batch.columns !== columns) {
      throw new SparseTrainError(
        'INVALID_DATA',
        `inputs have ${batch.columns} columns, but the network's first layer has ${columns} neurons`,
      );
    }
    checkUsable(batch instanceof Matrix ? batch.data : batch.values, 'inputs');
    if (batch instanceof CsrMatrix) checkUsable(batch.indices, 'inputs');
    return batch;
  }
  if (!Array.isArray(batch)) return new Matrix(batch as InputArray, columns);
  if (batch.length === 0)
    throw new SparseTrainError('INVALID_DATA', 'inputs hold no rows; give at least one');
  return new Matrix(gatherRows(batch as readonly InputRow[], columns), columns);
}

/** If all rows are bytes, the result is bytes too; otherwise it is a Float64Array. */
function gatherRows(rows: readonly InputRow[], columns: number): InputArray {
  // Checks every row before allocating memory: an array of holes may claim to have four billion rows.
  let bytes = true;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    if (row === undefined) {
      throw new SparseTrainError(
        'INVALID_DATA',
        `inputs[${i}] is missing; each of the ${rows.length} rows must be an array of ${columns} numbers`,
      );
    }
    checkRow(row, i, columns);
    bytes &&= row instanceof Uint8Array || row instanceof Uint8ClampedArray;
  }
  const all = allocated(
    () => new (bytes ? Uint8Array : Float64Array)(rows.length * columns),
    `inputs have ${rows.length} rows of ${columns} numbers`,
  );
  for (const [i, row] of rows.entries()) {
    if (Array.isArray(row) && !row.every(Number.isFinite)) {
      throw new SparseTrainError(
        'INVALID_DATA',
        `inputs[${i}] contains something that is not a finite number`,
      );
    }
    all.set(row as ArrayLike<number>, i * columns);
  }
  return all;
}

function checkRow(row: InputRow, i: number, columns: number): void {
  if (isSparseRow(row)) {
    const advice = 'give several sparse rows as a CsrMatrix';
    throw new SparseTrainError('INVALID_OPTION', `inputs[${i}] is a sparse row; ${advice}`);
  }
  const isArray = Array.isArray(row) || (ArrayBuffer.isView(row) && !(row instanceof DataView));
  const isBig = row instanceof BigInt64Array || row instanceof BigUint64Array;
  if (!isArray || isBig) throw invalidOption(`inputs[${i}]`, `an array of ${columns} numbers`, row);
  if (row.length !== columns) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `inputs[${i}] has ${row.length} numbers, but must have ${columns}`,
    );
  }
}

/**
 * Returns what `make` allocates. Reports INVALID_DATA if this machine or JavaScript cannot allocate that much
 * memory.
 */
function allocated<T>(make: () => T, what: string): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SparseTrainError(
      'INVALID_DATA',
      `${what}, for which there is not enough memory (${error.message}); give fewer rows at a time`,
      { cause: error },
    );
  }
}

/** Converts the scores of a regression back to the unit of its targets, in place. */
export function unscaleTargets(scores: Float32Array, scaling: TargetScaling): void {
  const { mean, sd } = scaling;
  const outputs = mean.length;
  for (let start = 0; start < scores.length; start += outputs) {
    for (let k = 0; k < outputs; k++) {
      scores[start + k] = (scores[start + k] as number) * (sd[k] as number) + (mean[k] as number);
    }
  }
}

/** Something that can stop calls of the engine. */
export interface CallGuard {
  run<T>(call: () => Promise<T>): Promise<T>;
}

const UNGUARDED: CallGuard = { run: (call) => call() };

/** One call of the engine. The scores are in the unit of the targets. */
export interface BatchOutcome {
  scores: Float32Array;
  decisions: Uint32Array;
  seconds: number;
}

/**
 * Runs rows through the engine, off the main thread, once earlier calls have finished.
 *
 * @throws SparseTrainError INVALID_DATA
 */
export function predictRows(
  core: NetworkCore,
  matrix: InputMatrix,
  threads: number,
  guard: CallGuard = UNGUARDED,
): Promise<BatchOutcome> {
  return core.turns.take(async () => {
    const { inputs, scaling } = core.reader.matrix(matrix);
    const [scores, decisions] = allocated(
      () => [new Float32Array(matrix.rows * core.outputs), new Uint32Array(matrix.rows)] as const,
      `inputs have ${matrix.rows} rows, each with ${core.outputs} scores`,
    );
    const job = { inputs, scaling, count: matrix.rows, threads, scores, decisions };
    const { seconds } = await guard.run(() => core.engine.predict(job));
    if (core.targetScaling !== undefined) unscaleTargets(scores, core.targetScaling);
    if (core.isYesOrNo) for (const [i, score] of scores.entries()) decisions[i] = score >= 0.5 ? 1 : 0;
    return { scores, decisions, seconds };
  });
}
