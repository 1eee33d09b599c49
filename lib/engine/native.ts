import { SparseTrainError } from '../base/errors.js';
import type { KernelSet, NativeAddon } from './addon.js';
import { loadAddon } from './loader.js';

let loaded: NativeAddon | undefined;

/**
 * The addon, loaded at first use; SPARSE_TRAIN_ISA chooses the kernel set.
 *
 * @throws SparseTrainError NATIVE_UNAVAILABLE if it cannot be loaded, ISA_UNAVAILABLE if SPARSE_TRAIN_ISA names a
 * kernel set that this build or CPU lacks.
 */
export function native(): NativeAddon {
  if (loaded === undefined) {
    const addon = loadAddon() as NativeAddon;
    const wanted = process.env.SPARSE_TRAIN_ISA;
    if (wanted !== undefined && wanted !== '') {
      const known: readonly string[] = addon.kernelSets();
      if (!known.includes(wanted)) {
        throw new SparseTrainError(
          'ISA_UNAVAILABLE',
          `SPARSE_TRAIN_ISA is "${wanted}", but this build on this CPU has ${known.join(', ')}; unset it or choose one of these`,
        );
      }
      addon.useKernelSet(wanted as KernelSet);
    }
    loaded = addon;
  }
  return loaded;
}
