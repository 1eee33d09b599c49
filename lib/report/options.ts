import { text, whole } from '../base/options/kinds.js';
import { type OptionsOf, option } from '../base/options/table.js';
import type { Dataset } from '../data/dataset.js';
import { THREADS } from '../network/threads.js';

/** The most runs that one page can show readably. */
export const MOST_RUNS = 32;

/** A run to report: its files, at least one of them. */
export interface RunToReport {
  /** The run log, which `fit()` writes with `log`. Of several runs in it, the page shows the last. */
  readonly log?: string | undefined;
  /** The model, which `save()` writes. */
  readonly model?: string | undefined;
  /** Examples to measure the model on; the page shows the worst of them. */
  readonly data?: Dataset | undefined;
  /** What the page calls the run; the file's name unless given. */
  readonly name?: string | undefined;
}

const TITLE = { text: 'the heading of the page' } as const;

/** The options of reportRuns(). */
export const REPORT_RUNS = {
  /** The heading of the page. */
  title: option(text(), { ...TITLE, otherwise: 'the names of the runs' }),
  /** How many of the worst examples of each run the page shows. */
  examples: option(whole(0, 1000), { text: 'the number of worst examples to show', default: 24 }),
  /** Threads that share the work of measuring. */
  threads: THREADS.threads,
};

/** Options of {@link reportRuns}. */
export interface ReportRunsOptions extends OptionsOf<typeof REPORT_RUNS> {}

/** The options of reportStudy(). */
export const REPORT_STUDY = {
  /** The heading of the page. */
  title: option(text(), { ...TITLE, otherwise: 'the name of the study' }),
};

/** Options of {@link reportStudy}. */
export interface ReportStudyOptions extends OptionsOf<typeof REPORT_STUDY> {}
