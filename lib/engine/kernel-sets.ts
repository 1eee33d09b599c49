import type { KernelSet } from './addon.js';
import { native } from './native.js';

export type { KernelSet } from './addon.js';

/**
 * The kernel sets that this build has and this CPU can run, best last.
 *
 * @throws SparseTrainError NATIVE_UNAVAILABLE, ISA_UNAVAILABLE
 */
export function kernelSets(): KernelSet[] {
  return native().kernelSets();
}

/**
 * The kernel set of networks made from now on.
 *
 * @throws SparseTrainError NATIVE_UNAVAILABLE, ISA_UNAVAILABLE
 */
export function currentKernelSet(): KernelSet {
  return native().currentKernelSet();
}

/**
 * Runs `make` with another kernel set for the networks that it makes, and restores the choice afterwards.
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
 * The version of the addon, which is the package's.
 *
 * @throws SparseTrainError NATIVE_UNAVAILABLE, ISA_UNAVAILABLE
 */
export function engineVersion(): string {
  return native().version;
}
