import type { Checkpoint, Position, TrainingIdentity, WatchState } from '../../checkpoint/checkpoint.js';
import { Checkpointer, type CheckpointOutcome } from '../../checkpoint/checkpointer.js';
import { identityOf } from '../../checkpoint/identity.js';
import type { CheckpointRule } from '../../checkpoint/options.js';
import type { CheckpointSummary } from '../../records.js';
import type { RunContext, RunObserver } from '../observer.js';

/** Takes checkpoints: where the rule asks for one, and where training is stopped. */
export class CheckpointObserver implements RunObserver {
  readonly #run: RunContext;
  readonly #isStream: boolean;
  readonly #watchState: () => WatchState | undefined;
  readonly #checkpointer: Checkpointer;
  #identity: TrainingIdentity | undefined;
  /** The position to resume from, taken where training last stood still; undefined once it has been saved. */
  #position: Position | undefined;

  /**
   * @param resumedAt - examples presented before the run was resumed; undefined for a new run
   * @param watchState - what early stopping remembers
   * @param onWritten - called when a checkpoint was written, or could not be
   */
  constructor(
    run: RunContext,
    rule: CheckpointRule,
    resumedAt: number | undefined,
    watchState: () => WatchState | undefined,
    onWritten: (outcome: CheckpointOutcome) => void,
  ) {
    this.#run = run;
    this.#isStream = run.data.train === undefined;
    this.#watchState = watchState;
    this.#checkpointer = new Checkpointer(rule, resumedAt, () => run.trainer.pause(), onWritten);
  }

  get summary(): CheckpointSummary {
    return this.#checkpointer.summary;
  }

  callEnded(isPaused: boolean): void {
    this.#notePosition();
    if (isPaused && !this.#run.interruption.stopped && this.#checkpointer.isDue) this.#save();
  }

  async boundary(): Promise<void> {
    const { core, state } = this.#run;
    this.#notePosition();
    const checkpointer = this.#checkpointer;
    const isDue = this.#isStream ? checkpointer.isDue : checkpointer.isDueAfter(state.epochs.length);
    if (!isDue || state.examples === 0) return;
    await core.turns.take(async () => this.#save());
  }

  /** Begins to save ({@link trained} and {@link close} wait for the file), and empties the pipeline for other calls. */
  async interrupted(): Promise<void> {
    const { core } = this.#run;
    await core.turns.take(async () => {
      if (this.#position !== undefined && this.#position.examples > 0) this.#save();
      core.drain();
    });
  }

  async trained(): Promise<undefined> {
    await this.#checkpointer.settle();
  }

  async close(): Promise<void> {
    await this.#checkpointer.settle();
    this.#checkpointer.close();
  }

  #notePosition(): void {
    const { core, state, saturation } = this.#run;
    const { training } = core;
    this.#position = { ...state.position(this.#isStream), clipped: saturation.before, training };
  }

  /** Copies the state and begins to write it. Nothing else may use the network meanwhile. */
  #save(): void {
    const { core, plan, data } = this.#run;
    const position = this.#position as Position;
    this.#position = undefined;
    this.#identity ??= identityOf(core, plan, data);
    const { reader, targetScaling, classes, engine } = core;
    const { scaling, unit } = reader;
    const checkpoint: Checkpoint = {
      identity: this.#identity,
      position,
      adopted: { scaling, unit, targetScaling, classes },
      watch: this.#watchState(),
      engine: engine.exportState(),
    };
    this.#checkpointer.write(checkpoint);
  }
}
