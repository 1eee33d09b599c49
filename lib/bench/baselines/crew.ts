import type { BenchPlan } from '../plan.js';
import type { BaselineStatus } from '../result.js';
import { BASELINES } from './registry.js';
import { BaselineWorker } from './worker.js';

/** The baselines of a run: those that could be started, and what became of each. */
export class Crew {
  readonly workers: BaselineWorker[] = [];
  readonly #statuses = new Map<string, BaselineStatus>();

  /** Starts those that the plan names. */
  static async start(plan: BenchPlan, folder?: string): Promise<Crew> {
    const crew = new Crew();
    for (const baseline of BASELINES) {
      const { name } = baseline;
      if (!plan.baselines.includes(name)) {
        crew.#statuses.set(name, { name, status: 'not asked for' });
        continue;
      }
      plan.signal.throwIfAborted();
      plan.onStep(`starting ${name}`);
      const started = await BaselineWorker.start(baseline, folder);
      if (started instanceof BaselineWorker) {
        crew.workers.push(started);
        crew.#statuses.set(name, { name, status: 'measured', versions: started.versions });
      } else {
        crew.#statuses.set(name, started);
      }
    }
    return crew;
  }

  get statuses(): readonly BaselineStatus[] {
    return [...this.#statuses.values()];
  }

  /** A worker that failed is not asked again. */
  dismiss(worker: BaselineWorker, reason: string): void {
    const { name } = worker.baseline;
    this.#statuses.set(name, { name, status: 'failed', reason, versions: worker.versions });
    this.workers.splice(this.workers.indexOf(worker), 1);
    worker.close();
  }

  close(): void {
    for (const worker of this.workers) worker.close();
  }
}
