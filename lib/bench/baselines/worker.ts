import { join } from 'node:path';
import { JsonChild } from '../json-child.js';
import type { BaselineStatus } from '../result.js';
import { baselinePlaces } from './places.js';
import type { Baseline } from './registry.js';

/** A request to a worker (scripts/baselines/workers/README.md). */
export type WorkerRequest =
  | {
      measure: 'train' | 'predict';
      layers: readonly number[];
      batch: number;
      threads: number;
      mode?: string | undefined;
      /** Roughly how long to measure. */
      seconds: number;
    }
  | {
      measure: 'passes';
      left: number;
      right: number;
      density: number;
      batch: number;
      threads: number;
      /** Roughly how long to measure all three passes. */
      seconds: number;
    }
  | {
      measure: 'time-to-accuracy';
      layers: readonly number[];
      batch: number;
      threads: number;
      mode?: string | undefined;
      target: number;
      seed: number;
      learningRate: number;
      decayEpochs: number | null;
      momentum: number;
      centredInput: boolean;
      /** The most quarters of an epoch to train. */
      quarters: number;
    };

/** The answer to a request. */
export interface WorkerReply {
  error?: string;
  samplesPerSecond?: number;
  /** Seconds that each pass of a batch takes. */
  forward?: number;
  backward?: number;
  update?: number;
  reached?: boolean;
  seconds?: number;
  epochs?: number;
  accuracy?: number;
}

interface Hello {
  ready?: boolean;
  missing?: string;
  versions?: Record<string, string>;
}

/** Time limits for starting a worker and for one answer, in milliseconds. */
const START_LIMIT = 120_000;
const REPLY_LIMIT = 180_000;

/** A baseline in a child process. It measures on request, so that the rounds of all baselines alternate. */
export class BaselineWorker {
  readonly baseline: Baseline;
  readonly versions: Record<string, string>;
  readonly #child: JsonChild;

  private constructor(baseline: Baseline, child: JsonChild, versions: Record<string, string>) {
    this.baseline = baseline;
    this.versions = versions;
    this.#child = child;
  }

  /** Starts a worker. Returns a status that says why if it does not start. */
  static async start(
    baseline: Baseline,
    places = baselinePlaces(),
  ): Promise<BaselineWorker | BaselineStatus> {
    const { name } = baseline;
    const install = baseline.install(places);
    const launch = baseline.launch(places);
    if (launch === undefined) {
      const reason = `there is no script for it in ${places.scripts}`;
      return { name, status: 'missing', reason, install };
    }
    const environment: NodeJS.ProcessEnv = {
      ...process.env,
      SPARSE_TRAIN_BENCH_MODULES: join(places.tools, 'js'),
      // The scripts may lie in a folder that belongs to a package.
      PYTHONDONTWRITEBYTECODE: '1',
    };
    // A user may have set it for an older OpenBLAS; it would slow this one down.
    delete environment.OPENBLAS_CORETYPE;
    const child = new JsonChild(launch.command, launch.words, { cwd: places.scripts, env: environment });
    try {
      const hello = (await child.next(START_LIMIT)) as Hello;
      if (hello.ready) return new BaselineWorker(baseline, child, hello.versions ?? {});
      child.close();
      return { name, status: 'missing', reason: hello.missing ?? 'it did not start', install };
    } catch (error) {
      child.close();
      const reason = child.lastComplaint || (error as Error).message;
      return { name, status: 'missing', reason, install };
    }
  }

  /**
   * Requests one measurement.
   *
   * @throws Error if the worker reports one, ends, or takes too long
   */
  async ask(request: WorkerRequest): Promise<WorkerReply> {
    const reply = (await this.#child.ask(request, REPLY_LIMIT)) as WorkerReply;
    if (reply.error !== undefined) throw new Error(reply.error);
    return reply;
  }

  close(): void {
    this.#child.close();
  }
}
