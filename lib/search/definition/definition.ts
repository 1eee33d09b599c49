import type { Parameter } from '../space/parameter.js';
import type { Template } from '../template.js';

/** Whether larger or smaller values are better. */
export type Direction = 'maximize' | 'minimize';

/** A measure to minimize or maximize. */
export interface Objective {
  /** A measure of a training run ({@link TrialMeasure}), or any name if you call ask() and tell() yourself. */
  readonly measure: string;
  /** By default 'maximize' for accuracy and R², otherwise 'minimize'. */
  readonly direction?: Direction | undefined;
}

/** How points of the space are chosen: a name, or an object with settings. */
export type SamplerOption =
  | SamplerName
  | { readonly kind: 'grid' | 'random' | 'sobol' }
  | TpeOption
  | NsgaOption;

/** The samplers. */
export type SamplerName = 'grid' | 'random' | 'sobol' | 'tpe' | 'nsga2';

/** Tree-structured Parzen estimator. */
export interface TpeOption {
  readonly kind: 'tpe';
  /** Trials drawn at random before the first estimate; 10 by default. */
  readonly startupTrials?: number | undefined;
  /** Points drawn from the better trials' density; the most promising one is used. 24 by default. */
  readonly candidates?: number | undefined;
  /** Whether parameters are drawn together instead of one by one; true by default. */
  readonly multivariate?: boolean | undefined;
}

/** Non-dominated sorting genetic algorithm II, for several objectives. */
export interface NsgaOption {
  readonly kind: 'nsga2';
  /** Trials in a generation; 40 by default. */
  readonly population?: number | undefined;
  /** The chance that a child mixes two parents instead of copying one; 0.9 by default. */
  readonly crossover?: number | undefined;
  /** The chance that a parameter of a child is drawn again; 1 / parameters by default. */
  readonly mutation?: number | undefined;
}

/** When unpromising trials are stopped: a name, or an object with settings. One objective is needed. */
export type PrunerOption = PrunerName | MedianOption | AshaOption | HyperbandOption;

/** The pruners. */
export type PrunerName = 'none' | 'median' | 'asha' | 'hyperband';

/** Stops a trial whose best value is worse than the median of the others at the same epoch. */
export interface MedianOption {
  readonly kind: 'median';
  /** Trials that must have ended before; 5 by default. */
  readonly startupTrials?: number | undefined;
  /** Epochs that every trial gets; 0 by default. */
  readonly warmupEpochs?: number | undefined;
}

/** Asynchronous successive halving. */
export interface AshaOption {
  readonly kind: 'asha';
  /** Epochs of the first rung; 1 by default. */
  readonly minEpochs?: number | undefined;
  /** One in this many trials that reach a rung continues; 4 by default. */
  readonly reduction?: number | undefined;
}

/** Successive halving in several brackets, from eager to lenient. */
export interface HyperbandOption {
  readonly kind: 'hyperband';
  readonly minEpochs?: number | undefined;
  /** Epochs of a full run. */
  readonly maxEpochs: number;
  /** 3 by default. */
  readonly reduction?: number | undefined;
}

/** The data that trials learn from. */
export interface StudyData {
  /** A data set by name, as `loadDataset()` knows it. */
  readonly name: string;
  /** A folder with its files, instead of the usual one. Two studies that differ only in this are the same. */
  readonly directory?: string | undefined;
  /** Use only this many rows from the beginning of the training part. */
  readonly rows?: number | undefined;
  /**
   * What trials are measured on: the share of the training rows set aside for it (0.1 by default; the same rows for
   * every trial), or 'test', the test part.
   */
  readonly validation?: number | 'test' | undefined;
}

/** The hardware that `clocks` are counted on. */
export interface StudyHardware {
  readonly multipliers?: number | undefined;
  readonly memoryBits?: number | undefined;
  readonly memoryBlocks?: number | undefined;
  readonly lutRams?: number | undefined;
  /** One of `DEVICES`, by name. */
  readonly device?: string | undefined;
}

/** A study: what is varied, what is looked for, and how. Plain data, as a TOML or JSON file has it. */
export interface StudyDefinition {
  /** For people; the file's name by default. */
  readonly name?: string | undefined;
  /** Trials in all; 100 by default. The study ends earlier where there is nothing left to try. */
  readonly trials?: number | undefined;
  /** Decides every draw: 0 to 2^53 - 1; 1 by default. Trial n trains with seed + n unless network.seed is given. */
  readonly seed?: number | undefined;
  /** 'tpe' by default; with several objectives 'nsga2'. */
  readonly sampler?: SamplerOption | undefined;
  /** 'none' by default. */
  readonly pruner?: PrunerOption | undefined;
  /** { measure: 'accuracy' } by default. */
  readonly objectives?: readonly Objective[] | undefined;
  /** The parameters by name. */
  readonly space: Readonly<Record<string, Parameter>>;
  /** Such as 'edges <= 20000': points that break one are not tried. */
  readonly constraints?: readonly string[] | undefined;
  readonly data?: StudyData | string | undefined;
  /**
   * Options of `Network` as JSON, with '$name' where a parameter's value goes. An option or item of a list whose
   * parameter does not exist in a trial is left out. Without it, the study is for ask() and tell() only.
   */
  readonly network?: Template | undefined;
  /** Options of `network.fit()` likewise. */
  readonly fit?: Template | undefined;
  readonly hardware?: StudyHardware | undefined;
}
