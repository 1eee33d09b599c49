/**
 * A definition after parsing. These types are written by hand, not inferred from the schema, because zod is bundled: the
 * published declarations must not import it. schema.ts fails to compile if what it infers does not fit them.
 */
import type { Parameter } from '../space/parameter.js';
import type { Template } from '../template.js';
import type { Objective, StudyHardware } from './definition.js';

/** A study's definition in which every name has become an object and every default is filled in. */
export interface ParsedDefinition {
  readonly name?: string | undefined;
  readonly trials: number;
  readonly seed: number;
  /** The default depends on the number of objectives. */
  readonly sampler?: SamplerSettings | undefined;
  readonly pruner: PrunerSettings;
  readonly objectives: readonly Objective[];
  readonly space: Readonly<Record<string, Parameter>>;
  readonly constraints: readonly string[];
  readonly data: {
    readonly name: string;
    readonly directory?: string | undefined;
    readonly rows?: number | undefined;
    readonly validation: number | 'test';
  };
  readonly network?: Template | undefined;
  readonly fit: Template;
  readonly hardware: StudyHardware;
}

/** A sampler with all of its settings. */
export type SamplerSettings =
  | { readonly kind: 'grid' }
  | { readonly kind: 'random' }
  | { readonly kind: 'sobol' }
  | {
      readonly kind: 'tpe';
      readonly startupTrials: number;
      readonly candidates: number;
      readonly multivariate: boolean;
    }
  | {
      readonly kind: 'nsga2';
      readonly population: number;
      readonly crossover: number;
      /** 1 / parameters by default. */
      readonly mutation?: number | undefined;
    };

/** A pruner with all of its settings. */
export type PrunerSettings =
  | { readonly kind: 'none' }
  | { readonly kind: 'median'; readonly startupTrials: number; readonly warmupEpochs: number }
  | { readonly kind: 'asha'; readonly minEpochs: number; readonly reduction: number }
  | {
      readonly kind: 'hyperband';
      readonly minEpochs: number;
      readonly maxEpochs: number;
      readonly reduction: number;
    };
