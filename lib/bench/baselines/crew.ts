import type { BenchPlan } from '../plan.js';
import type { BaselineStatus } from '../result.js';
import type { BaselinePlaces } from './places.js';
import { BASELINES } from './registry.js';
import { BaselineWorker } from './worker.js';

/** The baselines of a run: the workers that have started, and the status of each baseline. */
export class Crew {
  readonly workers: BaselineWorker[] = [];
  readonly #statuses = new Map<string, BaselineStatus>();

  /** Starts the baselines that the plan names. */
  static async start(plan: BenchPlan, places?: BaselinePlaces): Promise<Crew> {
    const crew = new Crew();
    for (const baseline of BASELINES) {
      const { name } = baseline;
      if (!plan.baselines.includes(name)) {
        crew.#statuses.set(name, { name, status: 'not asked for' });
        continue;
      }
      plan.signal.throwIfAborted();
      plan.onStep(`starting ${name}`);
      const started = await BaselineWorker.start(baseline, places);
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

  /** Ends a worker that failed; it gets no further requests. */
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
