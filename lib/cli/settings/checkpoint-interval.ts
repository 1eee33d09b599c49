import { invalidOption } from '../../base/errors.js';
import type { CheckpointOptions } from '../../training/checkpoint/options.js';
import { SECONDS } from './duration.js';
import type { ValueKind } from './value-kinds.js';

/** `30s`, `5m`, `1h` or `2epochs`: how often to save. */
export const checkpointInterval: ValueKind<NonNullable<CheckpointOptions['every']>> = {
  placeholder: '<interval>',
  fromText: (value) => value,
  check(name, value) {
    const [, digits, unit = ''] =
      typeof value === 'string' ? (/^(\d+(?:\.\d+)?) ?(s|m|h|epochs?)$/.exec(value) ?? []) : [];
    const count = Number(digits);
    const perUnit = SECONDS[unit];
    const fits = perUnit === undefined ? Number.isSafeInteger(count) : count * perUnit <= 1_000_000;
    if (digits === undefined || count <= 0 || !fits)
      throw invalidOption(name, 'a time or a number of epochs, such as 30s, 5m, 1h or 2epochs', value);
    return perUnit === undefined ? { epochs: count } : { seconds: count * perUnit };
  },
};
