/**
 * Writes HTML pages about runs and studies: what the commands `report` and `search --report` write, from a program.
 * {@link reportRuns} takes run logs and models, {@link reportStudy} a study. Each returns one page as text, which needs
 * no server and no network.
 *
 * @module sparse-train/report
 */

export { reportRuns, reportStudy } from '../report/index.js';
export type { ReportRunsOptions, ReportStudyOptions, RunToReport } from '../report/options.js';
