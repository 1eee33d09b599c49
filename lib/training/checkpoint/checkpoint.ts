import type { InputScaling, TargetScaling } from '../../data/scaling.js';
import type { BiasArray, WeightArray } from '../../engine/arrays.js';
import type { FitSummary } from '../../network/core.js';
import type { InputUnit } from '../../network/inputs.js';
import type { BestEpoch, EpochRecord, Saturation } from '../records.js';

/** Sums over calls of the engine in one epoch. */
export interface EpochSums {
  examples: number;
  outputs: number;
  lossSum: number;
  correct: number;
  seconds: number;
  /** Edges that moved, per junction. */
  moved: number[] | undefined;
}

/** How far a run was. Plain data, fit for JSON. */
export interface Position {
  /** The run's id in its log. */
  readonly run: string;
  /** Complete epochs. */
  readonly epochs: readonly EpochRecord[];
  /** Examples presented in the running epoch by the call that is to be continued; the engine holds its sums. */
  readonly first: number;
  /** Examples presented in all of the run. */
  readonly examples: number;
  /** Seconds inside the training loop in all of the run. */
  readonly trainSeconds: number;
  /** Of the calls of the engine in the running epoch that are done with. */
  readonly sums: EpochSums;
  /** Counts at the beginning of the running epoch. */
  readonly clipped: Saturation;
  /** Of the network, at the beginning of the running epoch. */
  readonly training: FitSummary;
}

/** What makes two trainings the same one. Each value is plain data. */
export interface TrainingIdentity {
  /** Options of the network, by name. */
  readonly network: Readonly<Record<string, unknown>>;
  /** Options of fit(), by name, but those that do not change what is learned. */
  readonly fit: Readonly<Record<string, unknown>>;
  /** Kind, size and a digest of the data. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** What a network has learned of its data besides weights. */
export interface Adopted {
  readonly scaling: InputScaling | undefined;
  readonly unit: InputUnit | undefined;
  readonly targetScaling: TargetScaling | undefined;
  readonly classes: readonly string[] | undefined;
}

/** What early stopping remembers. */
export interface WatchState {
  readonly best: BestEpoch | undefined;
  readonly latest: number;
  /** Of the network after the best epoch. */
  readonly training: FitSummary | undefined;
  /** Weights and biases of the best epoch by junction; none unless they are to be restored. */
  readonly parameters: readonly { weights: WeightArray; biases: BiasArray }[];
}

/** Everything that a training needs to go on as if it had never stopped. */
export interface Checkpoint {
  readonly identity: TrainingIdentity;
  readonly position: Position;
  readonly adopted: Adopted;
  readonly watch: WatchState | undefined;
  /** The state of the engine. */
  readonly engine: Uint8Array;
}

/** What a checkpoint tells without the network that it is of. */
export interface CheckpointFacts {
  /** The run's id in its log. */
  readonly run: string;
  /** Complete epochs. */
  readonly epochs: number;
  /** Examples presented: a stream is to go on with the example of this number, counted from 0. */
  readonly examples: number;
  /** When it was written, as ISO 8601. */
  readonly date: string;
}
