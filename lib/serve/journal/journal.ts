import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SparseTrainError } from '../../base/errors.js';
import { AppendFile } from '../../base/files/append-file.js';
import { failureReason } from '../../base/files/failure-reason.js';
import { flushFolderNow } from '../../base/files/flush.js';
import { makeFolder } from '../../base/files/make-folder.js';
import { JOURNAL_FORMAT, type SegmentHeader, writeRecord } from './record.js';
import { readSegment, type SegmentEnd } from './segment.js';

/** A file of a journal's folder. */
export interface Numbered {
  readonly path: string;
  /** The number of lessons before it. */
  readonly first: number;
}

/** The files of a journal's folder: segments with lessons, and snapshots of the model. Each list is sorted. */
export interface JournalFiles {
  readonly segments: readonly Numbered[];
  readonly snapshots: readonly Numbered[];
}

/** Digits of the numbers in names of files, so that they sort in order. */
const DIGITS = 12;

/** The path of a segment or snapshot. */
export function numberedPath(folder: string, first: number, ending: 'journal' | 'safetensors'): string {
  return join(folder, `${String(first).padStart(DIGITS, '0')}.${ending}`);
}

/** Lists the files of a journal; empty lists if there is no such folder. */
export function journalFiles(folder: string): JournalFiles {
  let names: string[] = [];
  try {
    names = readdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR')
      throw new SparseTrainError(
        'FILE_ACCESS',
        {
          says: `${folder} is a file, not the folder of a journal`,
          advice: 'give the folder that stands beside the model: live.safetensors.journal',
        },
        { cause: error },
      );
    if (code !== 'ENOENT')
      throw new SparseTrainError('FILE_ACCESS', `the journal ${folder} cannot be read (${code})`, {
        cause: error,
      });
  }
  const of = (ending: string): Numbered[] =>
    names
      .map((name) => ({ name, number: new RegExp(`^(\\d{${DIGITS},})\\.${ending}$`).exec(name)?.[1] }))
      .filter(({ number }) => number !== undefined)
      .map(({ name, number }) => ({ path: join(folder, name), first: Number(number) }))
      .sort((a, b) => a.first - b.first);
  return { segments: of('journal'), snapshots: of('safetensors') };
}

/** Where a journal is read from, and what is done with its lessons. */
export interface ReadJournalOptions {
  /** The number of the first lesson that is wanted: the position of a snapshot, where a segment begins. */
  readonly from: number;
  /** The journal's id, if it is known. */
  readonly id?: string | undefined;
  /** Called where a segment begins: updates under way are finished there. */
  readonly onSegment: (header: SegmentHeader) => void;
  readonly onLessons: (lessons: readonly string[]) => Promise<void>;
}

/** A journal that has been read to its end. */
export interface ReadJournal extends SegmentEnd {
  /** The segment that the next lessons are appended to; undefined if there is none. */
  readonly last: Numbered | undefined;
  readonly id: string | undefined;
  /** The number of the next lesson. */
  readonly next: number;
}

/**
 * Reads the lessons of a journal from a position on.
 *
 * @throws SparseTrainError INVALID_FILE if lessons are missing or damaged, FILE_ACCESS
 */
export async function readJournal(folder: string, options: ReadJournalOptions): Promise<ReadJournal> {
  const { from, onSegment, onLessons } = options;
  let { id } = options;
  const segments = journalFiles(folder).segments.filter(({ first }) => first >= from);
  let next = from;
  let last: Numbered | undefined;
  let end: SegmentEnd = { wholeBytes: 0, tornBytes: 0 };
  for (const [i, segment] of segments.entries()) {
    const isLast = i === segments.length - 1;
    end = await readSegment(
      segment.path,
      isLast,
      (header) => {
        if (header.first !== next || segment.first !== next || (id !== undefined && header.id !== id))
          throw gap(segment.path, next, header, id);
        id = header.id;
        onSegment(header);
      },
      async (lessons) => {
        next += lessons.length;
        await onLessons(lessons);
      },
    );
    // A crash between creating a file and writing its header leaves an empty file: the segment before is the last one.
    if (end.wholeBytes === 0 && !isLast) throw gap(segment.path, next, undefined, id);
    last = segment;
  }
  return { last, id, next, ...end };
}

function gap(
  path: string,
  next: number,
  header: SegmentHeader | undefined,
  id: string | undefined,
): SparseTrainError {
  const says =
    header !== undefined && id !== undefined && header.id !== id
      ? `the journal ${path} belongs to another model`
      : `the journal ${path} does not begin with lesson ${next}: a file before it is missing or damaged`;
  return new SparseTrainError('INVALID_FILE', { says, advice: 'restore the folder from a copy' });
}

