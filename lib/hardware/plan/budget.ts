/** Compares a plan with the limits of a budget. */
import { slicesPerProduct } from '../devices.js';
import type { Budget, HardwarePlan, Resource } from './types.js';

/** The limits of a budget, in the units of {@link HardwarePlan.used}. */
export function limits(budget: Budget, width: number): { resource: Resource; limit: number; what: string }[] {
  const { device } = budget;
  const perProduct = slicesPerProduct(width);
  const ofDevice = device === undefined ? '' : ` of the ${device.name}`;
  const all: { resource: Resource; limit: number | undefined; what: string }[] = [
    {
      resource: 'multipliers',
      limit:
        budget.multipliers ??
        (device === undefined ? undefined : Math.floor(device.multipliers / perProduct)),
      what: budget.multipliers === undefined ? `DSP slices${ofDevice}` : 'multipliers',
    },
    { resource: 'memoryBits', limit: budget.memoryBits, what: 'bits of memory' },
    {
      resource: 'memoryBlocks',
      limit: budget.memoryBlocks ?? device?.blocks,
      what: `block RAMs${budget.memoryBlocks === undefined ? ofDevice : ''}`,
    },
    {
      resource: 'lutRams',
      limit: budget.lutRams ?? device?.lutRams,
      what: `look-up tables for memories${ofDevice}`,
    },
  ];
  return all.flatMap(({ resource, limit, what }) => (limit === undefined ? [] : { resource, limit, what }));
}

/** Says where a plan exceeds the budget, in a sentence each. */
export function excesses(plan: HardwarePlan, budget: Budget): string[] {
  return limits(budget, plan.width).flatMap(({ resource, limit, what }) => {
    const used = plan.used[resource];
    return used <= limit ? [] : `it takes ${whole(used)} of ${whole(limit)} ${what}`;
  });
}

const whole = (value: number) => value.toLocaleString('en-US');
