import type { Metrics } from './metrics.js';

/** One epoch of a run: one pass over the data, or a whole stream. */
export interface EpochRecord {
  /** Counted from 1 within the run. */
  epoch: number;
  /** Examples presented in it; if it was aborted, not all of them. */
  examples: number;
  /** Whether all examples were presented. */
  complete: boolean;
  /** Rate of the epoch's first example. */
  learningRate: number;
  /** Mean loss of the examples, each measured before its own update; undefined if there were none. */
  loss: number | undefined;
  /** The share of them that were classified correctly (softmax only). */
  accuracy: number | undefined;
  /** Seconds inside the training loop. */
  seconds: number;
  samplesPerSecond: number;
  /** Scalar metrics of the validation after the epoch: loss, accuracy and so on. */
  validation: Record<string, number> | undefined;
  saturation: Saturation;
  /** With a dynamic pattern: edges that moved in or after the epoch, one count per junction. */
  moved?: number[] | undefined;
}

/** How often numbers reached the limits of their formats; one count per junction. */
export interface Saturation {
  /** Weights at a limit after the epoch. */
  weightsAtLimit: number[];
  /** Activations of the junction's right layer that were clipped during the epoch. */
  activationsClipped: number[];
  /** Deltas of the junction's right layer that were clipped during the epoch. */
  deltasClipped: number[];
  /** With mini-batches of an integer arithmetic: updates of weights during the epoch whose gradient was not zero ... */
  batchSteps?: number[];
  /** ... and those of them that rounded to zero: the weight stayed where it was. */
  stepsRoundedToZero?: number[];
}

/** The best epoch of a run. */
export interface BestEpoch {
  /** Counted from 1. */
  epoch: number;
  metric: 'loss' | 'accuracy';
  value: number;
}

/** The checkpoints of a run. */
export interface CheckpointSummary {
  file: string;
  written: number;
  /** The number that could not be written. */
  failed: number;
  /** Why the last failure occurred. */
  error: string | undefined;
  /** Examples that had been presented when the run was resumed. */
  resumedAt: number | undefined;
}

/** Why a run ended: it was complete, its signal stopped it, or early stopping did. */
export type StopReason = 'finished' | 'aborted' | 'early';

/** The result of fit(). */
export interface TrainingRun {
  /** A UUID, the same as in the run log. */
  id: string;
  epochs: EpochRecord[];
  stopped: StopReason;
  /** Examples presented. */
  examples: number;
  /** Seconds inside the training loop: training alone. */
  trainSeconds: number;
  /** Seconds from beginning to end, validation and callbacks included. */
  seconds: number;
  /** Examples per second of `trainSeconds`. */
  samplesPerSecond: number;
  /** All metrics of the final network on the validation examples. */
  validation: Metrics | undefined;
  /** With early stopping: the best epoch. */
  best: BestEpoch | undefined;
  /** With calibration: the temperature that was applied, which the number format may have raised. */
  temperature: number | undefined;
  /** Examples per update. */
  batchSize: number;
  threads: number;
  seed: number;
  kernelSet: string;
  /** Set if the run has checkpoints. */
  checkpoint: CheckpointSummary | undefined;
}

/** The progress of fit(). */
export interface TrainingProgress {
  /** The current epoch, counted from 1. */
  epoch: number;
  /** Epochs in all. */
  epochs: number;
  /** Examples presented in this epoch. */
  examples: number;
  /** Examples in an epoch; undefined for a stream. */
  examplesPerEpoch: number | undefined;
  /** The share of all training that is done, 0 to 1; undefined for a stream. */
  fraction: number | undefined;
  /** Mean loss of this epoch's examples so far; undefined before the first output. */
  loss: number | undefined;
  /** The share of them that were classified correctly (softmax only). */
  accuracy: number | undefined;
  /** The speed of this epoch so far. */
  samplesPerSecond: number;
  /** Seconds since fit() began. */
  seconds: number;
}
