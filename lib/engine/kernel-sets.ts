import type { KernelSet } from './addon.js';
import { native } from './native.js';

export type { KernelSet } from './addon.js';

/**
 * The kernel sets that this build contains and this CPU can run, the best last.
 *
 * @throws SparseTrainError NATIVE_UNAVAILABLE, ISA_UNAVAILABLE
 */
export function kernelSets(): KernelSet[] {
  return native().kernelSets();
}

/**
 * The kernel set that new networks will use.
 *
 * @throws SparseTrainError NATIVE_UNAVAILABLE, ISA_UNAVAILABLE
 */
export function currentKernelSet(): KernelSet {
  return native().currentKernelSet();
}

/**
 * Runs `make` so that networks it makes use another kernel set, and restores the choice afterwards.
 *
 * @param kernelSet - one of {@link kernelSets}
 */
export function withKernelSet<T>(kernelSet: KernelSet, make: () => T): T {
  const addon = native();
  const before = addon.currentKernelSet();
  addon.useKernelSet(kernelSet);
  try {
    return make();
  } finally {
    addon.useKernelSet(before);
  }
}

/**
 * The version of the addon, which equals that of the package.
 *
 * @throws SparseTrainError NATIVE_UNAVAILABLE, ISA_UNAVAILABLE
 */
export function engineVersion(): string {
  return native().version;
}
