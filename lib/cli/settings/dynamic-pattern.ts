import { invalidOption } from '../../base/errors.js';
import { checkedBy } from '../../base/options/kinds.js';
import { checkOptions } from '../../base/options/table.js';
import { DYNAMIC_PATTERN, type DynamicPatternRule } from '../../training/dynamic-pattern.js';

const FORM =
  'set or rigl, optionally with the share of the edges and the examples between moves: rigl:0.3:10000';

/** A pattern whose edges move during training: `set`, `rigl:0.3` or `rigl:0.3:10000`. */
export const dynamicPattern = checkedBy<DynamicPatternRule>(
  FORM,
  (name, value) => {
    const [method, fraction, every, ...more] = typeof value === 'string' ? value.split(':') : [];
    if ((method !== 'set' && method !== 'rigl') || more.length > 0) throw invalidOption(name, FORM, value);
    const options = {
      method,
      fraction: fraction === undefined ? undefined : Number(fraction),
      every: every === undefined ? undefined : Number(every),
    };
    return checkOptions(name, DYNAMIC_PATTERN, options, `${name}: `);
  },
  { placeholder: '<method>', words: ['set', 'rigl'] },
);
