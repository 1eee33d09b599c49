import type { EpochRecord, TrainingProgress } from '../../training/records.js';

/** A stretch of training, measured over its own examples alone. */
export interface LivePoint {
  /** Where it ends: epochs that were done then, 1.5 in the middle of the second; of a stream, examples. */
  at: number;
  examples: number;
  loss: number | undefined;
  accuracy: number | undefined;
  samplesPerSecond: number;
}

/** All that a viewer has to know. */
export interface LiveState {
  points: readonly LivePoint[];
  epochs: readonly EpochRecord[];
  progress: TrainingProgress | undefined;
  /** How the run ended; undefined while it goes on. */
  ended: string | undefined;
}

/** What viewers are told: a state in place of all they know, or what is new. */
export type LiveEvent =
  | { type: 'state'; data: LiveState }
  | { type: 'progress'; data: { progress: TrainingProgress; point: LivePoint | undefined } }
  | { type: 'epoch'; data: EpochRecord }
  | { type: 'end'; data: { ended: string } };

/** Points kept; beyond that, neighbours are joined, so that a run of days takes no more than one of minutes. */
const MOST_POINTS = 2000;

/** A run as it goes on, with its history for whoever comes late. */
export class LiveRun {
  readonly #listeners = new Set<(event: LiveEvent) => void>();
  readonly #epochs: EpochRecord[] = [];
  #points: LivePoint[] = [];
  #progress: TrainingProgress | undefined;
  #ended: string | undefined;
  /** Where the last point ended. */
  #last: { epoch: number; examples: number; lossSum: number; correct: number; seconds: number } | undefined;
  /** The least examples of a point: doubles whenever points are joined. */
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

  /** Calls back with everything new; returns a function that ends it. */
  listen(listener: (event: LiveEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** To be called with what fit() reports. */
  onProgress(progress: TrainingProgress): void {
    this.#progress = progress;
    const point = this.#pointOf(progress);
    if (point !== undefined) this.#points.push(point);
    this.#tell({ type: 'progress', data: { progress, point } });
    if (this.#points.length > MOST_POINTS) this.#join();
  }

  /** To be called after every epoch. */
  onEpoch(record: EpochRecord): void {
    this.#epochs.push(record);
    this.#tell({ type: 'epoch', data: record });
  }

  /** To be called once, when the run is over. */
  end(how: string): void {
    this.#ended = how;
    this.#tell({ type: 'end', data: { ended: how } });
  }

  /** The examples since the last point; undefined while there are too few. */
  #pointOf(progress: TrainingProgress): LivePoint | undefined {
    const { epoch, examples, examplesPerEpoch, loss, accuracy, seconds } = progress;
    const before =
      this.#last?.epoch === epoch
        ? this.#last
        : { epoch, examples: 0, lossSum: 0, correct: 0, seconds: this.#last?.seconds ?? 0 };
    const fresh = examples - before.examples;
    if (fresh < this.#least || loss === undefined) return undefined;
    const lossSum = loss * examples;
    const correct = (accuracy ?? 0) * examples;
    this.#last = { epoch, examples, lossSum, correct, seconds };
    const passed = seconds - before.seconds;
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

/** Two neighbours as one, each counting by its examples. */
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
