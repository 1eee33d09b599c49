import { SparseTrainError } from '../base/errors.js';
import { inSlices } from '../base/steps.js';
import { journalFiles, type Numbered, readJournal } from './journal/journal.js';
import { parseLesson } from './journal/record.js';
import { relearn } from './journal/relearn.js';
import { openModel } from './model/open-model.js';

/** A stretch of time, in milliseconds since 1970; the end is not part of it. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** What of a journal is learned again. */
export interface ReplayOptions {
  /** Only lessons that came before this time, in milliseconds since 1970. */
  readonly until?: number | undefined;
  /** At most this many lessons, from the beginning of the journal. */
  readonly upTo?: number | undefined;
  /** Lessons that came in these times are left out. */
  readonly leaveOut?: readonly Stretch[] | undefined;
  /** Where the model is written. */
  readonly out?: string | undefined;
}

/** A model that was made from its journal. */
export interface Replayed {
  /** The snapshot that it began with. */
  readonly snapshot: string;
  /** Lessons in that snapshot. */
  readonly inSnapshot: number;
  /** Lessons learned again. */
  readonly learned: number;
  /** Lessons that the model refused, as it did then. */
  readonly refused: number;
  /** Lessons left out. */
  readonly leftOut: number;
  readonly rows: number;
  readonly digest: string;
  readonly out: string | undefined;
}

/**
 * Makes a model from its journal: the newest snapshot before anything is left out, and then the lessons after it.
 *
 * @param folder - `live.safetensors.journal`
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS, INVALID_FILE
 */
export async function replayJournal(folder: string, options: ReplayOptions = {}): Promise<Replayed> {
  const { until = Number.POSITIVE_INFINITY, upTo = Number.POSITIVE_INFINITY, leaveOut = [], out } = options;
  const { snapshots, segments } = journalFiles(folder);
  if (snapshots.length === 0 || segments.length === 0)
    throw new SparseTrainError('FILE_NOT_FOUND', {
      says: `${folder} is not the journal of a model`,
      advice: 'give the folder that stands beside the model: live.safetensors.journal',
    });
  const isWanted = (at: number, sequence: number) =>
    sequence < upTo && at < until && !leaveOut.some(({ from, to }) => at >= from && at < to);
  const first = await firstUnwanted(folder, (segments[0] as Numbered).first, isWanted);
  const base = snapshots.findLast((snapshot) => snapshot.first <= first);
  if (base === undefined)
    throw new SparseTrainError('INVALID_FILE', {
      says: `the oldest snapshot in ${folder} already has what is to be left out`,
      advice: `it was taken after ${(snapshots[0] as Numbered).first} lessons; serve --keep keeps more of them`,
    });
  const model = await openModel(base.path);
  let sequence = base.first;
  let learned = 0;
  let refused = 0;
  await readJournal(folder, {
    from: base.first,
    onSegment: () => model.settle(),
    async onLessons(lessons) {
      const wanted = lessons.filter((text) => isWanted(parseLesson(text).at, sequence++));
      const wrong = await inSlices(relearn(model, wanted));
      refused += wrong;
      learned += wanted.length - wrong;
    },
  });
  const { rows } = model;
  if (out !== undefined) await model.save(out, {});
  const digest = model.digest();
  model.close();
  const leftOut = sequence - base.first - learned - refused;
  return { snapshot: base.path, inSnapshot: base.first, learned, refused, leftOut, rows, digest, out };
}

/** The number of the first lesson that is not wanted. */
async function firstUnwanted(
  folder: string,
  from: number,
  isWanted: (at: number, sequence: number) => boolean,
): Promise<number> {
  let sequence = from;
  let first = Number.POSITIVE_INFINITY;
  await readJournal(folder, {
    from,
    onSegment: () => undefined,
    async onLessons(lessons) {
      for (const text of lessons) {
        // The time stands first.
        const at = Number(/^\{"at":(\d+)/.exec(text)?.[1] ?? Number.NaN);
        if (!isWanted(at, sequence)) first = Math.min(first, sequence);
        sequence++;
      }
    },
  });
  return first;
}
