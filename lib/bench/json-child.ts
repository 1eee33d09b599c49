import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** The folder and environment of a child process. */
export interface ChildPlace {
  readonly cwd?: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * A child process that reads JSON documents, one a line, and answers each with another. Other lines of its output are
 * ignored.
 */
export class JsonChild {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #failure: Promise<never>;
  #complaints = '';

  constructor(command: string, words: readonly string[], place: ChildPlace) {
    this.#child = spawn(command, [...words], { ...place, stdio: 'pipe' });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints = (this.#complaints + text).slice(-2000);
    });
    this.#child.stdin.on('error', () => undefined); // the end of the process is reported anyway
    this.#failure = new Promise<never>((_, reject) => this.#child.once('error', reject));
    this.#failure.catch(() => undefined);
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** The last line that it wrote on standard error, or ''. */
  get lastComplaint(): string {
    return this.#complaints.trim().split('\n').at(-1) ?? '';
  }

  /**
   * Waits for the next document that it writes.
   *
   * @param limit - in milliseconds
   * @throws Error if the process cannot be started, ends, or takes longer than that
   */
  async next(limit: number): Promise<object> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${limit / 1000} s`)), limit);
    });
    try {
      for (;;) {
        const { done, value } = await Promise.race([this.#lines.next(), tooLate, this.#failure]);
        if (done) throw new Error('it ended');
        if (value.startsWith('{')) return JSON.parse(value) as object;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sends a document and waits for the answer as next() does. */
  ask(request: object, limit: number): Promise<object> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    return this.next(limit);
  }

  close(): void {
    this.#child.stdin.end();
    this.#child.kill();
  }
}
