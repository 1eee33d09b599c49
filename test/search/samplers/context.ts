import type { Parameter, Parameters, TrialRecord } from '../../../lib/public/search.js';
import { Draws } from '../../../lib/search/random.js';
import type { SamplerContext } from '../../../lib/search/samplers/sampler.js';
import { Space } from '../../../lib/search/space/space.js';

/** What a sampler needs to know about a study that minimizes `a`. */
export function contextOf(
  space: Record<string, Parameter>,
  {
    seed = 1,
    objectives = [{ measure: 'a', direction: 'minimize' }],
    isFeasible = () => true,
  } = {} as Partial<Omit<SamplerContext, 'space'>>,
): SamplerContext {
  return { space: new Space(space), seed, objectives, isFeasible };
}

/** A trial with one objective, `a`, or with two, `a` and `b`. */
export function trialOf(
  number: number,
  parameters: Parameters,
  values: readonly number[],
  { state = 'complete', curve = [] }: Partial<Pick<TrialRecord, 'state' | 'curve'>> = {},
): TrialRecord {
  const named = Object.fromEntries(values.map((value, i) => [['a', 'b'][i], value]));
  return { number, state, parameters, seed: 0, values: named, curve };
}

/** Numbers from 0 to below 1, the same in every run. */
export function repeatable(seed: number, count: number): number[] {
  const draws = new Draws(seed, 99);
  return Array.from({ length: count }, () => draws.uniform());
}
