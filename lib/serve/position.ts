/** Opening a served model, and where in its journal it stands. */
import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { describeValue, SparseTrainError } from '../base/errors.js';
import { parseJson } from '../base/json.js';
import type { TargetKind } from '../online/head.js';
import { type AnyLearner, Learner } from '../online/learner.js';
import type { LearnerOptions } from '../online/options.js';
import { journalFiles } from './journal/journal.js';
import { LearnerModel } from './model/learner-model.js';
import { modelTexts, openModel } from './model/open-model.js';
import type { ServedModel } from './model/served-model.js';

/** The key of the metadata that says where in its journal a snapshot stands. */
const POSITION = 'journal';

/** Where in its journal a model stands. */
export interface Position {
  /** The journal's id. */
  readonly id: string;
  /** How many lessons it has had. */
  readonly sequence: number;
  /** Where the latest of them that has an origin came from. */
  readonly origin?: string | undefined;
}

/** The folder of a model's journal. */
export function journalFolder(file: string): string {
  return `${file}.journal`;
}

/** Opens the model file; without one, makes a new learner if there is no journal either. */
export async function openOrCreate(
  path: string,
  folder: string,
  create: LearnerOptions | undefined,
): Promise<{ model: ServedModel; position: Position | undefined }> {
  const exists = (await stat(path).catch(() => undefined)) !== undefined;
  if (!exists) {
    const { snapshots, segments } = journalFiles(folder);
    if (snapshots.length > 0 || segments.length > 0) throw missingModel(path, folder);
    if (create === undefined)
      throw new SparseTrainError('FILE_NOT_FOUND', {
        says: `there is no model ${path}`,
        advice: 'check the path, or ask for a new one (--new on the command line, create in a program)',
      });
    return {
      model: new LearnerModel(new Learner(create as LearnerOptions & { target: TargetKind }) as AnyLearner),
      position: undefined,
    };
  }
  const model = await openModel(path);
  return { model, position: positionOf(path, await modelTexts(path)) };
}

/** Saves a model that has no journal yet as the snapshot at the beginning of one. */
export async function beginPosition(
  model: ServedModel,
  file: string,
  path: string,
  folder: string,
): Promise<Position> {
  const { snapshots, segments } = journalFiles(folder);
  if (snapshots.length > 0 || segments.length > 0) throw foreignJournal(file, folder);
  const position: Position = { id: randomUUID(), sequence: 0 };
  await model.save(path, textsAt(position));
  return position;
}

/** The texts in a model file that say where the model stands. */
export function textsAt(position: Position): Readonly<Record<string, string>> {
  return { [POSITION]: JSON.stringify(position) };
}

/** Where in its journal a model file stands; undefined if it never had one. */
export function positionOf(file: string, texts: ReadonlyMap<string, string>): Position | undefined {
  const text = texts.get(POSITION);
  if (text === undefined) return undefined;
  try {
    const { id, sequence, origin } = parseJson(text) as Partial<Position>;
    const isOrigin = origin === undefined || typeof origin === 'string';
    if (typeof id === 'string' && Number.isSafeInteger(sequence) && (sequence as number) >= 0 && isOrigin)
      return { id, sequence: sequence as number, origin };
  } catch {
    // The error below says so.
  }
  throw new SparseTrainError(
    'INVALID_FILE',
    `${file} says that it stands at ${describeValue(text)} of its journal, which is no position; restore it from a copy`,
  );
}

function missingModel(path: string, folder: string): SparseTrainError {
  return new SparseTrainError('FILE_NOT_FOUND', {
    says: `${path} is missing, but its journal ${folder} is there`,
    advice: `copy its newest snapshot there (${folder}/*.safetensors), or move the journal away to begin anew`,
  });
}

function foreignJournal(file: string, folder: string): SparseTrainError {
  return new SparseTrainError('INVALID_FILE', {
    says: `${file} is not the model that ${folder} belongs to`,
    advice: 'move the journal away to begin a new one with this model, or put the model back',
  });
}