/** A journal that is open for lessons. Segments follow each other; a snapshot stands at the beginning of each. */
export class Journal {
  readonly folder: string;
  readonly id: string;
  /** The number of the next lesson. */
  #next: number;
  /** The number of the first lesson in the current segment. */
  #first: number;
  #file: AppendFile;
  /** How many lessons have been flushed. */
  #flushed: number;
  /** A segment that could not be begun, and must go before a lesson follows in the old one. */
  #unbegun: string | undefined;

  private constructor(folder: string, id: string, file: AppendFile, first: number, next: number) {
    this.folder = folder;
    this.id = id;
    this.#file = file;
    this.#first = first;
    this.#next = next;
    this.#flushed = next;
  }

  get next(): number {
    return this.#next;
  }

  /** Lessons in the current segment. */
  get sinceRotation(): number {
    return this.#next - this.#first;
  }

  /** Lessons that a power cut could lose. */
  get unflushed(): number {
    return this.#next - this.#flushed;
  }

  /** Begins a journal, or another segment of one that has none after a snapshot. */
  static async begin(folder: string, id: string, next: number): Promise<Journal> {
    await makeFolder(folder, `the journal ${folder}`);
    const file = newSegment(numberedPath(folder, next, 'journal'), id, next);
    return new Journal(folder, id, file, next, next);
  }

  /** Continues a journal that has been read; an incomplete record at its end is cut off. */
  static async continue(
    folder: string,
    read: ReadJournal & { last: Numbered; id: string },
  ): Promise<Journal> {
    const { last, id, next, wholeBytes } = read;
    if (wholeBytes === 0) return Journal.begin(folder, id, next);
    const file = AppendFile.open(last.path, { what: 'the journal' }, wholeBytes);
    return new Journal(folder, id, file, last.first, next);
  }

  /**
   * Appends lessons. They survive the death of the process from here on, and a power cut after {@link flush}.
   *
   * @throws SparseTrainError FILE_ACCESS; none of them has been appended then
   */
  append(lessons: readonly string[]): void {
    this.#removeUnbegun();
    this.#file.append(lessons.map(writeRecord).join('\n'));
    this.#next += lessons.length;
  }

  /** @throws SparseTrainError FILE_ACCESS; the journal accepts no more lessons then */
  async flush(): Promise<void> {
    const upTo = this.#next;
    await this.#file.flush();
    this.#flushed = Math.max(this.#flushed, upTo);
  }

  /**
   * Begins a new segment, at which a snapshot can stand. Everything before it is flushed. If that fails, the new file is
   * removed again at the latest before the next lesson: the journal could not be read with lessons on both sides of it.
   *
   * @throws SparseTrainError FILE_ACCESS; the journal then continues in the old segment
   */
  async rotate(): Promise<void> {
    if (this.sinceRotation === 0) return;
    this.#removeUnbegun();
    this.#file.mend();
    await this.flush();
    const path = numberedPath(this.folder, this.#next, 'journal');
    this.#unbegun = path;
    let file: AppendFile | undefined;
    try {
      file = newSegment(path, this.id, this.#next);
      await file.flush();
    } catch (error) {
      file?.abandon();
      this.#attemptRemoval();
      throw error;
    }
    this.#unbegun = undefined;
    const old = this.#file;
    this.#file = file;
    this.#first = this.#next;
    try {
      // A flush that began at its interval while the new segment was made may still be under way in the old one.
      await old.flush();
    } finally {
      old.abandon();
    }
  }

  /** Whether a flush has failed, so that no lesson is accepted until the journal is opened again. */
  get isLost(): boolean {
    return this.#file.isLost;
  }

  #attemptRemoval(): void {
    try {
      this.#removeUnbegun();
    } catch {
      // The next append tries again.
    }
  }

  /** @throws SparseTrainError FILE_ACCESS */
  #removeUnbegun(): void {
    if (this.#unbegun === undefined) return;
    try {
      rmSync(this.#unbegun, { force: true });
      flushFolderNow(this.folder);
      this.#unbegun = undefined;
    } catch (error) {
      throw new SparseTrainError(
        'FILE_ACCESS',
        `${this.#unbegun} cannot be removed (${failureReason(error)}), so nothing can be added to the journal`,
        { cause: error },
      );
    }
  }

  /** Flushes and closes the journal. */
  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      this.#file.abandon();
    }
  }
}

function newSegment(path: string, id: string, first: number): AppendFile {
  const file = AppendFile.open(path, { what: 'the journal' }, 0);
  const header: SegmentHeader = { format: JOURNAL_FORMAT, version: 1, id, first, at: Date.now() };
  try {
    file.append(writeRecord(JSON.stringify(header)));
    return file;
  } catch (error) {
    file.abandon();
    throw error;
  }
}
