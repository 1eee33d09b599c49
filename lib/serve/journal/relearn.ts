import { setImmediate as nextTurn } from 'node:timers/promises';
import { SparseTrainError } from '../../base/errors.js';
import type { ServedModel } from '../model/served-model.js';
import { type Lesson, parseLesson } from './record.js';

/** Milliseconds of learning after which other events get a turn. */
export const SLICE = 4;

/** Learns lessons of a journal again, with pauses for other events. */
export async function relearn(model: ServedModel, lessons: readonly string[]): Promise<number> {
  let refused = 0;
  let begun = performance.now();
  for (const text of lessons) {
    try {
      model.learn(parseLesson(text) as Lesson);
    } catch (error) {
      // What was refused then is refused again: a class too many, for example.
      if (!(error instanceof SparseTrainError)) throw error;
      refused++;
    }
    if (performance.now() - begun < SLICE) continue;
    await nextTurn();
    begun = performance.now();
  }
  return refused;
}
