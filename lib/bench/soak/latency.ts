import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

/** How long calls took, in nanoseconds, reading the clock included. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** Collects the times of calls in constant memory: of the running interval, and of all. */
export class LatencyRecorder {
  readonly #interval: RecordableHistogram = createHistogram({ figures: 3 });
  readonly #all: RecordableHistogram = createHistogram({ figures: 3 });

  /** @param milliseconds - between two readings of performance.now() */
  record(milliseconds: number): void {
    this.#interval.record(Math.max(1, Math.round(1e6 * milliseconds)));
  }

  /** Of the calls since this was last asked for; undefined if there were none. */
  takeInterval(): Latency | undefined {
    if (this.#interval.count === 0) return undefined;
    const latency = latencyOf(this.#interval);
    this.#all.add(this.#interval);
    this.#interval.reset();
    return latency;
  }

  /** Of all calls up to the last {@link takeInterval}; undefined if there were none. */
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
