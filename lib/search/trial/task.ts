import { createHash } from 'node:crypto';
import { posix, win32 } from 'node:path';
import { invalidOption, SparseTrainError } from '../../base/errors.js';
import {
  boolean,
  checkedBy,
  listOf,
  oneOf,
  plainObject,
  seedKind,
  text,
  whole,
} from '../../base/options/kinds.js';
import { type CheckedOptions, checkOptions, option } from '../../base/options/table.js';
import type { Budget } from '../../hardware/plan/types.js';
import { DATA, type StudyDataSource, sourceOf } from '../definition/tables.js';
import type { Template } from '../template.js';
import { EPOCH_MEASURES, RUN_MEASURES } from './measures.js';

/**
 * Which data a trial learns from. Its `directory`, the folder with the files on this machine, is never sent to another
 * machine.
 */
export type DataSpec = Partial<StudyDataSource> & Pick<StudyDataSource, 'validation'>;

/** Everything that a trial depends on, as plain data. A trial gives the same network wherever it runs. */
export interface TrialTask {
  /** The study's id. */
  readonly study: string;
  /** Version of the package: another release may train another network from the same options. */
  readonly release: string;
  readonly number: number;
  readonly seed: number;
  readonly network: Template;
  readonly fit: Template;
  /** The number of trainings, with different seeds; undefined for one. */
  readonly repeats?: number | undefined;
  readonly data: DataSpec;
  /** SHA-256 of the contents of the data set. */
  readonly checksum: string;
  readonly budget: Budget;
  /** Objectives that are expensive to measure, and are measured only on request. */
  readonly measures: readonly string[];
  /** The measure that is reported after every epoch. */
  readonly epochMeasure: string;
  /** Whether the coordinator decides after every epoch whether the trial continues. */
  readonly prunes: boolean;
}

/**
 * Options of fit() that a trial must not have, with the reasons. Workers refuse them too, because some name files to
 * write.
 */
export const NOT_FOR_FIT: Readonly<Record<string, string>> = {
  validation: 'data.validation says what is measured',
  signal: 'Ctrl-C stops a study',
  onProgress: 'functions have no place in a study',
  onEpoch: 'functions have no place in a study',
  onCheckpoint: 'functions have no place in a study',
  log: 'the journal keeps every trial',
  logContext: 'the journal keeps every trial',
  checkpoint: 'trials would share one file, and a trial that is interrupted begins anew',
};

/**
 * Refuses options of fit() that a trial may not have.
 *
 * @throws SparseTrainError INVALID_OPTION
 */
export function checkTrialFit(fit: object): void {
  for (const [name, why] of Object.entries(NOT_FOR_FIT)) {
    if (Object.hasOwn(fit, name))
      throw new SparseTrainError('INVALID_OPTION', `fit.${name} has no place in a study: ${why}`);
  }
}

const measures = oneOf([...Object.keys(EPOCH_MEASURES), ...Object.keys(RUN_MEASURES)]);

/** Options of fit() that may come from another machine. */
const trialFit = checkedBy('an object of plain data', (name, value) => {
  const fit = plainObject.check(name, value);
  checkTrialFit(fit);
  return fit;
});

const WITHIN = 'a path within the folder of the data';

/** A job may name files of this machine's folder for data, and no others. */
const sentFile = checkedBy<string>(WITHIN, (name, value) => {
  if (typeof value === 'string' && value !== '' && isWithin(value)) return value;
  throw invalidOption(name, WITHIN, value);
});

/** Whether a path stays within the folder that it is relative to, on any operating system. */
function isWithin(path: string): boolean {
  return !posix.isAbsolute(path) && !win32.isAbsolute(path) && !/(^|[\\/])\.\.([\\/]|$)|^\w:/.test(path);
}

const { directory: _, ...sentData } = DATA;

const TASK = {
  study: option(text(), { required: true, text: "the study's id" }),
  release: option(text(), { required: true, text: 'of the package that conducts the study' }),
  number: option(whole(0), { required: true, text: "the trial's number" }),
  seed: option(seedKind, { required: true, text: 'what it trains with' }),
  network: option(plainObject, { required: true, text: 'options of the network' }),
  fit: option(trialFit, { required: true, text: 'options of fit()' }),
  repeats: option(whole(1, 1000), { text: 'the number of trainings, with different seeds' }),
  data: option(
    sourceOf({
      ...sentData,
      file: option(sentFile, { text: DATA.file.text }),
      test: option(sentFile, { text: DATA.test.text }),
      validation: option(DATA.validation.kind, { required: true, text: DATA.validation.text }),
    }),
    { required: true, text: 'what it learns from' },
  ),
  checksum: option(text(), { required: true, text: 'of the data set' }),
  budget: option(plainObject, { required: true, text: 'the hardware that clocks are counted on' }),
  measures: option(listOf(measures), { required: true, text: 'objectives' }),
  epochMeasure: option(oneOf(Object.keys(EPOCH_MEASURES)), {
    required: true,
    text: 'reported after every epoch',
  }),
  prunes: option(boolean, { required: true, text: 'whether the coordinator decides after every epoch' }),
} as const;

/**
 * Checks a task from another machine: it holds only what a trial needs, without paths or unknown fields. Network and
 * fit() check their own options when the trial runs.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION
 */
export function checkTask(given: unknown): TrialTask {
  const task: CheckedOptions<typeof TASK> = checkOptions('the job', TASK, given);
  return task as unknown as TrialTask;
}

/**
 * A task as it is sent to other machines, which have their own folders for data. A file outside the study's folder is
 * sent by its name alone.
 */
export function portable(task: TrialTask): TrialTask {
  const { directory: _, file, test, ...data } = task.data;
  const given = Object.entries({ ...data, file: sent(file), test: sent(test) });
  return {
    ...task,
    data: Object.fromEntries(given.filter(([, value]) => value !== undefined)) as unknown as DataSpec,
  };
}

function sent(file: string | undefined): string | undefined {
  return file === undefined || isWithin(file) ? file : win32.basename(file);
}

/** SHA-256 of everything that a trial depends on, cut to 16 hexadecimal digits: equal tasks train equal networks. */
export function fingerprint(task: TrialTask): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(portable(task))))
    .digest('hex')
    .slice(0, 16);
}

/** A copy of the value with the keys of its objects in alphabetical order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
