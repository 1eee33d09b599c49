import { text, whole } from '../base/options/kinds.js';
import { type OptionsOf, option } from '../base/options/table.js';
import type { AnyDataset } from '../data/dataset.js';
import { THREADS } from '../network/threads.js';

/** The most runs that one page can show readably. */
export const MOST_RUNS = 32;

/** A run to report: its files, at least one of them. */
export interface RunToReport {
  /** The run log, which `fit()` writes with its option `log`. If it holds several runs, the page shows the last. */
  readonly log?: string | undefined;
  /** The model, which `save()` writes. */
  readonly model?: string | undefined;
  /** Examples to measure the model on; the page shows the worst of them. */
  readonly data?: AnyDataset | undefined;
  /** The run's name on the page; by default the file's name. */
  readonly name?: string | undefined;
}

const TITLE = { text: 'the heading of the page' } as const;

/** The options of reportRuns(). */
export const REPORT_RUNS = {
  /** The heading of the page. */
  title: option(text(), { ...TITLE, otherwise: 'the names of the runs' }),
  /** The number of worst examples of each run on the page. */
  examples: option(whole(0, 1000), { text: 'the number of worst examples to show', default: 24 }),
  /** The number of threads that measure the model. */
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
