import { optionalPackages } from '../../base/optional-packages.js';

/** The exports of the packages that only searches over several machines need. */
export interface QueuePackages {
  readonly bullmq: typeof import('bullmq');
  readonly ioredis: typeof import('ioredis');
}

/**
 * Loads the packages.
 *
 * @param load - tests replace it
 * @throws SparseTrainError QUEUE_UNAVAILABLE, with the command that installs them
 */
export function queuePackages(load?: (name: string) => unknown): QueuePackages {
  return optionalPackages<QueuePackages>(
    ['bullmq', 'ioredis'],
    'a search over several machines',
    'QUEUE_UNAVAILABLE',
    load,
  );
}
