/** The search functions of the public API. Their code and libraries are loaded when the first study is opened. */
import type { StudyDefinition } from './definition/definition.js';
import type { StudyOptions } from './open.js';
import type { RunStudyOptions } from './run.js';
import type { Study } from './study.js';

/**
 * Opens a study: from its definition, or from the TOML or JSON file that holds it.
 *
 * @example
 * const study = await createStudy({
 *   space: { x: { kind: 'float', low: -5, high: 5 } },
 *   objectives: [{ measure: 'value', direction: 'minimize' }],
 * });
 * for (let trial = study.ask(); trial !== undefined; trial = study.ask()) {
 *   study.tell(trial, { values: { value: (trial.parameters.x - 2) ** 2 } });
 * }
 *
 * @throws SparseTrainError (by rejection) UNKNOWN_OPTION or INVALID_OPTION with the place in the definition; of a file
 * FILE_NOT_FOUND, FILE_ACCESS, INVALID_FILE; for the journal also STUDY_BUSY if another process writes it
 */
export async function createStudy(
  definition: StudyDefinition | string,
  options: StudyOptions = {},
): Promise<Study> {
  const { openStudy } = await import('./open.js');
  return openStudy(definition, options);
}

/**
 * Runs a study's trials, on threads of this process or on workers behind a queue, until all are done.
 *
 * @example
 * const study = await createStudy('width.toml', { journal: 'width.jsonl' });
 * await runStudy(study, { onEvent: ({ type, trial }) => type === 'end' && console.log(trial) });
 * console.log(study.best);
 * await study.close();
 *
 * @throws SparseTrainError (by rejection) INVALID_OPTION; as loadDataset(); what was wrong with the first trials if
 * they all failed; FILE_ACCESS if the journal cannot be written; QUEUE_UNAVAILABLE if there is no such server
 */
export async function runStudy(study: Study, options: RunStudyOptions = {}): Promise<void> {
  const { runTrials } = await import('./run.js');
  await runTrials(study, options);
}
