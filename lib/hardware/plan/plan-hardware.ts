/**
 * Maps a network to hardware: the degree of parallelism of each junction, and its cost in clock cycles, multipliers and
 * memories (docs/edge-processing.md, sections 1 and 4; arXiv:1806.01087).
 */
import { commonCycles, divisors, parallelismFor } from '../../network/interleaver.js';
import { checkParallelism, checkPlanRequest } from '../check-request.js';
import { excesses } from './budget.js';
import { planFor } from './make-plan.js';
import { rightPorts } from './memories.js';
import { nearestLegal, nearestNetwork } from './nearest.js';
import { shapeFaults } from './shape.js';
import type { Budget, HardwarePlan, PlanOutcome, PlanRequest } from './types.js';

/**
 * Maps a network to hardware: with `parallelism` checks that it is legal and within the budget, otherwise chooses the
 * fastest that is.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION
 */
export function planHardware(given: PlanRequest, wished?: readonly number[]): PlanOutcome {
  const request = checkPlanRequest(given);
  const parallelism = wished === undefined ? undefined : checkParallelism(wished, request.fanOut.length);
  const shape = shapeFaults(request);
  if (shape.length > 0) return impossible(request, shape, parallelism);
  return parallelism === undefined ? choose(request) : check(request, parallelism);
}

function choose(request: PlanRequest): PlanOutcome {
  const { layers, fanOut, budget } = request;
  const cycles = commonCycles(layers, fanOut);
  if (cycles.length === 0) return impossible(request, [noCommonCycle(request)]);
  let faster: HardwarePlan | undefined;
  for (const cycle of cycles) {
    const plan = planFor(request, parallelismFor(layers, fanOut, cycle));
    if (excesses(plan, budget).length === 0)
      return { possible: true, plan, limitedBy: limitingResource(plan, faster, budget) };
    faster = plan;
  }
  const slowest = faster as HardwarePlan;
  const reasons = excesses(slowest, budget).map(
    (excess) => `even with the smallest parallelism, z = ${slowest.parallelism.join(', ')}, ${excess}`,
  );
  return impossible(request, reasons);
}

function limitingResource(plan: HardwarePlan, faster: HardwarePlan | undefined, budget: Budget): string {
  if (faster === undefined) {
    return (
      `the network: a junction cycle cannot be shorter than ${plan.clocksPerJunctionCycle} clock cycles, ` +
      'as z divides the left neurons and all junctions take equally long'
    );
  }
  return `the next faster, z = ${faster.parallelism.join(', ')} at ${faster.clocksPerBlock} cycles a block: ${excesses(faster, budget).join('; ')}`;
}

/** Says why the junctions cannot have equal cycles. */
function noCommonCycle({ layers, fanOut }: PlanRequest): string {
  const some = fanOut.map((fo, i) => {
    const cycles = divisors(layers[i] as number).map((rows) => rows * fo);
    const shown = cycles.length > 8 ? [...cycles.slice(0, 7), '...', cycles.at(-1)] : cycles;
    return `junction ${i + 1} can take ${shown.join(', ')}`;
  });
  return `no number of clock cycles is possible for all junctions: ${some.join('; ')} (fan-out times a divisor of the left neurons)`;
}

function check(request: PlanRequest, parallelism: readonly number[]): PlanOutcome {
  const { layers, fanOut, budget } = request;
  const reasons = parallelism.flatMap((z, i) => {
    const p = layers[i] as number;
    if (p % z !== 0) {
      const near = nearestOf(divisors(p), z);
      return `junction ${i + 1}: z = ${z} does not divide the ${p} left neurons, which live in z memories of p/z rows; the nearest that does is ${near}`;
    }
    return [];
  });
  const cycles = parallelism.map((z, i) => ((layers[i] as number) * (fanOut[i] as number)) / z);
  if (cycles.some((cycle) => cycle !== cycles[0])) {
    const shown = cycles.map((cycle, i) => `${Number(cycle.toFixed(2))} in junction ${i + 1}`).join(', ');
    reasons.push(
      `junctions take different numbers of clock cycles (${shown}); z must be in proportion to the edges`,
    );
  }
  for (const [i, z] of parallelism.entries()) {
    const next = parallelism[i + 1];
    const ports = rightPorts(request, parallelism, i);
    if (next === undefined || ports <= next) continue;
    reasons.push(
      `junction ${i + 1}: z = ${z} completes ${ports} right neurons in a clock cycle, more than the ${next} memories that they go to`,
    );
  }
  if (reasons.length > 0) {
    const plan = nearestLegal(request, parallelism);
    return plan === undefined ? impossible(request, reasons, parallelism) : refused(reasons, plan);
  }
  const plan = planFor(request, parallelism);
  const excess = excesses(plan, budget);
  if (excess.length === 0) return { possible: true, plan, limitedBy: 'the parallelism, which was given' };
  const best = choose(request);
  return best.possible ? refused(excess, best.plan) : { ...best, reasons: excess };
}

function refused(reasons: readonly string[], plan: HardwarePlan): PlanOutcome {
  return { possible: false, reasons, nearest: { plan, change: `z = ${plan.parallelism.join(', ')}` } };
}

function nearestOf(values: readonly number[], wanted: number): number {
  return values.reduce((best, value) => (Math.abs(value - wanted) < Math.abs(best - wanted) ? value : best));
}

function impossible(
  request: PlanRequest,
  reasons: readonly string[],
  wanted?: readonly number[],
): PlanOutcome {
  return { possible: false, reasons, nearest: nearestNetwork(request, wanted) };
}
