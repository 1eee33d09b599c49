import { number, oneOf, whole } from '../base/options/kinds.js';
import { type CheckedOptions, type OptionsOf, option } from '../base/options/table.js';

/** How a model that learns is kept safe. */
export const DURABLE = {
  /**
   * When rows are flushed to the disk: 'always' (the default) before they are acknowledged, or at an 'interval' of
   * `flushEvery`. Either way nothing is lost when the process dies; with 'interval' a power cut can lose the rows of
   * the last interval.
   */
  fsync: option(oneOf(['always', 'interval'], '<policy>'), {
    text: 'flush rows to the disk always before they are acknowledged, or at an interval (a power cut can lose the last one)',
    default: 'always',
    flag: '--fsync',
  }),
  /** Seconds between two flushes with `fsync: 'interval'`; 0.2 by default. */
  flushEvery: option(number({ from: 0.001, to: 3600 }), {
    text: 'seconds between two flushes with --fsync interval',
    default: 0.2,
    flag: '--flush-every',
  }),
  /** Seconds between two snapshots of the model, if it has learned; 600 by default. */
  snapshotEvery: option(number({ from: 1, to: 1_000_000 }), {
    text: 'seconds between two snapshots of the model, if it has learned',
    default: 600,
    flag: '--snapshot-every',
  }),
  /** How many earlier snapshots are kept, with the rows since the oldest; 10 by default. */
  keep: option(whole(0, 1_000_000), {
    text: 'how many earlier snapshots are kept, with all rows since the oldest of them',
    default: 10,
    flag: '--keep',
  }),
  /** How many rows may wait for the disk; more are refused with OVERLOADED. 10,000 by default. */
  maxPending: option(whole(1, 10_000_000), {
    text: 'how many rows may wait to be learned; more are refused (429)',
    default: 10_000,
    flag: '--max-pending',
  }),
};

/** Options of {@link DurableModel.open}. */
export interface DurableOptions extends OptionsOf<typeof DURABLE> {}

export type CheckedDurableOptions = CheckedOptions<typeof DURABLE>;
