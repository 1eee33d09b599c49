import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SparseTrainError } from '../base/errors.js';
import { FileLock } from '../base/files/lock.js';
import { checkOptions } from '../base/options/table.js';
import { inSlices, type Steps } from '../base/steps.js';
import type { LearnerOptions } from '../online/options.js';
import { Intake, type Waiting } from './intake.js';
import { archive, removeCopies } from './journal/archive.js';
import { Journal, readJournal } from './journal/journal.js';
import { type Lesson, lessonJson, originOf, parseLesson } from './journal/record.js';
import { relearn } from './journal/relearn.js';
import type { ServedModel } from './model/served-model.js';
import { type CheckedDurableOptions, DURABLE, type DurableOptions } from './options.js';
import { beginPosition, journalFolder, openOrCreate } from './position.js';
import { type Snapshot, Snapshots } from './snapshots.js';

/** The result of one lesson. */
export type Outcome = { readonly learned: unknown } | { readonly error: SparseTrainError };

/** A lesson that has been learned, for listeners. */
export interface LearnedEvent {
  readonly lesson: Lesson;
  /** What the model returned: the prediction that was made before, and the loss. */
  readonly learned: unknown;
}

/** How a model was brought back. */
export interface Recovery {
  /** Lessons that were learned again from the journal. */
  readonly replayed: number;
  /** Bytes of a record that a crash had cut off; it had not been acknowledged. */
  readonly tornBytes: number;
  readonly seconds: number;
}

/** A failure that no caller receives. */
export type Problem = { readonly during: 'flush' | 'snapshot'; readonly error: unknown };

/** A lesson, and where it comes from. */
export interface OriginatedLesson {
  readonly lesson: Lesson;
  /** Such as the id of an entry of a Redis stream; the journal stores it. */
  readonly from: string;
}

/** Decides how a model is opened. */
export interface OpenOptions extends DurableOptions {
  /** Makes a learner with these options if there is no such file. */
  readonly create?: LearnerOptions | undefined;
}

/**
 * A model whose learning survives: every lesson is in a journal, `FILE.journal`, before it is learned and acknowledged.
 * The file itself is the latest snapshot. When a process dies, the next one reads the snapshot and learns the rest of the
 * journal again, which gives the same digest. One process at a time may do this.
 *
 * @example
 * const model = await DurableModel.open('live.safetensors', { create: { target: 'class' } });
 * await model.learn({ row: { price: 3, zone: 'B' }, target: 'up' }); // on the disk when the promise settles
 * model.predict({ price: 4, zone: 'B' });
 * await model.close();
 */
export class DurableModel {
  /** The path of the latest snapshot. */
  readonly file: string;
  readonly recovery: Recovery;
  readonly #model: ServedModel;
  readonly #journal: Journal;
  readonly #lock: FileLock;
  readonly #options: CheckedDurableOptions;
  readonly #intake: Intake<Outcome>;
  readonly #snapshots: Snapshots;
  #latestOrigin: string | undefined;
  #isPumping = false;
  #closing: Promise<void> | undefined;
  #failure: SparseTrainError | undefined;
  #flushTimer: NodeJS.Timeout | undefined;
  readonly #snapshotTimer: NodeJS.Timeout;
  readonly #listeners = new Set<(event: LearnedEvent) => void>();
  readonly #problems = new Set<(problem: Problem) => void>();

