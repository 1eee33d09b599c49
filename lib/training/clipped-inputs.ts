import { percent } from '../base/numbers.js';
import { warn } from '../base/warning.js';
import { ClipCounter, type ColumnScaling, samplingStep } from '../data/clipping.js';
import { CsrMatrix, type InputMatrix } from '../data/csr.js';
import { csvFeatureNames } from '../formats/csv/schema.js';
import type { NetworkCore } from '../network/core.js';
import type { Examples } from './examples.js';

/** The share of a feature's values, or of all, above which clipping is worth a warning. */
const WORTH_A_WARNING = 0.01;

/** Examples that come one by one are too few for a warning before there are this many. */
const ENOUGH = 64;

/** The largest absolute input of a network's number format; undefined if nothing is clipped. */
function inputLimit({ options: { arithmetic } }: NetworkCore): number | undefined {
  switch (arithmetic.kind) {
    case 'float':
      return undefined;
    case 'wide':
      // Inputs are multiples of 2^-8 from -2047 to 2047 (docs/arithmetic.md).
      return 2047.5 / 256;
    case 'hardware':
      return 2 ** arithmetic.integerBits;
  }
}

/** Counts the inputs that a network's number format clips, for inspect() and the run log, and warns once if they are many. */
export class ClippedInputsWatch {
  readonly #core: NetworkCore;
  readonly #limit: number;
  readonly #counter: ClipCounter;
  readonly #names: readonly string[] | undefined;
  #hasWarned = false;

  private constructor(
    core: NetworkCore,
    limit: number,
    scaling: ColumnScaling | undefined,
    names: readonly string[] | undefined,
  ) {
    this.#core = core;
    this.#limit = limit;
    this.#counter = new ClipCounter(core.inputs, scaling, limit);
    this.#names = names ?? (core.schema && csvFeatureNames(core.schema));
  }

  /**
   * Begins to count, once it is decided how inputs are scaled.
   *
   * @param inputs - the first ones; all others must be of the same type
   * @returns undefined if nothing can be clipped, as with bytes that are not scaled
   */
  static begin(
    core: NetworkCore,
    inputs: InputMatrix,
    names?: readonly string[],
  ): ClippedInputsWatch | undefined {
    const limit = inputLimit(core);
    const { engineScaling, scaling, unit } = core.reader;
    const numbers = inputs instanceof CsrMatrix ? inputs.values : inputs.data;
    const isScaled = scaling !== undefined && scaling.kind !== 'none';
    if (limit === undefined || (numbers instanceof Uint8Array && !isScaled && unit !== 'number'))
      return undefined;
    const isPlain = numbers instanceof Float32Array || numbers instanceof Float64Array;
    const perUnit =
      engineScaling === undefined && !isPlain && unit !== 'number'
        ? { offset: [], scale: new Float64Array(inputs.columns).fill(1 / 256) }
        : engineScaling;
    return new ClippedInputsWatch(core, limit, perUnit, names);
  }

  /**
   * Counts the inputs of a matrix, and warns if enough have been seen.
   *
   * @param step - 1 for every row, 2 for every other one, and so on
   */
  add(inputs: InputMatrix, step = 1): void {
    this.#counter.add(inputs, step);
    this.#core.clippedInputs = this.#counter.counts(this.#names);
    if (this.#counter.rows >= ENOUGH) this.warnIfMany();
  }

  /** Warns, unless it has done so before, if many of the inputs so far are clipped. */
  warnIfMany(): void {
    const found = this.#core.clippedInputs;
    const [most] = found?.features ?? [];
    if (this.#hasWarned || found === undefined || most === undefined) return;
    const all = found.clipped / found.values;
    if (most.share <= WORTH_A_WARNING && all <= WORTH_A_WARNING) return;
    this.#hasWarned = true;
    const which = most.name === undefined ? `input ${most.feature} (counted from 0)` : `"${most.name}"`;
    warn(
      'INPUTS_CLIPPED',
      `${percent(most.share, 1)} of the values of ${which} and ${percent(all, 1)} of all inputs lie beyond ${this.#limit.toFixed(1)}, ` +
        'where the number format clips them; scale the inputs, or use the float arithmetic',
    );
  }
}

/** Counts the clipped inputs of a whole data set, in evenly spaced rows if it is large. */
export function noteClippedInputs(core: NetworkCore, { inputs, featureNames }: Examples): void {
  const watch = ClippedInputsWatch.begin(core, inputs, featureNames);
  watch?.add(inputs, samplingStep(inputs));
  watch?.warnIfMany();
}
