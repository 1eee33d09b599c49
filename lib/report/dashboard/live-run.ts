import type { EpochRecord, TrainingProgress } from '../../training/records.js';

/** A part of an epoch, measured over its own examples only. */
export interface LivePoint {
  /** Where it ends, in epochs: 1.5 is the middle of the second one. For a stream, in examples. */
  at: number;
  examples: number;
  loss: number | undefined;
  accuracy: number | undefined;
  samplesPerSecond: number;
}

/** The whole state of a run, for a new viewer. */
export interface LiveState {
  points: readonly LivePoint[];
  epochs: readonly EpochRecord[];
  progress: TrainingProgress | undefined;
  /** How the run ended; undefined while it continues. */
  ended: string | undefined;
}

/** A message to viewers: a whole new state, or an update. */
export type LiveEvent =
  | { type: 'state'; data: LiveState }
  | { type: 'progress'; data: { progress: TrainingProgress; point: LivePoint | undefined } }
  | { type: 'epoch'; data: EpochRecord }
  | { type: 'end'; data: { ended: string } };

/**
 * The most points that are kept. If there are more, neighbours are merged, so that a run of days needs no more memory.
 */
const MOST_POINTS = 2000;

/** A run in progress, with its history for viewers who join late. */
export class LiveRun {
  readonly #listeners = new Set<(event: LiveEvent) => void>();
  readonly #epochs: EpochRecord[] = [];
  #points: LivePoint[] = [];
  #progress: TrainingProgress | undefined;
  #ended: string | undefined;
  /** The end of the last point. */
  #last: { epoch: number; examples: number; lossSum: number; correct: number; seconds: number } | undefined;
  /** The fewest examples in a point; doubled whenever points are merged. */
  #least = 1;

  get state(): LiveState {
    const { points, epochs, progress, ended } = {
      points: this.#points,
      epochs: this.#epochs,
      progress: this.#progress,
      ended: this.#ended,
    };
    return { points, epochs, progress, ended };
  }

  /** Calls a function with every update, until the returned function is called. */
  listen(listener: (event: LiveEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes fit()'s progress report. */
  onProgress(progress: TrainingProgress): void {
    this.#progress = progress;
    const point = this.#pointOf(progress);
    if (point !== undefined) this.#points.push(point);
    this.#tell({ type: 'progress', data: { progress, point } });
    if (this.#points.length > MOST_POINTS) this.#join();
  }

  /** Takes the report of an epoch. */
  onEpoch(record: EpochRecord): void {
    this.#epochs.push(record);
    this.#tell({ type: 'epoch', data: record });
  }

  /** Takes the end of the run; called once. */
  end(how: string): void {
    this.#ended = how;
    this.#tell({ type: 'end', data: { ended: how } });
  }

  /** A point over the examples since the last one; undefined while there are too few. */
  #pointOf(progress: TrainingProgress): LivePoint | undefined {
    const { epoch, examples, examplesPerEpoch, loss, accuracy, seconds } = progress;
    const isFirst = this.#last?.epoch !== epoch;
    const before =
      this.#last === undefined || isFirst
        ? { epoch, examples: 0, lossSum: 0, correct: 0, seconds: 0 }
        : this.#last;
    const fresh = examples - before.examples;
    // A mean over a few examples would be a spike.
    const enough = Math.max(this.#least, (this.#points.at(-1)?.examples ?? 0) / 4);
    if (fresh < enough || loss === undefined) return undefined;
    const lossSum = loss * examples;
    const correct = (accuracy ?? 0) * examples;
    this.#last = { epoch, examples, lossSum, correct, seconds };
    // Between epochs a run measures its network, which takes time, but is not training.
    const passed = isFirst ? examples / progress.samplesPerSecond : seconds - before.seconds;
    return {
      at: examplesPerEpoch === undefined ? examples : epoch - 1 + examples / examplesPerEpoch,
      examples: fresh,
      loss: Math.max(0, lossSum - before.lossSum) / fresh,
      accuracy:
        accuracy === undefined ? undefined : Math.min(1, Math.max(0, (correct - before.correct) / fresh)),
      samplesPerSecond: passed > 0 ? fresh / passed : progress.samplesPerSecond,
    };
  }

  #join(): void {
    const joined: LivePoint[] = [];
    for (let i = 0; i < this.#points.length; i += 2) {
      const first = this.#points[i] as LivePoint;
      const second = this.#points[i + 1];
      joined.push(second === undefined ? first : joinedPoint(first, second));
    }
    this.#points = joined;
    const examples = joined.reduce((sum, point) => sum + point.examples, 0);
    this.#least = Math.max(2 * this.#least, Math.floor(examples / joined.length));
    this.#tell({ type: 'state', data: this.state });
  }

  #tell(event: LiveEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

/** Merges two neighbours, weighted by their examples. */
function joinedPoint(first: LivePoint, second: LivePoint): LivePoint {
  const examples = first.examples + second.examples;
  const mean = (a: number | undefined, b: number | undefined) =>
    a === undefined || b === undefined ? undefined : (a * first.examples + b * second.examples) / examples;
  const seconds = first.examples / first.samplesPerSecond + second.examples / second.samplesPerSecond;
  return {
    at: second.at,
    examples,
    loss: mean(first.loss, second.loss),
    accuracy: mean(first.accuracy, second.accuracy),
    samplesPerSecond: examples / seconds,
  };
}
