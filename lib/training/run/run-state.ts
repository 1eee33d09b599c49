import { randomUUID } from 'node:crypto';
import type { TrainResult } from '../../engine/calls.js';
import type { EpochSums, Position } from '../checkpoint/checkpoint.js';
import type { EpochRecord } from '../records.js';

/** The sums of an epoch in which nothing has been presented yet. */
const NOTHING: EpochSums = {
  examples: 0,
  outputs: 0,
  lossSum: 0,
  correct: 0,
  seconds: 0,
  moved: undefined,
};

/** Counts and sums of a run: plain numbers, without the engine. */
export class RunState {
  /** A UUID. A resumed run has the id of the run that was interrupted. */
  readonly id: string;
  readonly #begun = performance.now();
  readonly #epochs: EpochRecord[];
  /** Sums over the running epoch's engine calls, the latest one excepted. */
  #earlier: EpochSums;
  /** Sums of the running epoch's latest engine call. */
  #latest: EpochSums;
  #examples: number;
  #trainSeconds: number;
  /** Examples that the paused engine call has presented, which the next call continues; 0: none is paused. */
  #paused: number;

  /** @param resumed - the position of the checkpoint that the run continues */
  constructor(resumed: Position | undefined) {
    this.id = resumed?.run ?? randomUUID();
    this.#epochs = [...(resumed?.epochs ?? [])];
    this.#examples = resumed?.examples ?? 0;
    this.#trainSeconds = resumed?.trainSeconds ?? 0;
    this.#paused = resumed?.first ?? 0;
    const { seconds, ...sums } = resumed?.sums ?? NOTHING;
    this.#earlier = { ...sums, seconds: 0 };
    this.#latest = { ...NOTHING, examples: this.#paused, seconds };
  }

  /** Records of the epochs that have ended, aborted ones included. */
  get epochs(): readonly EpochRecord[] {
    return this.#epochs;
  }

  /** Examples presented in all of the run. */
  get examples(): number {
    return this.#examples;
  }

  /** Seconds inside the training loop in all of the run. */
  get trainSeconds(): number {
    return this.#trainSeconds;
  }

  /** Seconds since fit() was called. */
  get elapsed(): number {
    return (performance.now() - this.#begun) / 1000;
  }

  /** Before an engine call: at which of its examples it begins, which is above 0 only if it continues a paused call. */
  beginCall(): number {
    const first = this.#paused;
    this.#paused = 0;
    if (first === 0) this.#foldLatest();
    return first;
  }

  /**
   * After an engine call.
   *
   * @param first - at which of its examples it began
   */
  addCall({ examples, outputs, lossSum, correct, seconds }: TrainResult, first: number): void {
    // The sums that the engine returns include what it did before a pause; the seconds do not.
    this.#examples += examples - first;
    this.#trainSeconds += seconds;
    const callSeconds = this.#latest.seconds + seconds;
    this.#latest = { ...NOTHING, examples, outputs, lossSum, correct, seconds: callSeconds };
  }

  /** After edges have moved: how many in each junction. The time counts as training. */
  addMoves(counts: ArrayLike<number>, seconds: number): void {
    const { moved } = this.#earlier;
    this.#earlier = {
      ...this.#earlier,
      seconds: this.#earlier.seconds + seconds,
      moved: Array.from(counts, (count, j) => count + (moved?.[j] ?? 0)),
    };
    this.#trainSeconds += seconds;
  }

  /**
   * Sums of the running epoch.
   *
   * @param running - what the running engine call has done so far, and for how many seconds it has run
   */
  sums(running?: Pick<EpochSums, 'examples' | 'outputs' | 'lossSum' | 'correct' | 'seconds'>): EpochSums {
    if (running === undefined) return addSums(this.#earlier, this.#latest);
    const { examples, outputs, lossSum, correct, seconds } = running;
    const callSeconds = this.#latest.seconds + seconds;
    return addSums(this.#earlier, { ...NOTHING, examples, outputs, lossSum, correct, seconds: callSeconds });
  }

  /** Ends the running epoch and begins the next. */
  endEpoch(record: EpochRecord): void {
    this.#epochs.push(record);
    this.#foldLatest();
    this.#earlier = NOTHING;
  }

  #foldLatest(): void {
    this.#earlier = addSums(this.#earlier, this.#latest);
    this.#latest = NOTHING;
  }

  /**
   * The position to resume from.
   *
   * @param isStream - whether what follows is another engine call instead of the rest of the latest one
   */
  position(isStream: boolean): Omit<Position, 'clipped' | 'training'> {
    return {
      run: this.id,
      epochs: [...this.#epochs],
      first: isStream ? 0 : this.#latest.examples,
      examples: this.#examples,
      trainSeconds: this.#trainSeconds,
      sums: isStream ? this.sums() : { ...this.#earlier, seconds: this.#latest.seconds },
    };
  }
}

function addSums(a: EpochSums, b: EpochSums): EpochSums {
  return {
    examples: a.examples + b.examples,
    outputs: a.outputs + b.outputs,
    lossSum: a.lossSum + b.lossSum,
    correct: a.correct + b.correct,
    seconds: a.seconds + b.seconds,
    moved: a.moved ?? b.moved,
  };
}

/** The means that sums stand for; undefined before the first output, and accuracy also without softmax. */
export function meansOf(
  { outputs, lossSum, correct }: EpochSums,
  isSoftmax: boolean,
): { loss: number | undefined; accuracy: number | undefined } {
  return {
    loss: outputs === 0 ? undefined : lossSum / outputs,
    accuracy: outputs === 0 || !isSoftmax ? undefined : correct / outputs,
  };
}

/** Examples per second; 0 if no time has passed. */
export function speedOf({ examples, seconds }: { examples: number; seconds: number }): number {
  return seconds > 0 ? examples / seconds : 0;
}
