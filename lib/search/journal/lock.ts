import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { SparseTrainError } from '../../base/errors.js';

/** Who holds a lock. */
interface Holder {
  readonly token: string;
  readonly host: string;
  readonly process: number;
  /** When that process began, as the kernel counts; process numbers are used again. Empty where it is not known. */
  readonly begun: string;
}

/** Milliseconds between signs of life. */
const BEAT = 5_000;

/** A holder on another machine that has shown no sign of life for so many milliseconds is gone. */
const SILENCE = 60_000;

/** Takings of a lock that others may win before one gives up. */
const ROUNDS = 20;

/**
 * The right to write a journal, of one process at a time: a file beside it. Whoever is killed leaves the file behind;
 * the next one sees that its holder is gone and takes it over.
 */
export class JournalLock {
  readonly #file: string;
  readonly #holder: Holder;
  readonly #timer: NodeJS.Timeout;

  private constructor(file: string, holder: Holder) {
    this.#file = file;
    this.#holder = holder;
    this.#timer = setInterval(() => this.#beat(), BEAT);
    this.#timer.unref();
  }

  /**
   * Takes the lock.
   *
   * @throws SparseTrainError STUDY_BUSY if another process has it, FILE_ACCESS
   */
  static take(journal: string): JournalLock {
    const file = `${journal}.lock`;
    const holder = {
      token: randomUUID(),
      host: hostname(),
      process: process.pid,
      begun: processBegun(process.pid) ?? '',
    };
    const own = `${file}.${holder.token}`;
    attempt(file, () => writeFileSync(own, `${JSON.stringify(holder)}\n`, { flag: 'wx' }));
    try {
      for (let round = 0; round < ROUNDS; round++) {
        if (linked(file, own)) return new JournalLock(file, holder);
        const other = readHolder(file);
        if (other === 'gone') continue;
        if (other !== undefined && lives(other, file, own)) {
          const who =
            other.host === holder.host
              ? `process ${other.process}`
              : `process ${other.process} on ${other.host}`;
          throw new SparseTrainError(
            'STUDY_BUSY',
            `${journal} is being written by ${who}; wait for it or stop it. If it is not there any more, delete ${file}`,
          );
        }
        removeStale(file, other?.token, holder.token);
      }
      throw new SparseTrainError('STUDY_BUSY', `${file} is taken by others again and again; try again later`);
    } finally {
      unlinkSync(own);
    }
  }

  /** Gives the lock back. */
  release(): void {
    clearInterval(this.#timer);
    const holder = readHolder(this.#file);
    if (typeof holder === 'object' && holder.token === this.#holder.token) unlinkSync(this.#file);
  }

  /** Shows others that the holder lives. */
  #beat(): void {
    const now = new Date();
    try {
      utimesSync(this.#file, now, now);
    } catch (error) {
      // Someone deleted it: what is written now might be mixed with another's lines, but none is lost by going on.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

/** Whether the lock's file could be made, whole at once, from one's own. */
function linked(file: string, own: string): boolean {
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw fileError(file, error);
  }
}

/** Undefined: a file that names nobody, which only a crash of the machine can leave. */
function readHolder(file: string): Holder | 'gone' | undefined {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8')) as Partial<Holder>;
    return typeof holder.token === 'string' && typeof holder.process === 'number'
      ? (holder as Holder)
      : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'gone';
    if (error instanceof SyntaxError) return undefined;
    throw fileError(file, error);
  }
}

/** Whether a holder is still there. */
function lives({ host, process: pid, begun }: Holder, file: string, own: string): boolean {
  if (host !== hostname()) {
    // Both times are the file system's, whatever the clocks of the machines say.
    const now = new Date();
    utimesSync(own, now, now);
    const stats = statSync(file, { throwIfNoEntry: false });
    return stats !== undefined && statSync(own).mtimeMs - stats.mtimeMs < SILENCE;
  }
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = processBegun(pid);
  return begun === '' || now === undefined || now === begun;
}

/** Moves a lock out of the way if it is the one that was looked at; puts another's back. */
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
  unlinkSync(aside);
}

/** When a process began, in ticks since the machine did; undefined where the system does not tell. */
function processBegun(pid: number): string | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, second and in parentheses, may hold anything; the time is field 22.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
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
    return new SparseTrainError('FILE_NOT_FOUND', `${file} cannot be made: there is no such folder`, {
      cause: error,
    });
  return new SparseTrainError('FILE_ACCESS', `${file} cannot be made (${code})`, { cause: error });
}
