import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { BaselineStatus } from '../result.js';
import { BASELINES_FOLDER, type Baseline } from './registry.js';

/** What a worker is asked for (scripts/baselines/workers/README.md). */
export type WorkerRequest =
  | {
      measure: 'train' | 'predict';
      layers: readonly number[];
      batch: number;
      threads: number;
      mode?: string | undefined;
      /** About how long to measure. */
      seconds: number;
    }
  | {
      measure: 'passes';
      left: number;
      right: number;
      density: number;
      batch: number;
      threads: number;
      /** About how long to measure all three. */
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
      /** Quarters of an epoch, at most. */
      quarters: number;
    };

/** What it answers. */
export interface WorkerReply {
  error?: string;
  samplesPerSecond?: number;
  /** Seconds of the passes of a batch. */
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

/** The longest that a worker may take to start and for one answer, in milliseconds. */
const START_LIMIT = 120_000;
const REPLY_LIMIT = 180_000;

/** A baseline that runs as a child process and measures when it is asked, so that rounds of all can alternate. */
export class BaselineWorker {
  readonly baseline: Baseline;
  readonly versions: Record<string, string>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  private constructor(
    baseline: Baseline,
    child: ChildProcessWithoutNullStreams,
    lines: AsyncIterator<string>,
    versions: Record<string, string>,
  ) {
    this.baseline = baseline;
    this.versions = versions;
    this.#child = child;
    this.#lines = lines;
  }

  /** Starts a worker, or says why there is none. */
  static async start(
    baseline: Baseline,
    folder = BASELINES_FOLDER,
  ): Promise<BaselineWorker | BaselineStatus> {
    const { name, install } = baseline;
    const launch = baseline.launch(folder);
    if (launch === undefined) {
      const reason = `no script for it in ${folder}; a checkout of the repository has them`;
      return { name, status: 'missing', reason, install };
    }
    const environment = { ...process.env };
    // An older OpenBLAS may have been tamed with it, which would slow this one down.
    delete environment.OPENBLAS_CORETYPE;
    const child = spawn(launch.command, [...launch.words], { cwd: folder, env: environment, stdio: 'pipe' });
    let complaints = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaints = (complaints + text).slice(-2000);
    });
    child.stdin.on('error', () => undefined); // the end of the process tells the same
    const failure = new Promise<never>((_, reject) => child.once('error', reject));
    failure.catch(() => undefined);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    try {
      const hello = (await Promise.race([nextLine(lines, START_LIMIT), failure])) as Hello;
      if (hello.ready) return new BaselineWorker(baseline, child, lines, hello.versions ?? {});
      child.kill();
      return { name, status: 'missing', reason: hello.missing ?? 'it did not start', install };
    } catch (error) {
      child.kill();
      const last = complaints.trim().split('\n').at(-1) ?? '';
      const reason = last === '' ? (error as Error).message : last;
      return { name, status: 'missing', reason, install };
    }
  }

  /**
   * Asks for one measurement.
   *
   * @throws Error if the worker reports one, ends, or takes too long
   */
  async ask(request: WorkerRequest): Promise<WorkerReply> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const reply = (await nextLine(this.#lines, REPLY_LIMIT)) as WorkerReply;
    if (reply.error !== undefined) throw new Error(reply.error);
    return reply;
  }

  close(): void {
    this.#child.stdin.end();
    this.#child.kill();
  }
}

/** The next line that is JSON; libraries may print others. */
async function nextLine(lines: AsyncIterator<string>, limit: number): Promise<object> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limit / 1000} s`)), limit);
  });
  try {
    for (;;) {
      const { done, value } = await Promise.race([lines.next(), tooLate]);
      if (done) throw new Error('it ended');
      if (value.startsWith('{')) return JSON.parse(value) as object;
    }
  } finally {
    clearTimeout(timer);
  }
}
