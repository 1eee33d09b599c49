import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { invalidOption, SparseTrainError } from '../base/errors.js';
import { engineVersion } from '../engine/kernel-sets.js';
import type { StudyPlan } from './definition/check.js';
import type { Journal } from './journal/journal.js';
import { ended, type JournalContents } from './journal/lines.js';
import { paretoFront } from './pareto.js';
import { makePruner } from './pruners/make.js';
import type { Pruner } from './pruners/pruner.js';
import { lossesOf, rivalsOf } from './pruners/rivals.js';
import type { TrialRecord, TrialResult } from './records.js';
import { makeSampler } from './samplers/make.js';
import type { Sampler } from './samplers/sampler.js';
import type { Parameters } from './space/parameter.js';
import { fillTemplate } from './template.js';
import { dataName, loadTrialData, type TrialData } from './trial/data.js';
import { isFeasible } from './trial/feasibility.js';
import type { DataSpec, TrialTask } from './trial/task.js';

/** A point to try, from {@link Study.ask}. */
export interface Trial {
  /** Counted from 0. */
  readonly number: number;
  readonly parameters: Parameters;
  /** What to train with. */
  readonly seed: number;
  /**
   * Reports the first objective after another epoch.
   *
   * @returns whether the pruner would continue the trial
   */
  report(value: number): 'continue' | 'prune';
}

/** The result of a trial: the objectives by name, or why there are none. */
export type TrialOutcome =
  | { readonly values: Readonly<Record<string, number>> }
  | { readonly state: 'pruned' }
  | { readonly state: 'failed'; readonly error?: string | undefined };

/** A search: it keeps the trials and their results, and chooses the next point. Made by {@link createStudy}. */
export class Study {
  readonly id: string;
  readonly name: string;
  /** @internal */
  readonly plan: StudyPlan;
  readonly #journal: Journal | undefined;
  readonly #trials: TrialRecord[];
  /** Trials that an earlier process began and did not finish; ask() returns them first. */
  readonly #begun: number[];
  /** Values that running trials have reported. */
  readonly #curves = new Map<number, number[]>();
  readonly #sampler: Sampler;
  readonly #pruner: Pruner | undefined;
  #checksum: string | undefined;
  #data: TrialData | undefined;
  /** What was decided about the columns and rows of a file, one sentence each. */
  readonly remarks: readonly string[];
  #exhausted = false;
  #ended: number;

