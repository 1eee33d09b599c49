import type { InputScaling, TargetScaling } from '../../data/scaling.js';
import type { BiasArray, WeightArray } from '../../engine/arrays.js';
import type { FitSummary } from '../../network/core.js';
import type { InputUnit } from '../../network/inputs.js';
import type { BestEpoch, EpochRecord, Saturation } from '../records.js';

/** Sums over the engine calls of one epoch. */
export interface EpochSums {
  examples: number;
  outputs: number;
  lossSum: number;
  correct: number;
  seconds: number;
  /** Edges that moved, per junction. */
  moved: number[] | undefined;
}

/** The position of a run: everything that is counted, as plain data that JSON can hold. */
export interface Position {
  /** The run's id in its log. */
  readonly run: string;
  /** Complete epochs. */
  readonly epochs: readonly EpochRecord[];
  /** Examples that the paused engine call has presented; the next call continues it, and the engine holds its sums. */
  readonly first: number;
  /** Examples presented in all of the run. */
  readonly examples: number;
  /** Seconds inside the training loop in all of the run. */
  readonly trainSeconds: number;
  /** Sums over the running epoch's engine calls, except the paused one. */
  readonly sums: EpochSums;
  /** The engine's counts at the beginning of the running epoch. */
  readonly clipped: Saturation;
  /** The network's training summary at the beginning of the running epoch. */
  readonly training: FitSummary;
}

/** Options and data of a training, as plain data. A checkpoint resumes only a training with an equal identity. */
export interface TrainingIdentity {
  /** Options of the network, by name. */
  readonly network: Readonly<Record<string, unknown>>;
  /** Options of fit() by name, without those that do not change what is learned. */
  readonly fit: Readonly<Record<string, unknown>>;
  /** Kind, size and a digest of the data. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** What a network has taken from its data besides weights. */
export interface Adopted {
  readonly scaling: InputScaling | undefined;
  readonly unit: InputUnit | undefined;
  readonly targetScaling: TargetScaling | undefined;
  readonly classes: readonly string[] | undefined;
}

/** The state of early stopping. */
export interface WatchState {
  readonly best: BestEpoch | undefined;
  readonly latest: number;
  /** The network's training summary after the best epoch. */
  readonly training: FitSummary | undefined;
  /** Weights and biases of the best epoch by junction; empty unless early stopping restores them. */
  readonly parameters: readonly { weights: WeightArray; biases: BiasArray }[];
}

/** Everything that a training needs to resume as if it had never stopped. */
export interface Checkpoint {
  readonly identity: TrainingIdentity;
  readonly position: Position;
  readonly adopted: Adopted;
  readonly watch: WatchState | undefined;
  /** The state of the engine. */
  readonly engine: Uint8Array;
}

/** The facts that a checkpoint gives without its network. */
export interface CheckpointFacts {
  /** The run's id in its log. */
  readonly run: string;
  /** Complete epochs. */
  readonly epochs: number;
  /** Examples presented. A stream resumes with the example of this number, counted from 0. */
  readonly examples: number;
  /** When it was written, as ISO 8601. */
  readonly date: string;
}
