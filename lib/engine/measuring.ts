/**
 * The addon with which `sparse-train bench` measures what a network alone does not show: the limits of a core, single
 * kernels and the passes of a mini-batch. It contains a second copy of the kernels, so packages leave it out: only a
 * build from source has it, in build/Release beside the engine (native/bench).
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SparseTrainError } from '../base/errors.js';
import type { KernelSet } from './addon.js';
import { thisMachine } from './loader.js';

/** The limits of a core with the instructions of a kernel set, all per second. */
export interface CoreLimits {
  /** Clock cycles. */
  clock: number;
  /** Multiply-accumulates of 16-bit integers into 32-bit sums. */
  dotProducts: number;
  /** Bytes read from a block of memory; one entry for each requested size. */
  reading: Float64Array;
}

/** The measurements of one operation of a kernel set, over all its calls. */
export interface KernelTiming {
  seconds: number;
  calls: number;
  /** Edges of the tiles that were touched; 0 for an operation on neurons. */
  edges: number;
  /** Neurons; 0 for an operation on edges. */
  neurons: number;
  /** Bytes read and written. */
  bytes: number;
  /** Bytes that calls with different rows touch in total. */
  workingSet: number;
}

/** One pass over a batch. */
export interface BatchPass {
  /** The fastest of many runs. */
  seconds: number;
  /** Bytes of weights and their indices, read and written. */
  weightBytes: number;
  /** Bytes of activations or deltas, read in the order of the edges. */
  rowBytes: number;
  /** Bytes of memory over which the rows of a strip of samples are spread. */
  rowSet: number;
}

/** The times of a mini-batch on one junction. */
export interface BatchTiming {
  forward: BatchPass;
  backward: BatchPass;
  update: BatchPass;
  layout: 'tiles' | 'list';
  edges: number;
  /** Bytes of weights and their indices. */
  junctionBytes: number;
  /** Bytes of activations and deltas of the batch. */
  layerBytes: number;
}

/** Every call blocks the thread until the measurement is done. Wrong values throw a TypeError or RangeError. */
export interface MeasuringAddon {
  /**
   * Measures each limit for about `seconds`; `sizes` are the sizes in bytes of the blocks to read, each at least
   * 1024.
   */
  measureLimits(task: { kernelSet: KernelSet; seconds: number; sizes: Float64Array }): CoreLimits;
  /** The operations that measureKernel() knows. */
  kernelOperations(): string[];
  /**
   * Times `operation` for one to two times `seconds`, on a junction with a tiled pattern of about `edges` edges
   * (dense if left * right or more). `rows` holds left activations in rows of `left` bytes, which are used in turn.
   */
  measureKernel(task: {
    kernelSet: KernelSet;
    operation: string;
    left: number;
    right: number;
    edges: number;
    rows: Uint8Array;
    seconds: number;
  }): KernelTiming;
  /**
   * Times the feed-forward, backpropagation and update of a mini-batch in the `wide` arithmetic, on one junction and
   * one thread, each for about `seconds`.
   */
  measureBatch(task: {
    kernelSet: KernelSet;
    pattern: 'tiled' | 'structured';
    left: number;
    right: number;
    edges: number;
    samples: number;
    seconds: number;
  }): BatchTiming;
}

const pathIn = (root: string) => join(root, 'build', 'Release', 'sparse_train_bench.node');

/** Whether this installation has the addon. */
export function canMeasure(root = thisMachine.root): boolean {
  return existsSync(pathIn(root));
}

/** How to get the addon, for an installation that lacks it. */
export function measuringAdvice(root = thisMachine.root): string {
  return existsSync(join(root, 'tsconfig.json'))
    ? 'npm run build'
    : 'npm install node-gyp@12 node-addon-api@8 && npm explore sparse-train -- npm run build:addon';
}

/**
 * The addon, loaded at the first call.
 *
 * @throws SparseTrainError NATIVE_UNAVAILABLE if this installation lacks it or it does not load
 */
export function measuring(root = thisMachine.root): MeasuringAddon {
  const path = pathIn(root);
  const advice = `build it with: ${measuringAdvice(root)}`;
  if (!existsSync(path)) {
    throw new SparseTrainError(
      'NATIVE_UNAVAILABLE',
      `kernels and the limits of a core are measured by an addon that packages do not contain (${path}); ${advice}`,
    );
  }
  try {
    return thisMachine.require(path) as MeasuringAddon;
  } catch (error) {
    throw new SparseTrainError('NATIVE_UNAVAILABLE', `${path} does not load (${String(error)}); ${advice}`, {
      cause: error,
    });
  }
}
