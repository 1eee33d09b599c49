import type { EngineInputs, TrainJob, TrainResult } from '../../engine/calls.js';
import type { NetworkCore } from '../../network/core.js';
import type { EpochSums } from '../checkpoint/checkpoint.js';
import type { FitPlan } from '../fit-options.js';
import type { Interruption } from './interruption.js';
import type { RunState } from './run-state.js';

/** A stretch of examples for one engine call; the plan adds the rest. */
export type Stretch = Omit<TrainJob<EngineInputs>, 'threads' | 'batchSize' | 'augment' | 'first'>;

/** The parts of a run that engine calls need. */
export interface TrainerParts {
  readonly core: NetworkCore;
  readonly plan: FitPlan;
  readonly state: RunState;
  readonly interruption: Interruption;
}

/** Makes a run's engine calls, one at a time, each when it is its turn, and adds up what they did. */
export class Trainer {
  readonly #parts: TrainerParts;
  readonly #callEnded: (isPaused: boolean) => void;
  /** When the running call began, in seconds of the run; undefined between calls. */
  #callBegun: number | undefined;

  /** @param callEnded - called after each engine call, while the network is still ours: paused, or done */
  constructor(parts: TrainerParts, callEnded: (isPaused: boolean) => void) {
    this.#parts = parts;
    this.#callEnded = callEnded;
  }

  /**
   * Trains on a stretch of examples. A call that {@link pause} interrupts is continued at once. If training is stopped, a
   * run with checkpoints leaves the engine as it stands, so that its state can be saved; other runs leave it empty.
   *
   * @throws SparseTrainError INVALID_DATA
   */
  train(stretch: Stretch): Promise<void> {
    const { core, plan, state, interruption } = this.#parts;
    const { threads, batchSize, augment } = plan;
    return core.turns.take(async () => {
      let first = state.beginCall();
      for (let paused = true; paused && !interruption.stopped; ) {
        const result = await this.#call({ ...stretch, first, threads, batchSize, augment });
        state.addCall(result, first);
        ({ paused, examples: first } = result);
        this.#callEnded(paused);
      }
    });
  }

  async #call(job: TrainJob<EngineInputs>): Promise<TrainResult> {
    const { core, plan, state, interruption } = this.#parts;
    const { engine } = core;
    const stop = () => (plan.checkpoint === undefined ? engine.abort() : engine.pause());
    this.#callBegun = state.elapsed;
    try {
      return await interruption.run(() => engine.train(job), stop);
    } finally {
      this.#callBegun = undefined;
    }
  }

  /** Moves edges; the time counts as training. */
  rewire(rule: { share: number; byGradient: boolean }): Promise<void> {
    const { core, state, interruption } = this.#parts;
    return core.turns.take(async () => {
      if (interruption.stopped) return;
      const begun = performance.now();
      const counts = await core.engine.rewire(rule);
      for (const [j, count] of counts.entries()) if (count > 0) core.notePattern(j);
      state.addMoves(counts, (performance.now() - begun) / 1000);
    });
  }

  /** Pauses the running call, if there is one, between two examples. */
  pause(): void {
    if (this.#callBegun !== undefined) this.#parts.core.engine.pause();
  }

  /** Sums of the running epoch, the running call included. */
  sums(): EpochSums {
    const { core, state } = this.#parts;
    if (this.#callBegun === undefined) return state.sums();
    return state.sums({ ...core.engine.progress(), seconds: state.elapsed - this.#callBegun });
  }
}
