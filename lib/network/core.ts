import { SparseTrainError } from '../base/errors.js';
import { Turns } from '../base/turns.js';
import type { ClippedInputs } from '../data/clipping.js';
import type { InputMatrix } from '../data/csr.js';
import type { InputScaling, TargetScaling } from '../data/scaling.js';
import { EngineNetwork } from '../engine/network.js';
import type { TableRow } from '../formats/csv/row.js';
import type { CsvSchema } from '../formats/csv/schema.js';
import { InputReader, type InputRow, type InputUnit } from './inputs.js';
import { networkSpec, type ResolvedOptions } from './options.js';
import { isTableRow, TableRowCoder } from './table-rows.js';

/** The totals of all calls of fit(). */
export interface FitSummary {
  /** Passes over the data. */
  readonly epochs: number;
  /** Examples presented. */
  readonly examples: number;
  /** Seconds inside the training loop. */
  readonly seconds: number;
  /** Mean loss of the last epoch of training. */
  readonly loss?: number | undefined;
  /** Scalar metrics of the last validation: loss, accuracy and so on. */
  readonly validation?: Readonly<Record<string, number>> | undefined;
}

/** How much training a network has had; stored in the model file. */
export interface TrainingSummary extends FitSummary {
  /** Examples that learn() has presented. */
  readonly learned: number;
}

/** The counts of an untrained network. */
export const UNTRAINED: FitSummary = { epochs: 0, examples: 0, seconds: 0 };

/** The parts of a network, shared by prediction, training and the model file; not part of the public API. */
export class NetworkCore {
  #options: ResolvedOptions;
  readonly engine: EngineNetwork;
  /** Queues the asynchronous calls of the engine, so that they run one at a time. */
  readonly turns = new Turns();
  readonly inputs: number;
  readonly outputs: number;
  /** Edges of all junctions together. Patterns that change during training keep their number of edges. */
  readonly edges: number;
  /** Names of the outputs, once they are known. */
  classes: readonly string[] | undefined;
  /** How the targets of a regression are scaled, once this is known. */
  targetScaling: TargetScaling | undefined;
  /**
   * How the columns of the training CSV file became numbers, so that files with the same columns can be read
   * the same way.
   */
  schema: CsvSchema | undefined;
  /** By path: the versions of the model files that this network was read from and saved to. */
  readonly fileVersions = new Map<string, string | undefined>();
  /** Inputs that the number format clipped, of the data that fit() was given last, or of examples of learn() after it. */
  clippedInputs: ClippedInputs | undefined;
  training: FitSummary = UNTRAINED;
  /** Calls of learn(). */
  learned = 0;
  /** The learning rate of learn(). */
  learningRate: number;
  #reader: InputReader;
  #coder: TableRowCoder | undefined;

  /** @throws SparseTrainError INVALID_OPTION, NETWORK_TOO_LARGE, NATIVE_UNAVAILABLE, ISA_UNAVAILABLE */
  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.inputs = options.layers[0] as number;
    this.outputs = options.layers.at(-1) as number;
    this.classes = options.classes;
    this.learningRate = options.learningRate;
    this.engine = new EngineNetwork(networkSpec(options));
    this.edges = this.engine.junctions().reduce((sum, junction) => sum + junction.edges, 0);
    this.#setBiases(options.initialBias);
    const { scaling } = options;
    this.#reader = new InputReader(this.inputs, undefined, undefined);
    if (typeof scaling === 'object') this.setScaling(scaling, undefined);
  }

  #setBiases(initial: number): void {
    if (initial === 0) return;
    const { arithmetic } = this.options;
    for (let j = 0; j < this.junctionCount; j++) {
      const biases = this.engine.biases(j);
      biases.fill(
        arithmetic.kind === 'wide' ? Math.round(initial * 2 ** (8 + arithmetic.weightFraction)) : initial,
      );
      this.engine.setBiases(j, biases, 'INTERNAL');
    }
  }

  /** The network's current state. */
  get options(): ResolvedOptions {
    return this.#options;
  }

  /** Records that a junction's edges have changed since its generator made them. */
  notePattern(junction: number): void {
    const edges = this.engine.pattern(junction);
    const patterns = this.#options.patterns.map((pattern, j) =>
      j === junction ? ({ kind: 'custom', ...edges } as const) : pattern,
    );
    this.#options = { ...this.#options, patterns };
  }

  /** How inputs are read. */
  get reader(): InputReader {
    return this.#reader;
  }

  /** Fixes how inputs are read, both here and in the engine. */
  setScaling(scaling: InputScaling | undefined, unit: InputUnit | undefined): void {
    const reader = new InputReader(this.inputs, scaling, unit);
    this.engine.setScaling(reader.engineScaling);
    this.#reader = reader;
  }

  /**
   * The inputs of an example: of a network that was trained on a table, a row with the names of its columns is coded.
   *
   * @throws SparseTrainError INVALID_DATA
   */
  inputOf(input: InputRow | TableRow): InputRow {
    if (this.schema === undefined || !isTableRow(input)) return input as InputRow;
    return this.#coderOf(this.schema).row(input);
  }

  /** {@link inputOf} for many examples. Either all of them have names or none. */
  inputsOf<T>(inputs: T | readonly TableRow[]): T | InputMatrix {
    if (this.schema === undefined || !Array.isArray(inputs) || !isTableRow(inputs[0])) return inputs as T;
    return this.#coderOf(this.schema).rows(inputs);
  }

  #coderOf(schema: CsvSchema): TableRowCoder {
    if (this.#coder?.isFor(schema) !== true) this.#coder = new TableRowCoder(schema);
    return this.#coder as TableRowCoder;
  }

  /** Whether the only output is the probability of "yes". */
  get isYesOrNo(): boolean {
    return this.outputs === 1 && this.options.output === 'sigmoid';
  }

  get junctionCount(): number {
    return this.options.layers.length - 1;
  }

  /** The training that the network has had. */
  get summary(): TrainingSummary {
    return { ...this.training, learned: this.learned };
  }

  /**
   * Frees the engine's memory.
   *
   * @throws SparseTrainError NETWORK_BUSY while an asynchronous call runs or waits
   */
  close(): void {
    if (!this.turns.isIdle)
      throw new SparseTrainError(
        'NETWORK_BUSY',
        'close() was called while fit(), evaluate() or predictBatch() is running; await that call first',
      );
    this.engine.close();
  }

  /** Applies the updates that are still in the pipeline. */
  drain(): void {
    this.engine.drain();
  }
}
