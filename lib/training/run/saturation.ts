import type { EngineNetwork } from '../../engine/network.js';
import type { Saturation } from '../records.js';

/** Counts, epoch by epoch, how often numbers met the limits of their formats. The engine counts since it was made. */
export class SaturationCounter {
  readonly #engine: EngineNetwork;
  readonly #inBatches: boolean;
  #before: Saturation | undefined;

  /**
   * @param inBatches - whether to count the steps of mini-batches as well
   * @param resumed - the counts at the beginning of the epoch that a resumed run continues
   */
  constructor(engine: EngineNetwork, inBatches: boolean, resumed: Saturation | undefined) {
    this.#engine = engine;
    this.#inBatches = inBatches;
    this.#before = resumed;
  }

  /** Begins the run's first epoch; no engine call may be running. */
  begin(): void {
    this.#before ??= this.#counts();
  }

  /** The engine's counts at the beginning of the running epoch. */
  get before(): Saturation {
    return this.#before as Saturation;
  }

  /** Returns the counts of the running epoch, and begins the next; no engine call may be running. */
  endEpoch(): Saturation {
    const { before } = this;
    const now = this.#counts();
    this.#before = now;
    const since = (counts: number[], earlier: number[] = []) =>
      counts.map((count, j) => count - (earlier[j] ?? 0));
    return {
      weightsAtLimit: now.weightsAtLimit,
      activationsClipped: since(now.activationsClipped, before.activationsClipped),
      deltasClipped: since(now.deltasClipped, before.deltasClipped),
      ...(now.batchSteps && { batchSteps: since(now.batchSteps, before.batchSteps) }),
      ...(now.stepsRoundedToZero && {
        stepsRoundedToZero: since(now.stepsRoundedToZero, before.stepsRoundedToZero),
      }),
    };
  }

  #counts(): Saturation {
    const telemetry = this.#engine.telemetry();
    return {
      weightsAtLimit: Array.from(telemetry.weightsAtLimit),
      activationsClipped: Array.from(telemetry.activationsClipped),
      deltasClipped: Array.from(telemetry.deltasClipped),
      ...(this.#inBatches &&
        telemetry.batchSteps.length > 0 && {
          batchSteps: Array.from(telemetry.batchSteps),
          stepsRoundedToZero: Array.from(telemetry.stepsRoundedToZero),
        }),
    };
  }
}
