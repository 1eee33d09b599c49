import { availableParallelism } from 'node:os';
import { invalidOption } from '../base/errors.js';

/** The most threads that a call may ask for. */
export const MAX_THREADS = 256;

/** A number of threads, 1 to 256, or 'auto': as many as make the work faster, on this machine's cores. */
export type Threads = number | 'auto';

/** What is to be done, as far as the number of threads depends on it. */
export type ThreadedWork =
  | { readonly kind: 'train'; readonly batchSize: number }
  | { readonly kind: 'predict'; readonly rows: number };

/**
 * Edges of a network for each thread that shares the training of single examples. Threads meet once a block, which costs
 * about as much as the work on 20,000 edges (`sparse-train bench online`, the rows of several threads): with fewer, one core
 * is faster alone.
 */
const ONLINE_EDGES = 100_000;

/** The same for batches and for predictions, in edges times examples: what a thread does between two meetings. */
const BATCH_EDGES = 1_000_000;
const PREDICTED_EDGES = 20_000_000;

/**
 * Checks a number of threads.
 *
 * @throws SparseTrainError INVALID_OPTION
 */
export function checkThreads(name: string, value: unknown): asserts value is Threads {
  const isNumber = Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= MAX_THREADS;
  if (value !== 'auto' && !isNumber) {
    throw invalidOption(name, `'auto' or a whole number from 1 to ${MAX_THREADS}`, value);
  }
}

/**
 * The number of threads for a piece of work: what was asked for or, for 'auto', one for small networks and up to all
 * cores for large ones. Results do not depend on it.
 */
export function threadCount(
  wanted: Threads,
  core: { readonly edges: number; readonly options: { readonly arithmetic: { readonly kind: string } } },
  work: ThreadedWork,
  cores: number = availableParallelism(),
): number {
  if (wanted !== 'auto') return wanted;
  const online = work.kind === 'train' && work.batchSize === 1;
  // Only the wide arithmetic shares the work on a single example well enough.
  if (online && core.options.arithmetic.kind !== 'wide') return 1;
  const shares =
    work.kind === 'predict'
      ? (core.edges * work.rows) / PREDICTED_EDGES
      : work.batchSize > 1
        ? (core.edges * work.batchSize) / BATCH_EDGES
        : core.edges / ONLINE_EDGES;
  return Math.max(1, Math.min(cores, MAX_THREADS, Math.floor(shares)));
}
