import { invalidOption } from '../base/errors.js';
import { checkedBy, type Kind } from '../base/options/kinds.js';

/** How to read a column if its values alone do not make it clear. */
export type ColumnKind = 'number' | 'category' | 'text' | 'date' | 'ignore';

/** The kinds of columns, for checks and messages. */
export const COLUMN_KINDS: readonly ColumnKind[] = ['number', 'category', 'text', 'date', 'ignore'];

/** Splits `zip=category` at its last equals sign. */
function columnAndKind(text: string): [string, string] {
  const place = text.lastIndexOf('=');
  return place === -1 ? [text, ''] : [text.slice(0, place), text.slice(place + 1)];
}

const EXPECTED = `for each column one of ${COLUMN_KINDS.join(', ')}, such as zip=category`;

/** Kinds of columns by name; on the command line `zip=category,when=date`. */
export const columnKindsKind: Kind<Readonly<Record<string, ColumnKind>>> = checkedBy(
  EXPECTED,
  (name, value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw invalidOption(name, EXPECTED, value);
    for (const [column, kind] of Object.entries(value))
      if (!COLUMN_KINDS.includes(kind))
        throw invalidOption(name, EXPECTED, typeof kind === 'string' ? `${column}=${kind}` : kind);
    return value as Readonly<Record<string, ColumnKind>>;
  },
  {
    bounds: { within: [{}, { zip: 'category' }], beyond: [1, { zip: 'zip' }] },
    placeholder: '<columns>',
    fromText: (text) => Object.fromEntries(text.split(',').map((part) => columnAndKind(part.trim()))),
    toText: (value) =>
      Object.entries(value as Record<string, string>)
        .map(([column, kind]) => `${column}=${kind}`)
        .join(','),
  },
);
