import type { KernelSet } from '../engine/kernel-sets.js';
import { measuring } from '../engine/measuring.js';
import { cacheSizes } from './environment.js';
import type { BenchPlan } from './plan.js';
import type { Limits } from './result.js';
import { rounded } from './statistics.js';

/** The sizes of a small core, for systems that do not report theirs. */
const USUAL = { L1: 32 * 1024, L2: 512 * 1024, L3: 8 * 1024 ** 2 };
const MEMORY = 128 * 1024 ** 2;

/** The sizes of blocks that certainly fit into one level: half of it, and at most 8 MiB of a shared level. */
function blocks(): { level: string; bytes: number }[] {
  const { L1, L2, L3 } = { ...USUAL, ...cacheSizes() };
  return [
    { level: 'L1', bytes: L1 / 2 },
    { level: 'L2', bytes: L2 / 2 },
    { level: 'L3', bytes: Math.max(2 * L2, Math.min(L3 / 4, 8 * 1024 ** 2)) },
    { level: 'memory', bytes: Math.max(MEMORY, 4 * L3) },
  ];
}

/** Measures the limits of this core with each of the kernel sets. */
export function measureLimits(plan: BenchPlan, kernelSets: readonly KernelSet[]): Limits[] {
  const seconds = plan.quick ? 0.002 : 0.1;
  const levels = plan.quick ? blocks().slice(0, 3) : blocks();
  const sizes = Float64Array.from(levels, ({ bytes }) => bytes);
  const measured = kernelSets.map((kernelSet) => {
    plan.onStep(`limits of ${kernelSet}`);
    return { kernelSet, ...measuring().measureLimits({ kernelSet, seconds, sizes }) };
  });
  // One loop measures the clock for all sets.
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

/** The level that holds this many bytes, and the speed of reading from it. */
export function levelOf(
  limits: Limits,
  bytes: number,
  caches: Readonly<Record<string, number>>,
): Limits['reading'][number] {
  const sizes = { ...USUAL, ...caches } as Readonly<Record<string, number>>;
  const level = limits.reading.find((row) => bytes <= (sizes[row.level] ?? Number.POSITIVE_INFINITY));
  return level ?? (limits.reading.at(-1) as Limits['reading'][number]);
}
