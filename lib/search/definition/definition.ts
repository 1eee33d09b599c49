/** The types of a study's definition, as users write it; tables.ts has its options. */
import type { OptionsOf } from '../../base/options/table.js';
import type { DATA, HARDWARE_BUDGET, OBJECTIVE, PRUNERS, SAMPLERS, STUDY } from './tables.js';

/** Whether larger or smaller values are better. */
export type Direction = 'maximize' | 'minimize';

/** A measure to minimize or maximize. */
export interface Objective extends Readonly<OptionsOf<typeof OBJECTIVE>> {}

/** The samplers. */
export type SamplerName = keyof typeof SAMPLERS;

/** Tree-structured Parzen estimator. */
export interface TpeOption extends Readonly<OptionsOf<typeof SAMPLERS.tpe>> {
  readonly kind: 'tpe';
}

/** Non-dominated sorting genetic algorithm II, for several objectives. */
export interface NsgaOption extends Readonly<OptionsOf<typeof SAMPLERS.nsga2>> {
  readonly kind: 'nsga2';
}

/** How points of the space are chosen: the name of a sampler, or an object with its settings. */
export type SamplerOption =
  | SamplerName
  | { readonly kind: 'grid' | 'random' | 'sobol' }
  | TpeOption
  | NsgaOption;

/** The pruners. */
export type PrunerName = keyof typeof PRUNERS;

/** Stops a trial whose best value is worse than the median of the others at the same epoch. */
export interface MedianOption extends Readonly<OptionsOf<typeof PRUNERS.median>> {
  readonly kind: 'median';
}

/** Asynchronous successive halving. */
export interface AshaOption extends Readonly<OptionsOf<typeof PRUNERS.asha>> {
  readonly kind: 'asha';
}

/** Successive halving in several brackets, which stop trials more or less early. */
export interface HyperbandOption extends Readonly<OptionsOf<typeof PRUNERS.hyperband>> {
  readonly kind: 'hyperband';
}

/**
 * When unpromising trials are stopped: the name of a pruner, or an object with its settings. It needs a single
 * objective.
 */
export type PrunerOption = PrunerName | MedianOption | AshaOption | HyperbandOption;

/** The data that trials learn from. */
export interface StudyData extends Readonly<OptionsOf<typeof DATA>> {}

/** The hardware for which `clocks` are counted. */
export interface StudyHardware extends Readonly<OptionsOf<typeof HARDWARE_BUDGET>> {}

/** A study: the parameters, the objectives, and the method. Plain data, as in a TOML or JSON file. */
export interface StudyDefinition extends Readonly<Omit<OptionsOf<typeof STUDY>, 'sampler' | 'pruner'>> {
  /** 'tpe' by default, or 'nsga2' with several objectives. */
  readonly sampler?: SamplerOption | undefined;
  /** 'none' by default. */
  readonly pruner?: PrunerOption | undefined;
}
