/** What can be measured of a training run, for objectives and reports. */
import type { Direction } from '../definition/definition.js';

/** Measures of the validation rows after every epoch: what pruners can look at. */
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

/** Which way a measure is usually wanted. */
export function usualDirection(measure: string): Direction {
  return { ...EPOCH_MEASURES, ...RUN_MEASURES }[measure as TrialMeasure] ?? 'minimize';
}

/** Whether it is known after every epoch. */
export function isEpochMeasure(measure: string): measure is keyof typeof EPOCH_MEASURES {
  return Object.hasOwn(EPOCH_MEASURES, measure);
}