  /** @internal */
  constructor(
    plan: StudyPlan,
    journal: Journal | undefined,
    contents: JournalContents | undefined,
    data: TrialData | undefined,
  ) {
    this.plan = plan;
    this.#data = data;
    this.remarks = data?.remarks ?? [];
    this.name = plan.name;
    this.#journal = journal;
    const { space, objectives, seed } = plan;
    this.#sampler = makeSampler(plan.sampler, {
      space,
      objectives,
      seed,
      isFeasible: (parameters) => isFeasible(plan, parameters),
    });
    this.#pruner = makePruner(plan.pruner);
    this.#trials = [...(contents?.trials ?? [])];
    this.#begun = this.#trials.filter(({ state }) => state === 'running').map(({ number }) => number);
    this.#ended = this.#trials.length - this.#begun.length;
    this.#checksum = contents?.data?.checksum;
    this.id = contents?.study?.id ?? randomUUID();
    const time = new Date().toISOString();
    if (contents?.study === undefined) {
      const { name, parsed: definition } = plan;
      journal?.append({ type: 'study', version: 1, id: this.id, time, name, definition });
    }
    journal?.append({
      type: 'session',
      time,
      host: hostname(),
      process: process.pid,
      release: engineVersion(),
    });
  }

  /** All trials, by number. */
  get trials(): readonly TrialRecord[] {
    return this.#trials;
  }

  /** Trials that have ended. */
  get ended(): number {
    return this.#ended;
  }

  /** Whether ask() has no more points. */
  get isDone(): boolean {
    return this.#begun.length === 0 && (this.#exhausted || this.#trials.length >= this.plan.trials);
  }

  /** The complete trials that no other trial beats in all objectives; with one objective, the best trial. */
  get front(): readonly TrialRecord[] {
    return paretoFront(this.#trials, this.plan.objectives);
  }

  /** The best complete trial by the first objective; undefined if there is none. */
  get best(): TrialRecord | undefined {
    return paretoFront(this.#trials, this.plan.objectives.slice(0, 1))[0];
  }

  /** The journal's file; undefined if the study is kept in memory only. */
  get journal(): string | undefined {
    return this.#journal?.file;
  }

  /**
   * The next point to try. Trials that were unfinished when the study was last closed come first.
   *
   * @returns undefined when the study is done: the number of trials is reached, or no untried point is left
   * @throws SparseTrainError FILE_ACCESS if the journal cannot be written
   */
  ask(): Trial | undefined {
    const again = this.#begun.shift();
    if (again !== undefined) return this.#trial(this.#trials[again] as TrialRecord);
    const number = this.#trials.length;
    if (this.#exhausted || number >= this.plan.trials) return undefined;
    const parameters = this.#sampler.propose(number, this.#trials);
    if (parameters === undefined) {
      this.#exhausted = true;
      return undefined;
    }
    const seed = this.#seedOf(number, parameters);
    this.#journal?.append({ type: 'begin', trial: number, time: new Date().toISOString(), parameters, seed });
    const record: TrialRecord = { number, state: 'running', parameters, seed, values: {}, curve: [] };
    this.#trials.push(record);
    return this.#trial(record);
  }

  #seedOf(number: number, parameters: Parameters): number {
    const { training, seed } = this.plan;
    const own = training === undefined ? undefined : fillTemplate(training.network, parameters).seed;
    return Number.isSafeInteger(own) ? (own as number) : (seed + number) % 2 ** 53;
  }

  #trial({ number, parameters, seed }: TrialRecord): Trial {
    this.#curves.set(number, []);
    return { number, parameters, seed, report: (value) => this.report(number, value) };
  }

  /**
   * Records the value of a running trial after another epoch.
   *
   * @internal
   */
  report(number: number, value: number): 'continue' | 'prune' {
    const curve = this.#curves.get(number);
    if (curve === undefined)
      throw new SparseTrainError(
        'INVALID_OPTION',
        `trial ${number} is not running, so it has nothing to report`,
      );
    if (typeof value !== 'number') throw invalidOption('value', 'a number', value);
    curve.push(value);
    const pruner = this.#pruner;
    if (pruner === undefined) return 'continue';
    const sign = this.plan.objectives[0]?.direction === 'maximize' ? -1 : 1;
    const rivals = rivalsOf(number, this.#trials, this.#curves, sign);
    return pruner.shouldPrune({ number, losses: lossesOf(curve, sign) }, rivals) ? 'prune' : 'continue';
  }

  /**
   * Discards the reports of a running trial that is about to start again elsewhere.
   *
   * @internal
   */
  restart(number: number): void {
    this.#curves.set(number, []);
  }

  /**
   * Records the result of a trial.
   *
   * @throws SparseTrainError INVALID_OPTION for a trial that is not running or an objective without a value;
   * FILE_ACCESS if the journal cannot be written
   */
  tell(trial: Pick<Trial, 'number'>, outcome: TrialOutcome): void {
    const curve = this.#curves.get(trial.number);
    if ('values' in outcome) {
      for (const { measure } of this.plan.objectives) {
        if (typeof outcome.values[measure] !== 'number')
          throw invalidOption(
            `values.${measure}`,
            'a number, as it is an objective',
            outcome.values[measure],
          );
      }
      this.settle(trial.number, { state: 'complete', values: outcome.values, curve });
    } else if (outcome.state === 'pruned') {
      this.settle(trial.number, { state: 'pruned', curve });
    } else {
      this.settle(trial.number, {
        state: 'failed',
        curve,
        error: { code: 'FAILED', message: outcome.error ?? 'no reason was given' },
      });
    }
  }

  /**
   * Ends a trial.
   *
   * @internal
   */
  settle(number: number, result: TrialResult): void {
    const begun = this.#trials[number];
    if (begun?.state !== 'running' || !this.#curves.has(number))
      throw new SparseTrainError('INVALID_OPTION', `trial ${number} is not running, so it cannot end`);
    const head = { type: 'end', trial: number, time: new Date().toISOString() } as const;
    // The head is written twice: first for its place in the line, and last so that no field of the result replaces it.
    this.#journal?.append({ ...head, ...result, ...head });
    this.#trials[number] = ended(begun, result);
    this.#curves.delete(number);
    this.#ended++;
  }

  /**
   * Gives up a running trial; the next ask(), here or in the next process, returns it again.
   *
   * @internal
   */
  giveBack(number: number): void {
    this.#curves.delete(number);
    this.#begun.push(number);
  }

  /**
   * The task that a worker needs to run a trial.
   *
   * @internal
   */
  task({ number, parameters, seed }: Trial, checksum: string): TrialTask {
    const { training, objectives, pruner } = this.plan;
    if (training === undefined) throw noTraining();
    const { network, fit, repeats, data, budget, epochMeasure } = training;
    return {
      study: this.id,
      release: engineVersion(),
      number,
      seed,
      network: fillTemplate(network, parameters),
      fit: fillTemplate(fit, parameters),
      repeats,
      data,
      checksum,
      budget,
      measures: objectives.map(({ measure }) => measure),
      epochMeasure,
      prunes: pruner.kind !== 'none',
    };
  }

  /**
   * Loads the data that the trials learn from, records them, or checks that earlier trials learned from the same.
   *
   * @internal
   * @throws SparseTrainError INVALID_DATA if the data have changed; as loadDataset() and readTable()
   */
  async loadData(): Promise<TrialData> {
    const { training } = this.plan;
    if (training === undefined) throw noTraining();
    const data = this.#data ?? (await loadTrialData(training.data));
    this.#data = undefined; // Another run reads the file again, which may have changed.
    this.#noteData(data.checksum);
    return data;
  }

  #noteData(checksum: string): void {
    const { name, file }: Pick<DataSpec, 'name' | 'file'> = this.plan.training?.data ?? {};
    if (this.#checksum === undefined) {
      this.#checksum = checksum;
      this.#journal?.append({
        type: 'data',
        time: new Date().toISOString(),
        name: name ?? file ?? '',
        checksum,
      });
    } else if (this.#checksum !== checksum) {
      throw new SparseTrainError(
        'INVALID_DATA',
        `${dataName({ name, file })} does not hold what the trials in ${this.journal} learned from (SHA-256 now ${checksum}, ` +
          `then ${this.#checksum}); restore it, or choose another journal`,
      );
    }
  }

  /** Resolves once everything that was recorded is on the disk. */
  async flush(): Promise<void> {
    await this.#journal?.flush();
  }

  /** Closes the journal. Running trials start again when the study is opened again. */
  async close(): Promise<void> {
    await this.#journal?.close();
  }
}

/** @internal */
export function noTraining(): SparseTrainError {
  return new SparseTrainError(
    'INVALID_OPTION',
    'the study has no network to train; give it one, or use ask() and tell()',
  );
}
