import { invalidOption, SparseTrainError } from '../base/errors.js';
import { checkOptions } from '../base/options/table.js';
import { optionName, say } from '../base/wording.js';
import { CsrMatrix, isSparseRow } from '../data/csr.js';
import { type AnyDataset, Dataset } from '../data/dataset.js';
import { type InputArray, isTypedArrayOrProxy, Matrix } from '../data/matrix.js';
import type { EngineInputs } from '../engine/calls.js';
import type { TableRow } from '../formats/csv/row.js';
import type { Table, TableStream } from '../formats/format.js';
import { checkRate } from '../network/arithmetic.js';
import { type InputRow, unitOf } from '../network/inputs.js';
import { NetworkBase } from '../network/network-base.js';
import type { NetworkOptions } from '../network/options.js';
import { THREADS, threadCount } from '../network/threads.js';
import { ClippedInputsWatch } from './clipped-inputs.js';
import { type EvaluateOptions, evaluateExamples } from './evaluation.js';
import { checkedMeanings, checkMeaning, classOf, isAmbiguous, writeTarget } from './example-chunk.js';
import { checkExamples } from './examples.js';
import { fitDataset } from './fit-dataset.js';
import { type FitOptions, planFit } from './fit-options.js';
import { type ExampleStream, fitStream } from './fit-stream.js';
import type { Metrics } from './metrics.js';
import type { TrainingRun } from './records.js';

/** Calls of learn() between two checks whether weights are finite and inputs clipped. */
const LOOK = 64;

/**
 * A sparse multilayer perceptron that trains, online: every example updates it.
 *
 * @example
 * const { train, test } = await loadDataset('mnist');
 * const network = new Network({ layers: [784, 256, 10], density: [0.1, 0.5] });
 * await network.fit(train, { epochs: 3, validation: test });
 * network.predict(test.inputs.row(0)); // ten probabilities
 * await network.save('digits.safetensors');
 */
export class Network extends NetworkBase {
  #fitting = false;
  readonly #softmax: boolean;
  /** The names of classes that {@link #isAmbiguous} was found for. */
  #checkedClasses: readonly string[] | undefined;
  #isAmbiguous = false;
  /** Counts the clipped inputs of examples of learn(). */
  #clipping: ClippedInputsWatch | undefined;
  /** Reused for the targets of each example of learn(). */
  readonly #target: Uint8Array | Float64Array;

  /**
   * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION, NETWORK_TOO_LARGE; NATIVE_UNAVAILABLE or ISA_UNAVAILABLE
   * if the engine cannot be loaded
   */
  constructor(options: NetworkOptions) {
    super(options);
    const { output } = this.core.options;
    this.#softmax = output === 'softmax';
    this.#target = new (output === 'linear' ? Float64Array : Uint8Array)(this.core.outputs);
  }

  /** The rate of {@link learn}: above 0 to 1; less if the number format has many fraction bits. */
  get learningRate(): number {
    return this.core.learningRate;
  }

  set learningRate(rate: number) {
    checkRate('learningRate', rate, this.core.options);
    this.core.learningRate = rate;
  }

  /**
   * Trains on a data set, epoch by epoch, or on a stream of examples, once. Training runs off the main thread; do not
   * change the data until the promise settles. The first call also fixes how inputs (and the values of a regression) are
   * scaled and what the outputs are called; a stream fits scaling to its first 1024 examples. A table, as readTable(),
   * streamTable() and loadDataset() give it, also gives the network its schema, which save() stores. The `test` part of a
   * table is not used; give it as the option `validation`.
   *
   * If it rejects because a callback or the stream threw, the network can be used and has learned until then.
   *
   * @throws SparseTrainError (by rejection) UNKNOWN_OPTION, INVALID_OPTION, INVALID_DATA; NETWORK_BUSY if another fit()
   * of this network has not ended; FILE_NOT_FOUND or FILE_ACCESS if the log cannot be written
   */
  async fit(
    data: AnyDataset | Table | TableStream | ExampleStream,
    options: FitOptions = {},
  ): Promise<TrainingRun> {
    this.#checkIdle('fit');
    this.#fitting = true;
    const { core } = this;
    try {
      if (data instanceof Dataset) return await fitDataset(core, data, planFit(options, core, false));
      if (isTable(data)) {
        const plan = planFit(options, core, false);
        checkExamples(core, data.train);
        core.schema = data.schema ?? core.schema;
        return await fitDataset(core, data.train, plan);
      }
      if (isTableStream(data)) {
        const plan = planFit(options, core, true);
        // The examples of a stream hold numbers of classes, not their names.
        core.classes = checkExamples(core, data.sample);
        core.schema = data.schema;
        return await fitStream(core, data.examples(), plan);
      }
      if (!isStream(data)) {
        throw invalidOption(
          'data',
          'a table, a Dataset or an (async) iterable of { input, label } or { input, target }',
          data,
        );
      }
      const examples = this.#softmax && isAmbiguous(core.classes) ? checkedMeanings(core, data) : data;
      return await fitStream(core, examples, planFit(options, core, true));
    } finally {
      this.#fitting = false;
    }
  }

