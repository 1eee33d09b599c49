import { invalidOption, SparseTrainError } from '../base/errors.js';
import { whole } from '../base/options/kinds.js';
import { checkOptions, type OptionsOf } from '../base/options/table.js';
import type { InputScaling, TargetScaling } from '../data/scaling.js';
import type { TableRow } from '../formats/csv/row.js';
import type { CsvSchema } from '../formats/csv/schema.js';
import type { ResolvedArithmetic } from './arithmetic.js';
import { type BatchOutcome, batchMatrix, type InputBatch, predictRows, unscaleTargets } from './batch.js';
import { NetworkCore, type TrainingSummary } from './core.js';
import { networkDigest } from './digest.js';
import type { InputRow, InputUnit } from './inputs.js';
import { inspectNetwork, type NetworkInspection } from './inspection.js';
import { Junction } from './junction.js';
import { readModel, SAVE, type SaveOptions, writeModel } from './model-file/model.js';
import { type Activation, type NetworkOptions, type Output, resolveOptions } from './options.js';
import { Predictions } from './predictions.js';
import { THREADS, threadCount } from './threads.js';

/** Options of `network.predictBatch()`. */
export interface PredictBatchOptions extends OptionsOf<typeof THREADS> {}

/** Makes structuredClone() and postMessage() fail with this text instead of copying an empty object. */
const NOT_CLONEABLE = Symbol(
  'a network: use save() here and Network.load() there, because its weights are not in JavaScript;',
);

/** The core of a network, for the functions of this module. */
let coreOf: (network: NetworkBase) => NetworkCore;

/** {@link NetworkBase.save} with further texts in the file's metadata. */
export async function saveNetwork(
  network: NetworkBase,
  file: string,
  texts: Readonly<Record<string, string>>,
): Promise<void> {
  await writeModel(coreOf(network), file, checkOptions('save options', SAVE, {}), texts);
}

/**
 * Everything in a network except training, which `Network` adds.
 *
 * Junctions are counted from 0: junction j connects layers j and j + 1. Calls that return at once throw
 * NETWORK_BUSY while an asynchronous call computes; asynchronous calls on one network wait for each other.
 */
export abstract class NetworkBase {
  /** Shared with training and the model file. */
  protected readonly core: NetworkCore;
  /** A symbol, because symbols cannot be cloned. */
  protected readonly notCloneable = NOT_CLONEABLE;

  /**
   * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION, NETWORK_TOO_LARGE; NATIVE_UNAVAILABLE or ISA_UNAVAILABLE
   * if the engine cannot be loaded
   */
  constructor(options: NetworkOptions) {
    this.core = new NetworkCore(resolveOptions(options));
  }

  /**
   * Reads a model that {@link save} wrote. The result is an object of the class that this is called on:
   * `Network.load` returns a network that can continue training. The optimizer's momentum starts from zero.
   *
   * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS, INVALID_FILE with the reason, NETWORK_TOO_LARGE
   */
  static async load<T extends NetworkBase>(
    this: new (
      options: NetworkOptions,
    ) => T,
    file: string,
  ): Promise<T> {
    return readModel(
      file,
      (options) => new this(options), // the class that load was called on
      (network) => network.core,
    );
  }

  /** Neurons per layer, input first. */
  get layers(): readonly number[] {
    return this.core.options.layers;
  }

  /** What the output layer computes. */
  get output(): Output {
    return this.core.options.output;
  }

  /** The functions of the hidden layers. */
  get activations(): readonly Activation[] {
    return this.core.options.activations;
  }

  /**
   * The names of the outputs. If the options did not give them, undefined until the first data set gives
   * them.
   */
  get classes(): readonly string[] | undefined {
    return this.core.classes;
  }

  /** The arithmetic, with all defaults filled in. */
  get arithmetic(): ResolvedArithmetic {
    return this.core.options.arithmetic;
  }

  /** The seed that the network was made with. */
  get seed(): number {
    return this.core.options.seed;
  }

  /** The kernel set in use: 'scalar', 'avx2', 'avx512' and so on. */
  get kernelSet(): string {
    return this.core.engine.kernelSet;
  }

  /** How inputs are scaled; undefined until the first fit() decides it. */
  get scaling(): InputScaling | undefined {
    return this.core.reader.scaling;
  }

  /**
   * The meaning of a number if no scaling applies: '1/256' after training on integers (a byte x is x / 256),
   * 'number' after training on floating-point numbers; undefined until the first fit() decides it.
   */
  get inputUnit(): InputUnit | undefined {
    return this.core.reader.unit;
  }

  /** How the values of a regression are scaled; undefined until the first fit() decides it. */
  get targetScaling(): TargetScaling | undefined {
    return this.core.targetScaling;
  }

  /**
   * The training that the network has had, including training before it was saved and loaded: the epochs,
   * examples and seconds of fit(), and the examples of learn().
   */
  get training(): TrainingSummary {
    return this.core.summary;
  }

  /**
   * How the columns of the training CSV file became numbers. The model file stores it, so that files for
   * prediction are read the same way. The code that reads the CSV file sets this property.
   */
  get schema(): CsvSchema | undefined {
    return this.core.schema;
  }

  set schema(schema: CsvSchema | undefined) {
    this.core.schema = schema;
  }

