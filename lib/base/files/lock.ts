import { randomUUID } from 'node:crypto';
import {
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { type ErrorCode, SparseTrainError } from '../errors.js';
import { parseJson } from '../json.js';
import { isRunning, processBegun, processScope } from '../process-identity.js';
import { failureReason } from './failure-reason.js';

/** Who holds a lock. */
interface Holder {
  readonly token: string;
  readonly host: string;
  readonly process: number;
  /**
   * When that process started, in the kernel's units. It tells processes apart that get the same id in turn. Empty
   * where unknown.
   */
  readonly begun: string;
  /**
   * Where this process id is valid: the boot of the machine, and the PID namespace. Containers may share a host name,
   * and each counts its own processes from 1. Empty where the system does not say; missing in locks of earlier
   * releases, which are judged by the host name alone.
   */
  readonly scope?: string;
}

/** Milliseconds between heartbeats. */
const BEAT = 5_000;

/**
 * Milliseconds without a heartbeat after which a holder whose process cannot be looked up counts as dead: it runs on
 * another machine or in another container.
 */
const SILENCE = 60_000;

/** How many times a process tries to take a lock while others try too. */
const ROUNDS = 20;

/** What a lock protects, for messages. */
export interface LockOptions {
  /** The error for a file that another process writes. */
  readonly code: ErrorCode;
  /** What messages call the file, such as `the journal`. */
  readonly what: string;
}

/**
 * A file beside another one, `FILE.lock`, that gives one process at a time the right to write it. A killed process
 * leaves the lock behind; the next process finds that the holder is dead, and takes the lock over.
 */
export class FileLock {
  /** Tokens of released locks whose files could not be removed. */
  static readonly #abandoned = new Set<string>();
  readonly #file: string;
  readonly #holder: Holder;
  readonly #options: LockOptions;
  readonly #timer: NodeJS.Timeout;
  /** The time of the last successful heartbeat, from performance.now(). */
  #lastBeat = performance.now();

  private constructor(file: string, holder: Holder, options: LockOptions) {
    this.#file = file;
    this.#holder = holder;
    this.#options = options;
    this.#timer = setInterval(() => this.#beat(), BEAT);
    this.#timer.unref();
  }

  /**
   * Takes the lock.
   *
   * @throws SparseTrainError `options.code` if another process has it, FILE_NOT_FOUND, FILE_ACCESS
   */
  static take(path: string, options: LockOptions): FileLock {
    const file = `${path}.lock`;
    const holder = {
      token: randomUUID(),
      host: hostname(),
      process: process.pid,
      begun: processBegun(process.pid) ?? '',
      scope: processScope(),
    };
    const own = `${file}.${holder.token}`;
    attempt(file, () => writeOwn(own, `${JSON.stringify(holder)}\n`));
    try {
      for (let round = 0; round < ROUNDS; round++) {
        if (linked(file, own)) return new FileLock(file, holder, options);
        const other = readHolder(file);
        if (other === 'gone') continue;
        if (other !== undefined && !FileLock.#abandoned.has(other.token) && lives(other, file, own)) {
          const who =
            other.host === holder.host
              ? `process ${other.process}`
              : `process ${other.process} on ${other.host}`;
          throw new SparseTrainError(
            options.code,
            `${path} is being written by ${who}; wait for it or stop it. If it no longer runs, delete ${file}`,
          );
        }
        removeStale(file, other?.token, holder.token);
      }
      throw new SparseTrainError(options.code, `${file} is taken by others again and again; try again later`);
    } finally {
      removeOwn(own);
    }
  }

  /** Releases the lock. */
  release(): void {
    clearInterval(this.#timer);
    try {
      const holder = readHolder(this.#file);
      if (typeof holder === 'object' && holder.token === this.#holder.token) unlinkSync(this.#file);
    } catch {
      // The file stays. Other processes take the lock over once this process has ended; this process may take it again
      // at once.
      FileLock.#abandoned.add(this.#holder.token);
    }
  }

  /**
   * Checks that the lock is still ours. Asks the file system only if heartbeats have failed for so long (a folder that
   * became read-only, a process that was stopped) that another process may have taken the lock over.
   *
   * @throws SparseTrainError with the lock's code
   */
  confirm(): void {
    if (performance.now() - this.#lastBeat < SILENCE / 2) return;
    const other = this.#successor();
    if (other !== undefined) {
      throw new SparseTrainError(
        this.#options.code,
        `process ${other.process} on ${other.host} has taken over ${this.#options.what}, as this process showed no sign of life ` +
          `for ${SILENCE / 1000} seconds; what it had appended before is kept`,
      );
    }
    this.#beat();
  }

  /** The error for a lock that somebody else has taken over. */
  #successor(): Holder | undefined {
    const holder = readHolder(this.#file);
    return typeof holder === 'object' && holder.token !== this.#holder.token ? holder : undefined;
  }

  /**
   * Shows others that the holder lives. A heartbeat that fails is tried again: an error thrown here would end the
   * user's process from within a timer. confirm() notices when it matters.
   */
  #beat(): void {
    try {
      if (this.#successor() !== undefined) return;
      const now = new Date();
      utimesSync(this.#file, now, now);
      this.#lastBeat = performance.now();
    } catch {
      // #lastBeat stays as it is, and confirm() sees how old it is.
    }
  }
}

/** Creates the lock's file atomically from a file of our own; returns whether that succeeded. */
function linked(file: string, own: string): boolean {
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw fileError(file, error);
  }
}

/** The holder that a lock names; undefined if it names nobody, which only a crash of the machine can cause. */
function readHolder(file: string): Holder | 'gone' | undefined {
  try {
    const holder = parseJson(readFileSync(file, 'utf8')) as Partial<Holder>;
    return typeof holder.token === 'string' && typeof holder.process === 'number'
      ? (holder as Holder)
      : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'gone';
    if (error instanceof SyntaxError) return undefined;
    throw fileError(file, error);
  }
}

/** Whether a holder is still alive. */
function lives(holder: Holder, file: string, own: string): boolean {
  const { host, process: pid, begun, scope = processScope() } = holder;
  if (host !== hostname() || scope !== processScope()) {
    // Both times come from the file system, so the clocks of the machines do not matter.
    const now = new Date();
    utimesSync(own, now, now);
    const stats = statSync(file, { throwIfNoEntry: false });
    return stats !== undefined && statSync(own).mtimeMs - stats.mtimeMs < SILENCE;
  }
  if (!isRunning(pid)) return false;
  const now = processBegun(pid);
  return begun === '' || now === undefined || now === begun;
}

/** Moves a lock out of the way if it is the expected one; otherwise puts it back. */
function removeStale(file: string, token: string | undefined, ownToken: string): void {
  const aside = `${file}.${ownToken}.stale`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw fileError(file, error);
  }
  const moved = readHolder(aside);
  if (typeof moved === 'object' && moved.token !== token) linked(file, aside);
  removeOwn(aside);
}

/** Writes a file of our own; on a full disk nothing of it is left. */
function writeOwn(own: string, text: string): void {
  try {
    writeFileSync(own, text, { flag: 'wx' });
  } catch (error) {
    removeOwn(own);
    throw error;
  }
}

/** Removes a file that only this process uses. One that cannot be removed stays: it locks nobody out. */
function removeOwn(own: string): void {
  try {
    rmSync(own, { force: true });
  } catch {
    // The outcome of taking the lock matters, not this.
  }
}

function attempt(file: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    throw fileError(file, error);
  }
}

function fileError(file: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof SparseTrainError || code === undefined) return error;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new SparseTrainError('FILE_NOT_FOUND', `${file} cannot be created: there is no such folder`, {
      cause: error,
    });
  return new SparseTrainError('FILE_ACCESS', `${file} cannot be created (${failureReason(error)})`, {
    cause: error,
  });
}
