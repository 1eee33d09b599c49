import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

/** The times of calls in nanoseconds, including the time that reading the clock takes. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** Collects the times of calls in constant memory, for the current interval and for the whole run. */
export class LatencyRecorder {
  readonly #interval: RecordableHistogram = createHistogram({ figures: 3 });
  readonly #all: RecordableHistogram = createHistogram({ figures: 3 });

  /** @param milliseconds - the difference of two readings of performance.now() */
  record(milliseconds: number): void {
    this.#interval.record(Math.max(1, Math.round(1e6 * milliseconds)));
  }

  /** The times since the previous call of this function; undefined if there were none. */
  takeInterval(): Latency | undefined {
    if (this.#interval.count === 0) return undefined;
    const latency = latencyOf(this.#interval);
    this.#all.add(this.#interval);
    this.#interval.reset();
    return latency;
  }

  /** The times of all calls up to the last {@link takeInterval}; undefined if there were none. */
  get all(): Latency | undefined {
    return this.#all.count === 0 ? undefined : latencyOf(this.#all);
  }
}

function latencyOf(histogram: RecordableHistogram): Latency {
  return {
    p50: histogram.percentile(50),
    p99: histogram.percentile(99),
    p999: histogram.percentile(99.9),
    max: histogram.max,
  };
}
