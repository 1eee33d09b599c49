import { SparseTrainError } from '../../../base/errors.js';
import { optionName, say } from '../../../base/wording.js';
import type { EngineNetwork } from '../../../engine/network.js';
import type { FitSummary } from '../../../network/core.js';
import type { RunContext, RunObserver } from '../observer.js';

/** Engine calls of a stream between two checks of all weights. */
const CALLS = 64;

/** A state in which all weights were finite, and what training it has had. */
interface Good {
  readonly engine: Uint8Array;
  readonly training: FitSummary;
  readonly examples: number;
}

/**
 * Ends a run with the float arithmetic when weights are no longer finite numbers, and brings the network back to the last
 * state in which they were: after an epoch, or of a stream after a number of chunks. Weights of integers cannot leave
 * their range.
 */
export class DivergenceObserver implements RunObserver {
  readonly #run: Pick<RunContext, 'core' | 'state' | 'data'>;
  #good: Good | undefined;
  #calls = 0;
  #hasDiverged = false;

  constructor(run: Pick<RunContext, 'core' | 'state' | 'data'>) {
    this.#run = run;
  }

  begin(): void {
    this.#keep();
  }

  /** Before a checkpoint can be taken of what the call left. */
  callEnded(isPaused: boolean): void {
    const { core, state, data } = this.#run;
    const isLook = data.train === undefined ? ++this.#calls % CALLS === 0 : isPaused;
    const allFinite = Number.isFinite(state.sums().lossSum) && (!isLook || areFinite(core.engine));
    if (!allFinite) this.#diverge();
    if (isLook && data.train === undefined) this.#keep();
  }

  epochTrained(): void {
    if (!areFinite(this.#run.core.engine)) this.#diverge();
  }

  /** Keeps what the epoch made of the network, and the summary that goes with it. */
  async epochEnded(): Promise<void> {
    await this.#run.core.turns.take(async () => this.#keep());
  }

  failed(): void {
    // Examples that have been undone do not count.
    if (this.#hasDiverged && this.#good !== undefined) this.#run.core.training = this.#good.training;
  }

  #keep(): void {
    const { core, state } = this.#run;
    const { examples, seconds } = state.sums();
    const { training } = core;
    // The sums of a stream that is still read are not in the summary yet.
    const counted = {
      ...training,
      examples: training.examples + examples,
      seconds: training.seconds + seconds,
    };
    this.#good = { engine: core.engine.exportState(), training: counted, examples: state.examples };
  }

  #diverge(): never {
    const { core, state } = this.#run;
    const { engine, examples } = this.#good as Good;
    core.engine.importState(engine);
    this.#hasDiverged = true;
    const after = examples === 0 ? 'as it was before the training' : `as it was after ${examples} examples`;
    throw new SparseTrainError('DIVERGED', {
      says: say`training diverged in epoch ${state.epochs.length + 1}: weights are no longer finite numbers; the network is again ${after}`,
      advice: say`lower ${optionName('learningRate')}, scale inputs and targets, or use ${optionName('arithmetic.kind', 'wide')}, whose weights stay in their range`,
    });
  }
}

/** Whether all weights and biases are finite. */
function areFinite(engine: EngineNetwork): boolean {
  return engine.junctions().every((_, j) => {
    for (const numbers of [engine.biases(j), engine.weights(j)])
      for (let i = 0; i < numbers.length; i++) if (!Number.isFinite(numbers[i])) return false;
    return true;
  });
}
