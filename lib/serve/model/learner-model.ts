import { describeValue, SparseTrainError } from '../../base/errors.js';
import type { TargetKind } from '../../online/head.js';
import { type AnyLearner, saveLearner, type TruthOf } from '../../online/learner.js';
import type { Lesson } from '../journal/record.js';
import type { Scores, ServedColumn, ServedModel } from './served-model.js';

type AnyTarget = TargetKind | readonly TargetKind[];

/** A learner of rows that is served. */
export class LearnerModel implements ServedModel {
  readonly kind = 'learner';
  readonly targets: readonly TargetKind[];
  readonly #learner: AnyLearner;
  readonly #isList: boolean;

  constructor(learner: AnyLearner) {
    this.#learner = learner;
    const metrics: unknown = learner.metrics();
    this.#isList = Array.isArray(metrics);
    this.targets = [metrics].flat().map((one) => (one as Scores).kind);
  }

  get rows(): number {
    return this.#learner.rows;
  }

  get drifts(): number {
    return this.#learner.inspect().drifts.reduce((sum, list) => sum + list.length, 0);
  }

  get weights(): number {
    // 16 bits each.
    return this.#learner.inspect().bytes / 2;
  }

  columns(): readonly ServedColumn[] {
    return this.#learner.inspect().columns.map(({ name, kinds }) => ({ name, kinds, required: false }));
  }

  classes(): readonly (readonly string[])[] {
    return this.#learner.inspect().classes;
  }

  scores(): readonly Scores[] {
    return [this.#learner.metrics() as unknown].flat() as Scores[];
  }

  predict(row: unknown, hasTicket: boolean): object {
    const prediction = this.#learner.predict(row as object);
    return hasTicket ? { ...prediction, ticket: prediction.ticket } : prediction;
  }

  check(lesson: Lesson): void {
    this.#learner.check(taught(lesson), this.#truth(lesson));
  }

  learn(lesson: Lesson): unknown {
    return this.#learner.learn(taught(lesson), this.#truth(lesson));
  }

  /** JSON has null for the target that is not known, out of several. */
  #truth({ target }: Lesson): TruthOf<AnyTarget> {
    const truth = this.#isList && Array.isArray(target) ? target.map((one) => one ?? undefined) : target;
    return truth as TruthOf<AnyTarget>;
  }

  settle(): void {
    // A learner has no updates under way between two calls.
  }

  digest(): string {
    return this.#learner.digest();
  }

  save(file: string, texts: Readonly<Record<string, string>>): Promise<void> {
    return saveLearner(this.#learner, file, texts);
  }

  close(): void {
    this.#learner.close();
  }
}

/** What is given to learn(): a row, or the text of a ticket. A row that is a text would be taken for a ticket. */
function taught(lesson: Lesson): object | string {
  if ('ticket' in lesson) return lesson.ticket;
  if (typeof lesson.row !== 'string') return lesson.row as object;
  throw new SparseTrainError('INVALID_DATA', {
    says: `a row must be an object such as { price: 3, zone: 'B' }, or an array, but it is ${describeValue(lesson.row)}`,
  });
}
