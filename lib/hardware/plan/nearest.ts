/** Finds the nearest possible network or parallelism to an impossible one. */
import { commonCycles, fanOutStep, nearestFanOut, parallelismFor } from '../../network/interleaver.js';
import { excesses, limits } from './budget.js';
import { planFor } from './make-plan.js';
import { shapeFaults } from './shape.js';
import type { HardwarePlan, PlanRequest } from './types.js';

/** The legal plan within the budget whose z are nearest to the wanted ones, measured by their ratios. */
export function nearestLegal(request: PlanRequest, wanted: readonly number[]): HardwarePlan | undefined {
  const { layers, fanOut, budget } = request;
  const distance = (z: readonly number[]) =>
    z.reduce((sum, value, i) => sum + Math.abs(Math.log(value / (wanted[i] as number))), 0);
  return commonCycles(layers, fanOut)
    .map((cycle) => parallelismFor(layers, fanOut, cycle))
    .sort((a, b) => distance(a) - distance(b))
    .map((z) => planFor(request, z))
    .find((plan) => excesses(plan, budget).length === 0);
}

/** The search for the nearest network ends after this many candidates. */
const CANDIDATES = 20_000;

/**
 * The network that fits the budget and is most similar to the wanted one: its layers may be padded (neurons are only
 * added), its fan-outs changed, its bits reduced. The distance is the sum of the logarithms of the changes.
 */
export function nearestNetwork(
  request: PlanRequest,
  wanted: readonly number[] | undefined,
): { plan: HardwarePlan; change: string } | undefined {
  const candidates = [...similar(request)].sort((a, b) => a.distance - b.distance).slice(0, CANDIDATES);
  for (const candidate of candidates) {
    if (shapeFaults(candidate.request).length > 0) continue;
    const outcome =
      wanted === undefined ? fastest(candidate.request) : nearestLegal(candidate.request, wanted);
    if (outcome !== undefined) return { plan: outcome, change: describeChange(request, candidate.request) };
  }
  return undefined;
}

/** The fastest plan of this network within the budget. */
function fastest(request: PlanRequest): HardwarePlan | undefined {
  const { layers, fanOut, budget } = request;
  const plans = commonCycles(layers, fanOut).map(
    (cycle) => () => planFor(request, parallelismFor(layers, fanOut, cycle)),
  );
  const fits = (plan: HardwarePlan) => excesses(plan, budget).length === 0;
  // The slowest plan takes the fewest multipliers. If those are too many, no plan fits.
  const slowest = plans.at(-1)?.();
  const { multipliers = Number.POSITIVE_INFINITY } = Object.fromEntries(
    limits(budget, request.width).map(({ resource, limit }) => [resource, limit]),
  );
  if (slowest === undefined || slowest.used.multipliers > multipliers) return undefined;
  for (const plan of plans) {
    const made = plan();
    if (fits(made)) return made;
  }
  return undefined;
}

interface Candidate {
  readonly request: PlanRequest;
  readonly distance: number;
}

function* similar(request: PlanRequest): Generator<Candidate> {
  const { layers, fanOut, width } = request;
  const paddings = layers.map((n) => {
    // Small networks are searched in more detail than deep ones.
    const steps = layers.length <= 3 ? [2, 4, 8, 16, 32, 64, 128] : [8, 32];
    const sizes = [n, ...steps.map((step) => Math.ceil(n / step) * step), 2 ** Math.ceil(Math.log2(n))];
    return [...new Set(sizes)].sort((a, b) => a - b);
  });
  const sizes = combinations(paddings, 1000) ?? uniform(paddings);
  const widths = [width, ...[16, 12, 10, 8].filter((bits) => bits < width)];
  for (const layer of sizes) {
    const degrees = fanOut.map((fo, i) => fanOutsNear(fo, layer[i] as number, layer[i + 1] as number));
    const outs = combinations(degrees, 300) ?? uniform(degrees);
    for (const fo of outs) {
      for (const bits of widths) {
        const distance =
          apart(layers, layer) +
          apart(fanOut, fo) +
          Math.abs(Math.log(bits / width)) +
          (bits === width ? 0 : 0.5);
        yield { request: { ...request, layers: layer, fanOut: fo, width: bits }, distance };
      }
    }
  }
}

/** Fan-outs near the wanted one that divide the edges evenly. */
function fanOutsNear(wish: number, left: number, right: number): number[] {
  const step = fanOutStep(left, right);
  const wishes = [wish, wish - step, wish + step, 2 ** Math.round(Math.log2(wish)), wish / 2, wish / 4];
  return [...new Set(wishes.map((fo) => nearestFanOut(fo, left, right)))];
}

function apart(wanted: readonly number[], given: readonly number[]): number {
  return wanted.reduce((sum, value, i) => sum + Math.abs(Math.log((given[i] as number) / value)), 0);
}

/** All combinations of one item from each list; undefined if there are more than `most`. */
function combinations(lists: readonly (readonly number[])[], most: number): number[][] | undefined {
  if (lists.reduce((product, list) => product * list.length, 1) > most) return undefined;
  return lists.reduce<number[][]>(
    (all, list) => all.flatMap((some) => list.map((item) => [...some, item])),
    [[]],
  );
}

/** The i-th of each list for every i. */
function uniform(lists: readonly (readonly number[])[]): number[][] {
  const longest = Math.max(...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, k) =>
    lists.map((list) => list[Math.min(k, list.length - 1)] as number),
  );
}

function describeChange(wished: PlanRequest, found: PlanRequest): string {
  const parts: string[] = [];
  if (apart(wished.layers, found.layers) > 0) parts.push(`layers ${found.layers.join('-')}`);
  if (apart(wished.fanOut, found.fanOut) > 0) parts.push(`fan-outs ${found.fanOut.join(', ')}`);
  if (wished.width !== found.width) parts.push(`${found.width} bits`);
  return parts.length === 0 ? 'another parallelism' : parts.join(', ');
}
