import type { TrialRecord } from '../records.js';
import type { Rival } from './pruner.js';

/** Values after each epoch for pruners: less is better. @param sign - -1 if the objective is maximized */
export function lossesOf(values: readonly number[], sign: 1 | -1): number[] {
  return values.map((value) => sign * value);
}

/**
 * The values that other trials have reported; trials without a value are left out.
 *
 * @param running - values of running trials, by their numbers
 */
export function rivalsOf(
  number: number,
  trials: readonly TrialRecord[],
  running: ReadonlyMap<number, readonly number[]>,
  sign: 1 | -1,
): Rival[] {
  return trials.flatMap((trial) => {
    if (trial.number === number) return [];
    const isRunning = trial.state === 'running';
    const values = isRunning ? running.get(trial.number) : trial.curve;
    if (values === undefined || values.length === 0) return [];
    return { number: trial.number, running: isRunning, losses: lossesOf(values, sign) };
  });
}