  private constructor(
    file: string,
    options: CheckedDurableOptions,
    opened: {
      model: ServedModel;
      journal: Journal;
      lock: FileLock;
      snapshot: Snapshot;
      recovery: Recovery;
      latestOrigin: string | undefined;
    },
  ) {
    this.file = file;
    this.#options = options;
    this.#model = opened.model;
    this.#journal = opened.journal;
    this.#lock = opened.lock;
    this.#snapshots = new Snapshots({
      file,
      model: opened.model,
      journal: opened.journal,
      keep: options.keep,
      latest: opened.snapshot,
      origin: () => this.#latestOrigin,
      onWanted: () => this.#startPump(),
      onLost: (error) => this.#fail(error),
      onProblem: (error) => this.#report('snapshot', error),
    });
    this.recovery = opened.recovery;
    this.#latestOrigin = opened.latestOrigin;
    this.#intake = new Intake(options.maxPending);
    this.#snapshotTimer = setInterval(() => {
      if (this.#journal.sinceRotation > 0) this.snapshot().catch((error) => this.#report('snapshot', error));
    }, options.snapshotEvery * 1000);
    this.#snapshotTimer.unref();
  }

  /**
   * Opens a model and learns what its journal has beyond it. A model that has no journal yet gets one.
   *
   * @param file - a learner or a network
   * @throws SparseTrainError MODEL_BUSY if another process has it, FILE_NOT_FOUND, FILE_ACCESS, INVALID_FILE
   */
  static async open(file: string, options: OpenOptions = {}): Promise<DurableModel> {
    const { create, ...rest } = options;
    const checked = checkOptions('options of a durable model', DURABLE, rest);
    const path = resolve(file);
    const lock = FileLock.take(path, { code: 'MODEL_BUSY', what: `the model ${file}` });
    try {
      const begun = performance.now();
      const folder = journalFolder(path);
      await removeCopies(folder);
      const { model, position: known } = await openOrCreate(path, folder, create);
      const position = known ?? (await beginPosition(model, file, path, folder));
      const saved = model.rows;
      let latestOrigin = position.origin;
      const read = await readJournal(folder, {
        from: position.sequence,
        id: position.id,
        onSegment: () => model.settle(),
        onLessons: async (lessons) => {
          latestOrigin = lessons.map(originOf).findLast((one) => one !== undefined) ?? latestOrigin;
          await inSlices(relearn(model, lessons));
        },
      });
      const journal =
        read.last === undefined
          ? await Journal.begin(folder, position.id, read.next)
          : await Journal.continue(folder, { ...read, last: read.last, id: position.id });
      await archive(path, folder, position.sequence);
      const { sequence } = position;
      const snapshot = { file: path, sequence, rows: saved, at: (await stat(path)).mtimeMs };
      const replayed = read.next - sequence;
      const recovery = { replayed, tornBytes: read.tornBytes, seconds: (performance.now() - begun) / 1000 };
      const durable = new DurableModel(path, checked, {
        model,
        journal,
        lock,
        snapshot,
        recovery,
        latestOrigin,
      });
      return durable;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** The model, for facts about it. */
  get model(): Omit<ServedModel, 'learn' | 'close' | 'settle' | 'save' | 'digest'> {
    return this.#model;
  }

  /** Lessons so far: those learned, and those that the journal has but the model refused. */
  get sequence(): number {
    return this.#journal.next;
  }

  /** Lessons that wait to be written or learned. */
  get pending(): number {
    return this.#intake.lessons;
  }

  /** Where the latest lesson that has an origin came from: see {@link learnFrom}. */
  get latestOrigin(): string | undefined {
    return this.#latestOrigin;
  }

  /** Lessons that a power cut could lose: always 0 with `fsync: 'always'` once they are acknowledged. */
  get unflushed(): number {
    return this.#journal.unflushed;
  }

  /** Lessons since the latest snapshot. */
  get sinceSnapshot(): number {
    return this.#journal.next - this.#snapshots.latest.sequence;
  }

  get latestSnapshot(): Snapshot {
    return this.#snapshots.latest;
  }

  /** The journal's id; with the sequence it names a state of the model. */
  get id(): string {
    return this.#journal.id;
  }

  /** Why nothing can be learned any more; undefined while all is well. */
  get failure(): SparseTrainError | undefined {
    return this.#failure;
  }

  /** Predicts a row. @throws SparseTrainError INVALID_DATA naming the field */
  predict(row: unknown, hasTicket = false): object {
    return this.#model.predict(row, hasTicket);
  }

  /**
   * Writes a lesson to the journal and learns it.
   *
   * @returns the prediction that was made before, and the loss
   * @throws SparseTrainError INVALID_DATA naming the field; OVERLOADED if too many rows wait; FILE_ACCESS if the disk is
   * full or fails. Nothing is learned in any of these cases.
   */
  async learn(lesson: Lesson): Promise<unknown> {
    const [outcome] = await this.learnAll([lesson]);
    if (outcome !== undefined && 'error' in outcome) throw outcome.error;
    return outcome?.learned;
  }

  /**
   * Learns several lessons with one write. All are checked before the first is written.
   *
   * @throws SparseTrainError as {@link learn}; the message names the lesson, counted from 0
   */
  async learnAll(lessons: readonly Lesson[]): Promise<Outcome[]> {
    this.#requireOpen();
    const at = Date.now();
    const texts = lessons.map((lesson, i) => {
      try {
        return this.#checked(lesson, at);
      } catch (error) {
        throw lessons.length === 1 ? error : inLesson(i, error);
      }
    });
    this.#intake.requireRoom(texts);
    return this.#learnTexts(texts);
  }

  /**
   * Learns lessons in their order with one write, and stores in the journal where each comes from. A lesson that the model
   * refuses does not affect the others. There is always room for them: the caller waits for one call before the next.
   *
   * @returns the outcome of each lesson
   * @throws SparseTrainError FILE_ACCESS, NETWORK_CLOSED; none of them has been learned then
   */
  async learnFrom(lessons: readonly OriginatedLesson[]): Promise<Outcome[]> {
    this.#requireOpen();
    const at = Date.now();
    const checked = lessons.map(({ lesson, from }) => {
      try {
        return this.#checked(lesson, at, from);
      } catch (error) {
        if (!(error instanceof SparseTrainError)) throw error;
        return error;
      }
    });
    const texts = checked.filter((one) => typeof one === 'string');
    const learned = texts.length === 0 ? [] : await this.#learnTexts(texts, lessons.at(-1)?.from);
    let next = 0;
    return checked.map((one) => (typeof one === 'string' ? (learned[next++] as Outcome) : { error: one }));
  }

  #requireOpen(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closing !== undefined) throw closed();
  }

  #learnTexts(texts: readonly string[], origin?: string): Promise<Outcome[]> {
    const outcomes = this.#intake.add(texts, origin);
    this.#startPump();
    return outcomes;
  }

  #checked(lesson: Lesson, at: number, from?: string): string {
    this.#model.check(lesson);
    try {
      return lessonJson(lesson, at, from);
    } catch (error) {
      throw new SparseTrainError(
        'INVALID_DATA',
        `the row cannot be written as JSON: ${(error as Error).message}`,
        {
          cause: error,
        },
      );
    }
  }

  /** Calls a function for each lesson that has been learned. Returns a function that stops this. */
  onLearned(listener: (event: LearnedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls a function when something fails in the background: a flush at an interval, a snapshot on time. */
  onProblem(listener: (problem: Problem) => void): () => void {
    this.#problems.add(listener);
    return () => this.#problems.delete(listener);
  }

  #report(during: Problem['during'], error: unknown): void {
    for (const listener of this.#problems) listener({ during, error });
  }

  #startPump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    // Everything that arrives in the same turn of the event loop is written at once.
    setImmediate(() => void this.#pump());
  }

  async #pump(): Promise<void> {
    for (;;) {
      if (this.#snapshots.isWanted) await this.#snapshots.begin(this.#failure);
      const batch = this.#intake.take();
      if (batch.length === 0) break;
      await this.#commit(batch);
    }
    this.#isPumping = false;
  }

  /** Writes a batch to the journal, learns it, and answers those who wait. */
  async #commit(batch: readonly Waiting<Outcome>[]): Promise<void> {
    try {
      if (this.#failure !== undefined) throw this.#failure;
      this.#lock.confirm();
      this.#journal.append(batch.flatMap(({ texts }) => texts));
      this.#latestOrigin = batch.findLast(({ origin }) => origin !== undefined)?.origin ?? this.#latestOrigin;
    } catch (error) {
      for (const waiting of batch) this.#intake.reject(waiting, error);
      return;
    }
    try {
      if (this.#options.fsync === 'always') await this.#journal.flush();
      else this.#flushLater();
    } catch (error) {
      // The lessons are in the file but perhaps not on the disk: a process that starts later may learn them.
      this.#fail(error);
      for (const waiting of batch) this.#intake.reject(waiting, error);
      return;
    }
    await inSlices(this.#learnBatch(batch));
  }

  /** Learns a batch that is in the journal, a lesson in each step. */
  *#learnBatch(batch: readonly Waiting<Outcome>[]): Steps<void> {
    for (const waiting of batch) {
      const outcomes: Outcome[] = [];
      for (const text of waiting.texts) {
        outcomes.push(this.#learnText(text));
        yield;
      }
      this.#intake.resolve(waiting, outcomes);
    }
  }

  #learnText(text: string): Outcome {
    // The journal's text is learned, not the caller's object, so that learning it again gives the same bits.
    const lesson = parseLesson(text) as Lesson;
    try {
      const learned = this.#model.learn(lesson);
      for (const listener of this.#listeners) listener({ lesson, learned });
      return { learned };
    } catch (error) {
      if (error instanceof SparseTrainError) return { error };
      this.#fail(error);
      return { error: this.#failure as unknown as SparseTrainError };
    }
  }

  /** Stops learning for good: the state on the disk or in memory is not certain any more. */
  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = new SparseTrainError(
      error instanceof SparseTrainError ? error.code : 'INTERNAL',
      {
        says: `nothing more is learned until the process has been restarted: ${(error as Error).message}`,
      },
      { cause: error },
    );
  }

  #flushLater(): void {
    this.#flushTimer ??= setTimeout(() => {
      this.#flushTimer = undefined;
      this.#journal.flush().catch((error: unknown) => {
        this.#fail(error);
        this.#report('flush', error);
      });
    }, this.#options.flushEvery * 1000);
  }

  /**
   * Writes the model to its file, in the state after all lessons acknowledged so far, and keeps the earlier snapshot.
   * Lessons continue to be learned meanwhile.
   *
   * @throws SparseTrainError FILE_ACCESS; the earlier snapshot and the journal are then as they were
   */
  async snapshot(): Promise<Snapshot> {
    if (this.#closing !== undefined) throw closed();
    return this.#snapshots.take();
  }

  /** The path of the latest snapshot in the journal's folder; that file never changes. */
  get snapshotFile(): string {
    return this.#snapshots.archived;
  }

  /** Learns what has been accepted, takes a last snapshot, and releases the model. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#snapshotTimer);
    try {
      await this.#takeSnapshotIfLearned();
      clearTimeout(this.#flushTimer);
      await this.#journal.close();
    } finally {
      this.#lock.release();
      this.#model.close();
    }
  }

  async #takeSnapshotIfLearned(): Promise<void> {
    while (this.#isPumping) await nextTurn();
    if (this.#failure === undefined && this.sinceSnapshot > 0) {
      // The journal has everything: a snapshot that fails costs the next start some time.
      await this.#snapshots.take().catch((error) => this.#report('snapshot', error));
    }
    await this.#snapshots.settle();
  }
}

function inLesson(index: number, error: unknown): unknown {
  if (!(error instanceof SparseTrainError)) return error;
  return new SparseTrainError(error.code, `row ${index}: ${error.message}`, { cause: error });
}

function closed(): SparseTrainError {
  return new SparseTrainError('NETWORK_CLOSED', 'the model is being closed; nothing more is learned');
}
