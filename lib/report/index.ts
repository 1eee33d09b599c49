/** The report functions of the public API. The code of a page is loaded when the first one is made. */
import type { Study } from '../search/study.js';
import type { ReportRunsOptions, ReportStudyOptions, RunToReport } from './options.js';

/**
 * The report of a run, or of up to 32 runs side by side: learning curves, the confusion matrix, the worst examples, the
 * edges and weights of each junction, saturation and the machine.
 *
 * @returns an HTML page that needs no other file and no network
 *
 * @example
 * await network.fit(train, { epochs: 5, log: 'digits.jsonl' });
 * await network.save('digits.safetensors');
 * const page = await reportRuns([{ log: 'digits.jsonl', model: 'digits.safetensors', data: test }]);
 * await writeFile('digits.html', page);
 *
 * @throws SparseTrainError (by rejection) UNKNOWN_OPTION, INVALID_OPTION; FILE_NOT_FOUND, FILE_ACCESS or INVALID_FILE of
 * a log or model; INVALID_DATA if the data do not fit the network
 */
export async function reportRuns(
  runs: readonly RunToReport[],
  options: ReportRunsOptions = {},
): Promise<string> {
  const { runsPage } = await import('./pages.js');
  return runsPage(runs, options);
}

/**
 * The report of a study, also while it runs: the front, the objectives of every trial, parallel coordinates, a map over
 * any two parameters, and how much each parameter decides.
 *
 * @returns an HTML page that needs no other file and no network
 *
 * @example
 * const study = await createStudy('width.toml', { journal: 'width.jsonl' });
 * await runStudy(study);
 * await writeFile('width.html', await reportStudy(study));
 *
 * @throws SparseTrainError (by rejection) UNKNOWN_OPTION, INVALID_OPTION
 */
export async function reportStudy(study: Study, options: ReportStudyOptions = {}): Promise<string> {
  const { studyPage } = await import('./pages.js');
  return studyPage(study, options);
}
