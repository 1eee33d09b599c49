import type { KernelSet } from '../engine/kernel-sets.js';
import { measuring } from '../engine/measuring.js';
import { cacheSizes } from './environment.js';
import type { BenchPlan } from './plan.js';
import type { Limits } from './result.js';
import { rounded } from './statistics.js';

/** Where the sizes are unknown: those of a small core. */
const USUAL = { L1: 32 * 1024, L2: 512 * 1024, L3: 8 * 1024 ** 2 };
const MEMORY = 128 * 1024 ** 2;

/** Blocks that lie in one level for certain: half of it, of a shared one at most 8 MiB. */
function blocks(): { level: string; bytes: number }[] {
  const { L1, L2, L3 } = { ...USUAL, ...cacheSizes() };
  return [
    { level: 'L1', bytes: L1 / 2 },
    { level: 'L2', bytes: L2 / 2 },
    { level: 'L3', bytes: Math.max(2 * L2, Math.min(L3 / 4, 8 * 1024 ** 2)) },
    { level: 'memory', bytes: Math.max(MEMORY, 4 * L3) },
  ];
}

/** Measures what this core can do, for each of the kernel sets. */
export function measureLimits(plan: BenchPlan, kernelSets: readonly KernelSet[]): Limits[] {
  const seconds = plan.quick ? 0.002 : 0.1;
  const levels = plan.quick ? blocks().slice(0, 3) : blocks();
  const sizes = Float64Array.from(levels, ({ bytes }) => bytes);
  const measured = kernelSets.map((kernelSet) => {
    plan.onStep(`limits of ${kernelSet}`);
    return { kernelSet, ...measuring().measureLimits({ kernelSet, seconds, sizes }) };
  });
  // The loop that measures the clock is the same for all sets.
  const clock = Math.max(...measured.map((one) => one.clock));
  return measured.map(({ kernelSet, dotProducts, reading }) => {
    return {
      kernelSet,
      clock: rounded(clock),
      dotProducts: rounded(dotProducts),
      reading: levels.map((level, i) => ({ ...level, bytesPerSecond: rounded(reading[i] as number) })),
    };
  });
}

/** In which level so many bytes lie, and how fast they are read from there. */
export function levelOf(
  limits: Limits,
  bytes: number,
  caches: Readonly<Record<string, number>>,
): Limits['reading'][number] {
  const sizes = { ...USUAL, ...caches } as Readonly<Record<string, number>>;
  const level = limits.reading.find((row) => bytes <= (sizes[row.level] ?? Number.POSITIVE_INFINITY));
  return level ?? (limits.reading.at(-1) as Limits['reading'][number]);
}
