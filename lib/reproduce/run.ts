import type { NetworkOptions } from '../network/options.js';
import type { DataSpec } from '../search/trial/task.js';
import type { FitOptions } from '../training/fit-options.js';

/** One training run of a reproduction. */
export interface Run {
  /** Identifies the run: a result with the same key is not computed again. */
  readonly key: string;
  /** Runs of a group differ only in their seed. */
  readonly group: string;
  readonly network: NetworkOptions;
  readonly fit: Pick<
    FitOptions,
    'epochs' | 'learningRate' | 'batchSize' | 'shuffle' | 'augment' | 'dynamicPattern'
  >;
  /** Images with fewer pixels than the network has inputs are padded. */
  readonly data: DataSpec;
  readonly seed: number;
}

/** The whole training part of a data set, measured on its test part. */
export function wholeSet(name: string): DataSpec {
  return { name, validation: 'test' };
}
