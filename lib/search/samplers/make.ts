import type { SamplerSettings } from '../definition/tables.js';
import { GridSampler } from './grid.js';
import { NsgaSampler } from './nsga2.js';
import { RandomSampler } from './random.js';
import type { Sampler, SamplerContext } from './sampler.js';
import { SobolSampler } from './sobol.js';
import { TpeSampler } from './tpe.js';

/**
 * Makes the sampler for these settings.
 *
 * @throws SparseTrainError INVALID_OPTION
 */
export function makeSampler(settings: SamplerSettings, context: SamplerContext): Sampler {
  switch (settings.kind) {
    case 'grid':
      return new GridSampler(context);
    case 'random':
      return new RandomSampler(context);
    case 'sobol':
      return new SobolSampler(context);
    case 'tpe':
      return new TpeSampler(context, settings);
    case 'nsga2':
      return new NsgaSampler(context, settings);
  }
}
