/** The measures of a training run, for objectives and reports. */
import type { Direction } from '../definition/definition.js';

/** Measures on the validation rows after every epoch, which pruners can use. */
export const EPOCH_MEASURES = {
  accuracy: 'maximize',
  loss: 'minimize',
  macroF1: 'maximize',
  exactMatch: 'maximize',
  microF1: 'maximize',
  rmse: 'minimize',
  mae: 'minimize',
  r2: 'maximize',
} as const satisfies Record<string, Direction>;

/** Measures of the whole run. */
export const RUN_MEASURES = {
  edges: 'minimize',
  density: 'minimize',
  parameters: 'minimize',
  trainSeconds: 'minimize',
  seconds: 'minimize',
  modelBytes: 'minimize',
  clocks: 'minimize',
  weightsAtLimit: 'minimize',
} as const satisfies Record<string, Direction>;

/** The names of all measures. */
export type TrialMeasure = keyof typeof EPOCH_MEASURES | keyof typeof RUN_MEASURES;

/** Whether a measure is usually maximized or minimized. */
export function usualDirection(measure: string): Direction {
  return { ...EPOCH_MEASURES, ...RUN_MEASURES }[measure as TrialMeasure] ?? 'minimize';
}

/** Whether a measure is known after every epoch. */
export function isEpochMeasure(measure: string): measure is keyof typeof EPOCH_MEASURES {
  return Object.hasOwn(EPOCH_MEASURES, measure);
}

/** The name of the standard deviation of a measure over the trainings of a trial. */
export function deviationOf(measure: string): string {
  return `${measure}.deviation`;
}
