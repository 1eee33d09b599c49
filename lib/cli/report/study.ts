import { open } from 'node:fs/promises';
import { writeText } from '../../base/files/write-text.js';
import { engineVersion } from '../../engine/kernel-sets.js';
import { type ReportedStudy, reportedPlan, studyReport } from '../../report/html/study-report.js';
import { checkDefinition } from '../../search/definition/check.js';
import type { StudyDefinition } from '../../search/definition/definition.js';
import { readJournal } from '../../search/journal/lines.js';

const MARK = '{"type":"study"';

/**
 * The study in a journal, even while the study is running.
 *
 * @returns undefined if the file is not a journal of a study
 * @throws SparseTrainError INVALID_FILE with the line's number
 */
export async function journalStudy(file: string): Promise<ReportedStudy | undefined> {
  if (!(await beginsWithMark(file))) return undefined;
  const { study, trials = [] } = (await readJournal(file)) ?? {};
  if (study === undefined) return undefined;
  const plan = checkDefinition(study.definition as StudyDefinition, study.name);
  return { ...reportedPlan(plan), trials, about: [...reportedPlan(plan).about, momentOf(study.time)] };
}

/** `2026-11-29 10:30:00 UTC` */
function momentOf(time: string): string {
  return time.replace('T', ' ').replace(/\..*$/, ' UTC');
}

async function beginsWithMark(file: string): Promise<boolean> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return false;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MARK.length), 0, MARK.length, 0);
    return buffer.toString('latin1', 0, bytesRead) === MARK;
  } catch {
    return false; // for example a folder
  } finally {
    await handle.close();
  }
}

/**
 * Writes the report of a study.
 *
 * @returns its size in bytes
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS
 */
export async function writeStudyReport(study: ReportedStudy, file: string, option: string): Promise<number> {
  const page = await studyReport(study, engineVersion());
  await writeText(file, page, option);
  return Buffer.byteLength(page);
}
