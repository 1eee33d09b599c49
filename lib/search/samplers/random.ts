import { Draws } from '../random.js';
import { type Parameters, valueAtShare } from '../space/parameter.js';
import { ATTEMPTS, type Sampler, type SamplerContext } from './sampler.js';

/** Independent uniform draws, logarithmic where a parameter says `log`. */
export class RandomSampler implements Sampler {
  readonly #context: SamplerContext;

  constructor(context: SamplerContext) {
    this.#context = context;
  }

  propose(number: number): Parameters | undefined {
    return drawFeasible(this.#context, new Draws(this.#context.seed, number));
  }
}

/** Draws until a point keeps the constraints; undefined after too many tries. */
export function drawFeasible({ space, isFeasible }: SamplerContext, draws: Draws): Parameters | undefined {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const values = space.assemble((axis) => valueAtShare(axis, draws.uniform()));
    if (isFeasible(values)) return values;
  }
  return undefined;
}
