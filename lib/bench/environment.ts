import { readdirSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { thisMachine } from '../base/machine.js';
import { currentKernelSet, engineVersion, kernelSets } from '../engine/kernel-sets.js';
import type { BenchMachine } from './result.js';

const CACHES = '/sys/devices/system/cpu/cpu0/cache';

/** The sizes in bytes of the first core's data caches, by level. Levels that the system does not report are missing. */
export function cacheSizes(folder = CACHES): Record<string, number> {
  const sizes: Record<string, number> = {};
  try {
    for (const index of readdirSync(folder)) {
      const read = (name: string) => readFileSync(join(folder, index, name), 'utf8').trim();
      if (!index.startsWith('index') || read('type') === 'Instruction') continue;
      const size = /^(\d+)([KM]?)$/.exec(read('size'));
      const unit = { K: 1024, M: 1024 ** 2 }[size?.[2] as 'K' | 'M'] ?? 1;
      if (size !== null) sizes[`L${read('level')}`] = Number(size[1]) * unit;
    }
  } catch {
    // Only Linux reports them.
  }
  return sizes;
}

/** The mean number of runnable threads in the last minute; 0 where the system does not count them. */
export function load(): number {
  return Math.round(100 * (loadavg()[0] ?? 0)) / 100;
}

/** The facts about this machine that determine speed. */
export function benchMachine(loadBefore: number): BenchMachine {
  return {
    ...thisMachine(),
    kernelSets: kernelSets(),
    kernelSet: currentKernelSet(),
    caches: cacheSizes(),
    loadBefore,
    loadAfter: load(),
  };
}

/** The versions of everything that ran in this process. */
export function versions(): Record<string, string> {
  return { 'sparse-train': engineVersion(), node: process.version, v8: process.versions.v8 };
}
