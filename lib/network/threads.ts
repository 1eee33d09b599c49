import { availableParallelism } from 'node:os';
import { whole, wordOr } from '../base/options/kinds.js';
import { option } from '../base/options/table.js';
import { MAX_THREADS } from '../engine/limits.js';

/** A number of threads, 1 to 256, or 'auto': as many as make the work faster on this machine. */
export type Threads = number | 'auto';

/** The option `threads` of the calls that compute. */
export const THREADS = {
  /**
   * Threads that share the work: 1 to 256, or 'auto' (the default), which uses one thread for small networks.
   * Results do not depend on it.
   */
  threads: option(wordOr('auto', whole(1, MAX_THREADS)), {
    text: 'threads that share the work; auto: one for small networks, up to all cores for large ones',
    default: 'auto',
    flag: '--threads',
  }),
};

/** The size of the work, as far as the number of threads depends on it. */
export type ThreadedWork =
  | { readonly kind: 'train'; readonly batchSize: number }
  | { readonly kind: 'predict'; readonly rows: number };

/**
 * The edges of a network per thread from which it pays to share the training of single examples. Threads meet
 * once per block, which costs about as much as the work on 20,000 edges (`sparse-train bench online`, the
 * rows with several threads): with fewer edges, one core is faster alone.
 */
const ONLINE_EDGES = 100_000;

/**
 * The corresponding limit for batches and predictions, in edges times examples: the work of a thread between
 * two meetings.
 */
const BATCH_EDGES = 1_000_000;
const PREDICTED_EDGES = 20_000_000;

/**
 * Chooses the number of threads for a piece of work: the requested number or, for 'auto', one for small
 * networks and up to all cores for large ones. Results do not depend on it.
 */
export function threadCount(
  wanted: Threads,
  core: { readonly edges: number; readonly options: { readonly arithmetic: { readonly kind: string } } },
  work: ThreadedWork,
  cores: number = availableParallelism(),
): number {
  if (wanted !== 'auto') return wanted;
  const online = work.kind === 'train' && work.batchSize === 1;
  // Only the wide arithmetic shares the work on a single example efficiently.
  if (online && core.options.arithmetic.kind !== 'wide') return 1;
  const shares =
    work.kind === 'predict'
      ? (core.edges * work.rows) / PREDICTED_EDGES
      : work.batchSize > 1
        ? (core.edges * work.batchSize) / BATCH_EDGES
        : core.edges / ONLINE_EDGES;
  return Math.max(1, Math.min(cores, MAX_THREADS, Math.floor(shares)));
}