  /**
   * Learns from one example at {@link learningRate}. With the pipelined schedule the update reaches the weights
   * with the next few examples, or by {@link flush}.
   *
   * Without scaling, a number in a Uint8Array or Int16Array stands for 1/256 if the network was first trained on such an
   * array, and for itself if on any other; later arrays of every kind are read in that same unit ({@link inputUnit}).
   *
   * @param given - as many numbers as the first layer has neurons, in the unit of the data trained on; after training on a
   * table also a row with the names of its columns
   * @param target - softmax: the class, counted from 0, or its name (only the name where names are other numbers, such as
   * 1 to 3); sigmoid: 0 or 1 for each output; linear: a number
   * for each output. A network with one output takes a single number.
   * @throws SparseTrainError INVALID_DATA, NETWORK_BUSY
   */
  learn(given: InputRow | TableRow, target: number | string | boolean | ArrayLike<number>): void {
    if (this.#fitting) this.#checkIdle('learn');
    const { core } = this;
    let native: number | Uint8Array | Float64Array;
    if (this.#softmax && typeof target === 'number') {
      if (core.classes !== this.#checkedClasses) this.#checkClasses();
      if (this.#isAmbiguous) checkMeaning(core, target);
      native = target;
    } else native = this.#nativeTarget(target);
    const input = core.inputOf(given);
    const row = core.reader.row(input);
    // The first example decides, so that the same numbers mean the same whatever array later ones come in.
    if (core.reader.unit === undefined) core.setScaling(core.reader.scaling, unitOf(input));
    core.engine.learn(row, native, core.learningRate);
    if (core.learned < LOOK || core.learned % LOOK === 0) this.#countClipped(input, row);
    core.learned++;
    if (core.learned % LOOK === 0) this.#checkFinite();
  }

  /**
   * Measures the network on examples, off the main thread.
   *
   * @throws SparseTrainError (by rejection) UNKNOWN_OPTION, INVALID_OPTION, INVALID_DATA
   */
  async evaluate(dataset: AnyDataset, options: EvaluateOptions = {}): Promise<Metrics> {
    if (!(dataset instanceof Dataset)) throw invalidOption('dataset', 'a Dataset', dataset);
    const { threads } = checkOptions('evaluate options', THREADS, options);
    const count = threadCount(threads, this.core, { kind: 'predict', rows: dataset.rows });
    return (await evaluateExamples(this.core, dataset, count)) as Metrics;
  }

  /** Counts the clipped inputs of an example of learn(): of the first ones, and then of one in 64. */
  #countClipped(input: InputRow, row: EngineInputs): void {
    const { core } = this;
    const inputs = isSparseRow(input)
      ? new CsrMatrix({ indptr: [0, input.values.length], ...input, columns: core.inputs })
      : new Matrix(row as InputArray, core.inputs);
    const { data } = inputs instanceof CsrMatrix ? { data: inputs.values } : inputs;
    // Bytes that are not scaled are never clipped, whatever other examples are.
    if (data instanceof Uint8Array && this.#clipping === undefined) return;
    this.#clipping ??= ClippedInputsWatch.begin(core, inputs);
    this.#clipping?.add(inputs);
  }

  /** Output biases are not finite as soon as any score is not. */
  #checkFinite(): void {
    const { options, engine, junctionCount } = this.core;
    if (options.arithmetic.kind !== 'float' || engine.biases(junctionCount - 1).every(Number.isFinite))
      return;
    throw new SparseTrainError('DIVERGED', {
      says: `learning diverged: weights are no longer finite numbers, at the latest after ${this.core.learned} examples`,
      advice: say`load a saved model, or begin anew with a lower ${optionName('learningRate')} and with inputs and targets of about -1 to 1`,
    });
  }

  override close(): void {
    this.#checkIdle('close');
    super.close();
  }

  #checkClasses(): void {
    this.#checkedClasses = this.core.classes;
    this.#isAmbiguous = isAmbiguous(this.core.classes);
  }

  #nativeTarget(target: unknown): number | Uint8Array | Float64Array {
    const { core } = this;
    if (this.#softmax) return classOf(core, target);
    writeTarget(core, target, this.#target, 0);
    if (core.targetScaling !== undefined) {
      const { mean, sd } = core.targetScaling;
      const values = this.#target;
      for (let k = 0; k < values.length; k++) {
        values[k] = ((values[k] as number) - (mean[k] as number)) / (sd[k] as number);
      }
    }
    return this.#target;
  }

  #checkIdle(call: string): void {
    if (!this.#fitting) return;
    throw new SparseTrainError(
      'NETWORK_BUSY',
      `${call}() was called while another fit() of the same network is under way; await that one, or use another network`,
    );
  }
}

function isTable(data: unknown): data is Table {
  return isPlainObject(data) && 'train' in data && data.train instanceof Dataset;
}

function isTableStream(data: unknown): data is TableStream {
  return (
    isPlainObject(data) &&
    'sample' in data &&
    data.sample instanceof Dataset &&
    'examples' in data &&
    typeof data.examples === 'function'
  );
}

function isPlainObject(data: unknown): data is object {
  return typeof data === 'object' && data !== null && !ArrayBuffer.isView(data) && !isTypedArrayOrProxy(data);
}

function isStream(data: unknown): data is ExampleStream {
  if (typeof data !== 'object' || data === null || ArrayBuffer.isView(data) || isTypedArrayOrProxy(data))
    return false;
  return Symbol.asyncIterator in data || Symbol.iterator in data;
}
