import { archive, prune } from './journal/archive.js';
import { type Journal, numberedPath } from './journal/journal.js';
import type { ServedModel } from './model/served-model.js';
import { textsAt } from './position.js';

/** A snapshot of a model. */
export interface Snapshot {
  readonly file: string;
  /** How many lessons it contains. */
  readonly sequence: number;
  readonly rows: number;
  /** When it was taken, in milliseconds since 1970. */
  readonly at: number;
}

/** What snapshots are made of, and who is told about them. */
interface Parts {
  /** The path of the model, which the latest snapshot takes. */
  readonly file: string;
  readonly model: ServedModel;
  readonly journal: Journal;
  /** How many earlier snapshots are kept. */
  readonly keep: number;
  readonly latest: Snapshot;
  /** Where the latest lesson that has an origin came from. */
  readonly origin: () => string | undefined;
  /** Called when a snapshot is wanted: {@link Snapshots.begin} must then be called between two batches of lessons. */
  readonly onWanted: () => void;
  /** Called when the journal accepts no more lessons. */
  readonly onLost: (error: unknown) => void;
  /** Called when old files cannot be removed. */
  readonly onProblem: (error: unknown) => void;
}

/** Takes snapshots of a model while it learns. */
export class Snapshots {
  readonly #parts: Parts;
  #latest: Snapshot;
  #wanted: ((begun: { saved: Promise<Snapshot> }) => void)[] = [];
  #saving: Promise<Snapshot> | undefined;
  /** Settles when the journal has been rotated and the state of the model has been captured. */
  #rotated: Promise<void> = Promise.resolve();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#latest = parts.latest;
  }

  get latest(): Snapshot {
    return this.#latest;
  }

  /** The path of the latest snapshot in the journal's folder; that file never changes. */
  get archived(): string {
    return numberedPath(this.#parts.journal.folder, this.#latest.sequence, 'safetensors');
  }

  get isWanted(): boolean {
    return this.#wanted.length > 0;
  }

  /** Writes the model to its file, in the state between two batches of lessons. */
  async take(): Promise<Snapshot> {
    // Two at once would race for the file.
    await this.settle();
    const begun = new Promise<{ saved: Promise<Snapshot> }>((resolve) => {
      this.#wanted.push(resolve);
      this.#parts.onWanted();
    });
    return (await begun).saved;
  }

  /** Settles when no snapshot is being written. */
  async settle(): Promise<void> {
    await this.#saving?.catch(() => undefined);
  }

  /**
   * Begins the snapshot that is wanted. Everything in the journal must have been learned.
   *
   * @param failure - why nothing can be learned any more, so that no snapshot may be taken
   */
  async begin(failure: Error | undefined): Promise<void> {
    const wanted = this.#wanted.splice(0);
    let saved = this.#saving;
    if (saved === undefined) {
      saved = failure === undefined ? this.#rotateAndSave() : Promise.reject(failure);
      this.#saving = saved.finally(() => {
        this.#saving = undefined;
      });
      this.#saving.catch(() => undefined);
    }
    for (const resolve of wanted) resolve({ saved });
    await this.#rotated;
  }

  #rotateAndSave(): Promise<Snapshot> {
    const { journal, model, onLost } = this.#parts;
    const rotated = journal.rotate().then(
      () => {
        model.settle();
        // In an object, because a promise in a promise would be awaited.
        return { saving: this.#save(journal.next) };
      },
      (error: unknown) => {
        if (journal.isLost) onLost(error);
        throw error;
      },
    );
    this.#rotated = rotated.then(
      () => undefined,
      () => undefined,
    );
    return rotated.then(({ saving }) => saving);
  }

  /** Writes a snapshot of the current state, which is captured before this function returns. */
  #save(sequence: number): Promise<Snapshot> {
    const { file, model, journal, keep, origin, onProblem } = this.#parts;
    const { id, folder } = journal;
    const snapshot: Snapshot = { file, sequence, rows: model.rows, at: Date.now() };
    return model.save(file, textsAt({ id, sequence, origin: origin() })).then(async () => {
      await archive(file, folder, sequence);
      this.#latest = snapshot;
      // Old files that cannot be removed now go after the next snapshot.
      await prune(folder, keep).catch(onProblem);
      return snapshot;
    });
  }
}
