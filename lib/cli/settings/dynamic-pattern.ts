import { invalidOption } from '../../base/errors.js';
import type { DynamicPatternOptions } from '../../training/dynamic-pattern.js';
import type { ValueKind } from './value-kinds.js';

const FORM =
  'set or rigl, perhaps with the share of the edges and the examples between moves: rigl:0.3:10000';

/** Edges that move: `set`, `rigl:0.3` or `rigl:0.3:10000`. */
export const dynamicPattern: ValueKind<DynamicPatternOptions> = {
  placeholder: '<method>',
  fromText: (text) => text,
  check(name, value) {
    const [method, fraction, every, ...more] = typeof value === 'string' ? value.split(':') : [];
    const isMethod = method === 'set' || method === 'rigl';
    const isFraction = fraction === undefined || (Number(fraction) > 0 && Number(fraction) <= 1);
    const isEvery = every === undefined || (Number.isSafeInteger(Number(every)) && Number(every) >= 1);
    if (!isMethod || !isFraction || !isEvery || more.length > 0) throw invalidOption(name, FORM, value);
    return {
      method,
      fraction: fraction === undefined ? undefined : Number(fraction),
      every: every === undefined ? undefined : Number(every),
    };
  },
};
