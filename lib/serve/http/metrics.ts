import type { Histogram, Registry } from 'prom-client';
import { promClient } from '../packages.js';
import type { Service } from '../service.js';

/** Seconds that divide the requests in /metrics. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

/** Counters of a server, for Prometheus. */
export class ServerMetrics {
  readonly #registry: Registry;
  readonly #seconds: Histogram<'route' | 'status'>;

  constructor(service: Service) {
    const { Registry, Gauge, Counter, Histogram, collectDefaultMetrics } = promClient();
    this.#registry = new Registry();
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#seconds = new Histogram({
      name: 'sparse_train_request_seconds',
      help: 'time until a request is answered',
      labelNames: ['route', 'status'],
      buckets: BUCKETS,
      registers,
    });
    // Values are read when Prometheus asks, so that requests pay nothing for them.
    const counter = (name: string, help: string, value: () => number) =>
      new Counter({
        name: `sparse_train_${name}`,
        help,
        registers,
        collect() {
          this.reset();
          this.inc(value());
        },
      });
    const gauge = (name: string, help: string, value: () => number | undefined) =>
      new Gauge({
        name: `sparse_train_${name}`,
        help,
        registers,
        collect() {
          this.reset();
          const number = value();
          if (number !== undefined) this.set(number);
        },
      });
    counter('learned_total', 'rows learned since this process started', () => service.counts.learned);
    counter('predicted_total', 'rows predicted since this process started', () => service.counts.predicted);
    counter('refused_total', 'rows refused since this process started', () => service.counts.refused);
    gauge('rows', 'rows that the model has learned in its life', () => service.model.rows);
    gauge('weights', 'weights of the model', () => service.model.weights);
    gauge('drifts', 'changes of the stream that were found', () => service.model.drifts);
    gauge('journal_pending_rows', 'rows that wait to be learned', () => service.durable?.pending);
    gauge('journal_unflushed_rows', 'rows that a power cut could lose', () => service.durable?.unflushed);
    gauge(
      'journal_since_snapshot_rows',
      'rows since the latest snapshot',
      () => service.durable?.sinceSnapshot,
    );
    gauge('snapshot_age_seconds', 'age of the latest snapshot', () => service.snapshotAge);
    gauge('ready', '1 if the server predicts and learns', () => (service.failure === undefined ? 1 : 0));
    const scores = new Gauge({
      name: 'sparse_train_rolling_score',
      help: 'scores of the latest predictions, each made before its row was learned',
      labelNames: ['target', 'score'],
      registers,
      collect() {
        this.reset();
        for (const [i, { window }] of (service.model.scores() ?? []).entries())
          for (const [score, value] of Object.entries(window)) this.set({ target: String(i), score }, value);
      },
    });
    void scores;
  }

  /** A function that counts the answers of a route. */
  counterOf(route: string): (status: number, seconds: number) => void {
    const byStatus = new Map<number, { observe(seconds: number): void }>();
    return (status, seconds) => {
      let counter = byStatus.get(status);
      if (counter === undefined) {
        counter = this.#seconds.labels(route, String(status));
        byStatus.set(status, counter);
      }
      counter.observe(seconds);
    };
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
