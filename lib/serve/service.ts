import { SparseTrainError } from '../base/errors.js';
import type { DurableModel, Outcome } from './durable-model.js';
import type { FollowedModel } from './followed-model.js';
import { History } from './history.js';
import type { Lesson } from './journal/record.js';
import type { ServedModel } from './model/served-model.js';
import type { Snapshot } from './snapshots.js';

/** Facts about a model that is served. */
export type ModelFacts = Omit<
  ServedModel,
  'learn' | 'check' | 'close' | 'settle' | 'save' | 'digest' | 'predict'
>;

/** What the routes of a server do: predicts and learns, and counts both. Readers that follow a model only predict. */
export class Service {
  readonly durable: DurableModel | undefined;
  readonly history: History;
  readonly counts = { learned: 0, predicted: 0, refused: 0 };
  readonly #source: DurableModel | FollowedModel;

  constructor(source: DurableModel | FollowedModel) {
    this.#source = source;
    this.durable = 'learnAll' in source ? source : undefined;
    this.history = new History(() => this.model);
    this.durable?.onLearned((event) => {
      this.counts.learned++;
      this.history.add(event);
    });
  }

  get model(): ModelFacts {
    return this.#source.model;
  }

  /** The id of the model's state, for ETag: that of the latest snapshot. */
  get version(): string {
    const { id, latestSnapshot } = this.#source;
    return `${id}-${latestSnapshot.sequence}`;
  }

  get snapshotFile(): string {
    return this.#source.snapshotFile;
  }

  /** Seconds since the latest snapshot. */
  get snapshotAge(): number {
    return (Date.now() - this.#source.latestSnapshot.at) / 1000;
  }

  /** Why the server is not ready; undefined while all is well. */
  get failure(): SparseTrainError | undefined {
    return this.#source.failure;
  }

  /** @throws SparseTrainError INVALID_DATA naming the field */
  predict(row: unknown, hasTicket: boolean): object {
    try {
      const prediction = this.#source.predict(row, hasTicket);
      this.counts.predicted++;
      return prediction;
    } catch (error) {
      this.counts.refused++;
      throw error;
    }
  }

  /** @throws SparseTrainError as {@link DurableModel.learnAll}; READ_ONLY if the server follows another one */
  async learn(lessons: readonly Lesson[]): Promise<Outcome[]> {
    try {
      return await this.#learner().learnAll(lessons);
    } catch (error) {
      this.counts.refused += lessons.length;
      throw error;
    }
  }

  /** @throws SparseTrainError READ_ONLY, FILE_ACCESS */
  async snapshot(): Promise<Snapshot> {
    return this.#learner().snapshot();
  }

  #learner(): DurableModel {
    if (this.durable !== undefined) return this.durable;
    throw new SparseTrainError('READ_ONLY', {
      says: 'this server follows a model that another one learns',
      advice: 'send rows to learn to that one',
    });
  }
}
