import { SparseTrainError } from '../../base/errors.js';
import { cutText, type TrialResult } from '../records.js';
import type { PaddedData } from './data.js';
import { trainRepeatedly } from './repeats.js';
import type { TrialTask } from './task.js';
import type { TrialControl } from './training.js';

/**
 * Trains and measures: the same task gives the same result everywhere, except for its duration. A mistake in the
 * task's options, or any other error of the run, becomes the result.
 *
 * @returns undefined if it was interrupted
 */
export async function runTrial(
  task: TrialTask,
  data: PaddedData,
  control: TrialControl = {},
): Promise<TrialResult | undefined> {
  const begun = performance.now();
  try {
    const result = await trainRepeatedly(task, data, control);
    return result === undefined ? undefined : { ...result, seconds: (performance.now() - begun) / 1000 };
  } catch (error) {
    return { state: 'failed', error: describe(error), seconds: (performance.now() - begun) / 1000 };
  }
}

function describe(error: unknown): { code: string; message: string } {
  const code = error instanceof SparseTrainError ? error.code : 'INTERNAL';
  return { code, message: cutText(error instanceof Error ? error.message : String(error)) };
}
