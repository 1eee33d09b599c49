import { SparseTrainError } from '../../base/errors.js';
import type { Steps } from '../../base/steps.js';
import type { ServedModel } from '../model/served-model.js';
import { type Lesson, parseLesson } from './record.js';

/** Learns lessons of a journal again, one in each step. Returns how many of them the model refused. */
export function* relearn(model: ServedModel, lessons: readonly string[]): Steps<number> {
  let refused = 0;
  for (const text of lessons) {
    try {
      model.learn(parseLesson(text) as Lesson);
    } catch (error) {
      // What was refused then is refused again: a class too many, for example.
      if (!(error instanceof SparseTrainError)) throw error;
      refused++;
    }
    yield;
  }
  return refused;
}
