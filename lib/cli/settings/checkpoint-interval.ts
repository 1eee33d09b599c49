import { invalidOption } from '../../base/errors.js';
import { checkedBy } from '../../base/options/kinds.js';
import { CHECKPOINT_EVERY, type CheckpointOptions } from '../../training/checkpoint/options.js';
import { SECONDS } from './duration.js';

const EXPECTED = 'a time or a number of epochs, such as 30s, 5m, 1h or 2epochs';

/** How often to save: `30s`, `5m`, `1h` or `2epochs`. */
export const checkpointInterval = checkedBy<NonNullable<CheckpointOptions['every']>>(
  EXPECTED,
  (name, value) => {
    const [, digits, unit = ''] =
      typeof value === 'string' ? (/^(\d+(?:\.\d+)?) ?(s|m|h|epochs?)$/.exec(value) ?? []) : [];
    if (digits === undefined) throw invalidOption(name, EXPECTED, value);
    const count = Number(digits);
    const perUnit = SECONDS[unit];
    return perUnit === undefined
      ? { epochs: CHECKPOINT_EVERY.epochs.kind.check(name, count) }
      : { seconds: CHECKPOINT_EVERY.seconds.kind.check(name, count * perUnit) };
  },
  { placeholder: '<interval>' },
);