  /**
   * The scores of one input: probabilities that sum to 1 (softmax), one probability per output (sigmoid), or values in
   * the unit of the targets (linear).
   *
   * @param input - as many numbers as the first layer has neurons, in the unit of the data trained on; after training on a
   * table also a row with the names of its columns, such as `{ rooms: 4, zone: 'B' }`, in which missing values and unknown
   * categories are coded as in files
   * @param scores - filled and returned if given; otherwise a new array is made
   * @throws SparseTrainError INVALID_DATA, NETWORK_BUSY
   */
  predict(
    input: InputRow | TableRow,
    scores: Float32Array = new Float32Array(this.core.outputs),
  ): Float32Array {
    const { core } = this;
    if (!(scores instanceof Float32Array) || !ArrayBuffer.isView(scores) || scores.length !== core.outputs) {
      throw invalidOption('scores', `a Float32Array of ${core.outputs}`, scores);
    }
    const row = core.reader.row(core.inputOf(input));
    core.engine.predictOne(row, scores);
    if (core.targetScaling !== undefined) unscaleTargets(scores, core.targetScaling);
    return scores;
  }

  /**
   * The output with the largest score, counted from 0; its name is `network.classes?.[index]`. With one sigmoid
   * output: 1 from probability 0.5 on, otherwise 0.
   *
   * @param input - as for {@link predict}
   * @throws SparseTrainError INVALID_DATA, NETWORK_BUSY
   */
  classify(input: InputRow | TableRow): number {
    if (this.core.isYesOrNo) return (this.predict(input)[0] as number) >= 0.5 ? 1 : 0;
    return this.core.engine.predictOne(this.core.reader.row(this.core.inputOf(input)));
  }

  /**
   * The scores of many inputs, computed off the main thread. The inputs must not be changed until the promise settles.
   *
   * @param inputs - after training on a table also an array of rows with the names of its columns
   * @throws SparseTrainError (by rejection) UNKNOWN_OPTION, INVALID_OPTION, INVALID_DATA
   */
  async predictBatch(
    inputs: InputBatch | readonly TableRow[],
    options: PredictBatchOptions = {},
  ): Promise<Predictions> {
    const { threads } = checkOptions('predictBatch options', THREADS, options);
    const matrix = batchMatrix(this.core.inputsOf(inputs), this.core.inputs);
    const count = threadCount(threads, this.core, { kind: 'predict', rows: matrix.rows });
    const outcome: BatchOutcome = await predictRows(this.core, matrix, count);
    return new Predictions(outcome.scores, outcome.decisions, outcome.seconds);
  }

  /**
   * Describes the network as a plain object that JSON can hold: layers, degrees, density, number formats,
   * clipped values, histograms of weights. Like the calls below, it first applies the updates that are still
   * in the pipeline.
   *
   * @throws SparseTrainError NETWORK_BUSY
   */
  inspect(): NetworkInspection {
    this.core.drain();
    return inspectNetwork(this.core);
  }

  /**
   * A junction: its edges, weights and biases.
   *
   * @param index - counted from 0: junction j connects layers j and j + 1
   * @throws SparseTrainError INVALID_OPTION
   */
  junction(index: number): Junction {
    return new Junction(this.core, whole(0, this.core.junctionCount - 1).check('junction', index));
  }

  /**
   * The SHA-256 of the network's pattern, weights and biases, in hexadecimal. With the wide arithmetic, the
   * same seed, options and data give the same digest on every instruction set and with any number of threads.
   *
   * The hash covers, for each junction from the first to the last, little-endian and without gaps: the right
   * + 1 edge offsets (unsigned 64-bit), the left neuron of each edge (unsigned 32-bit), the weights (16-bit
   * integers, or float32), and the biases (32-bit integers, or float32), in the order and unit of
   * {@link Junction.pattern}, {@link Junction.weights} and {@link Junction.biases}.
   *
   * @throws SparseTrainError NETWORK_BUSY
   */
  digest(): string {
    this.core.drain();
    return networkDigest(this.core.engine, this.core.junctionCount);
  }

  /**
   * Applies the updates of the last few examples that are still in the pipeline of the pipelined schedule.
   *
   * @throws SparseTrainError NETWORK_BUSY
   */
  flush(): void {
    this.core.drain();
  }

  /**
   * Frees the network's memory outside JavaScript at once, without waiting for the garbage collector.
   * Afterwards everything that needs the weights throws NETWORK_CLOSED; closing again does nothing.
   *
   * @throws SparseTrainError NETWORK_BUSY while fit(), evaluate() or predictBatch() is under way
   */
  close(): void {
    this.core.close();
  }

  /** Closes the network at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Refuses to convert the network: its weights are not in JavaScript, so JSON would hold an empty object.
   *
   * @throws SparseTrainError INVALID_DATA, always
   */
  toJSON(): never {
    throw new SparseTrainError(
      'INVALID_DATA',
      'a network cannot be written as JSON; use save() for a file with its weights, or inspect() for facts about it',
    );
  }

  /** The text that console.log() prints. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    const { layers, arithmetic } = this.core.options;
    const state = this.core.engine.isClosed ? ', closed' : '';
    return `${this.constructor.name} { ${layers.join('-')}, ${this.core.edges} edges, ${arithmetic.kind}${state} }`;
  }

  /**
   * Writes the network to a safetensors file. The file is written under a temporary name and then renamed, so
   * a crash leaves the old file or the new one, never half of it. The file holds the state of the network at
   * the time of the call.
   *
   * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION, NETWORK_BUSY, FILE_NOT_FOUND (no such folder), FILE_ACCESS
   */
  async save(file: string, options: SaveOptions = {}): Promise<void> {
    await writeModel(this.core, file, checkOptions('save options', SAVE, options));
  }

  static {
    coreOf = (network) => network.core;
  }
}
