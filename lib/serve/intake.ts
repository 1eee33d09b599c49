import { SparseTrainError } from '../base/errors.js';

/** The most lessons, and about how many bytes of them, that are written at once. */
const BATCH_LESSONS = 4096;
const BATCH_BYTES = 4 * 2 ** 20;
/** The most bytes of lessons that wait to be learned. */
const MOST_PENDING_BYTES = 64 * 2 ** 20;

/** Lessons of one call, as JSON, that wait to be written and learned. */
export interface Waiting<T> {
  readonly texts: readonly string[];
  readonly bytes: number;
  /** Where the last of them came from, if the journal stores that. */
  readonly origin: string | undefined;
  readonly resolve: (outcomes: T[]) => void;
  readonly reject: (error: unknown) => void;
}

/** The lessons that have been accepted and not yet learned. */
export class Intake<T> {
  readonly #most: number;
  readonly #waiting: Waiting<T>[] = [];
  #lessons = 0;
  #bytes = 0;

  /** @param most - how many lessons may wait */
  constructor(most: number) {
    this.#most = most;
  }

  /** Lessons that wait to be written or learned. */
  get lessons(): number {
    return this.#lessons;
  }

  /**
   * Refuses lessons for which there is no room. Those that exceed the limit by themselves are accepted when nothing else
   * waits.
   *
   * @throws SparseTrainError OVERLOADED
   */
  requireRoom(texts: readonly string[]): void {
    const isFull =
      this.#lessons + texts.length > this.#most || this.#bytes + lengthOf(texts) > MOST_PENDING_BYTES;
    if (this.#lessons === 0 || !isFull) return;
    throw new SparseTrainError('OVERLOADED', {
      says: `${this.#lessons} rows wait to be learned`,
      advice: 'try again in a second',
    });
  }

  /** Adds the lessons of one call; settles with their outcomes. */
  add(texts: readonly string[], origin?: string): Promise<T[]> {
    const bytes = lengthOf(texts);
    this.#lessons += texts.length;
    this.#bytes += bytes;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ texts, bytes, origin, resolve, reject });
    });
  }

  /** Takes the calls whose lessons are written next; an empty list if none wait. */
  take(): Waiting<T>[] {
    let lessons = 0;
    let bytes = 0;
    let count = 0;
    for (const waiting of this.#waiting) {
      lessons += waiting.texts.length;
      bytes += waiting.bytes;
      if (count > 0 && (lessons > BATCH_LESSONS || bytes > BATCH_BYTES)) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  /** Reports that the lessons of a call that was taken have been learned. */
  resolve(waiting: Waiting<T>, outcomes: T[]): void {
    this.#leave(waiting);
    waiting.resolve(outcomes);
  }

  /** Reports that the lessons of a call that was taken cannot be written. */
  reject(waiting: Waiting<T>, error: unknown): void {
    this.#leave(waiting);
    waiting.reject(error);
  }

  #leave({ texts, bytes }: Waiting<T>): void {
    this.#lessons -= texts.length;
    this.#bytes -= bytes;
  }
}

function lengthOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}
