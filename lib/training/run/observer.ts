import type { CheckpointOutcome } from '../checkpoint/checkpointer.js';
import type { TrainingData } from '../checkpoint/identity.js';
import type { Metrics } from '../metrics.js';
import type { EpochRecord, TrainingRun } from '../records.js';
import type { SaturationCounter } from './saturation.js';
import type { Trainer, TrainerParts } from './trainer.js';

/** The parts of a run that observers use. */
export interface RunContext extends TrainerParts {
  readonly data: TrainingData;
  readonly saturation: SaturationCounter;
  readonly trainer: Trainer;
}

/** Follows a run. A run calls the hooks that an observer has; an error that a hook throws ends the run. */
export interface RunObserver {
  /** The run begins, before anything is trained. */
  begin?(): void;
  /** An engine call has ended, paused or done. The engine stands still until the hook returns. */
  callEnded?(isPaused: boolean): void;
  /** Training could be resumed here: an epoch, or a chunk of a stream, is next. */
  boundary?(): Promise<void>;
  /** Training was stopped before its end; the engine still holds its state. */
  interrupted?(): Promise<void>;
  /** The running epoch has been trained; its record comes later. */
  epochTrained?(): void;
  /** The epoch's record is complete, with its validation. */
  epochEnded?(record: EpochRecord, validation: Metrics | undefined): void | Promise<void>;
  /** A checkpoint was written, or could not be. */
  checkpointWritten?(outcome: CheckpointOutcome): void;
  /**
   * No more examples come.
   *
   * @returns new metrics of the validation, if the hook changed the network
   */
  trained?(): Promise<{ validation: Metrics | undefined } | undefined>;
  /** The run has ended as it should. */
  ended?(run: TrainingRun): void;
  /** The run ends with an error. */
  failed?(error: unknown): void;
  /** Releases timers and files, however the run ended. */
  close?(): void | Promise<void>;
}
