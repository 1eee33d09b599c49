/**
 * Checks objects whose fields need only a kind: lines of run logs, stored schemas and fixtures, arguments that are
 * objects. Options that users set have a table instead (table.ts), with a text, a default and a flag.
 */
import { invalidOption, SparseTrainError, seenFrom } from '../errors.js';
import type { Wording } from '../wording.js';
import { type Kind, oneOf, type ValueOf, within } from './kinds.js';
import { checkOptionsObject, refuseUnknown } from './table.js';

/** The kinds of an object's fields, by name. */
export type Fields = Readonly<Record<string, Kind<unknown>>>;

type OptionalNames<F extends Fields> = {
  [K in keyof F]: undefined extends ValueOf<F[K]> ? K : never;
}[keyof F];

/** The type of an object with these fields. */
export type ObjectOf<F extends Fields> = {
  readonly [K in Exclude<keyof F, OptionalNames<F>>]: ValueOf<F[K]>;
} & { readonly [K in OptionalNames<F>]?: ValueOf<F[K]> };

/** How unknown fields are treated. */
export type Others = 'refused' | 'dropped' | 'kept';

/** For {@link fieldsOf} on arguments, where an unknown field is a mistake. */
export const closed = { others: 'refused' } as const;

/** A field that may be absent. */
export function optional<T>(kind: Kind<T>): Kind<T | undefined> {
  return {
    expected: kind.expected,
    bounds: kind.bounds,
    check: (name, value) => (value === undefined ? undefined : kind.check(name, value)),
  };
}

/** A field that may be absent or null; both mean that there is no value. */
export function absentOr<T>(kind: Kind<T>): Kind<T | undefined> {
  return {
    expected: kind.expected,
    bounds: kind.bounds,
    check: (name, value) => (value === undefined || value === null ? undefined : kind.check(name, value)),
  };
}

/** The kind of an object with these fields. */
export function fieldsOf<const F extends Fields>(
  fields: F,
  { others = 'dropped', expected = 'an object' }: { others?: Others; expected?: Wording } = {},
): Kind<ObjectOf<F>> {
  return {
    expected,
    check(name, value) {
      const object = plainRecord(name, value, expected);
      if (others === 'refused')
        refuseUnknown(name, object, Object.keys(fields), { prefix: name === '' ? '' : `${name}.` });
      const checked: Record<string, unknown> = others === 'kept' ? { ...object } : {};
      for (const [field, kind] of Object.entries(fields)) {
        const part = kind.check(within(name, field), object[field]);
        if (part !== undefined) checked[field] = part;
      }
      return checked as ObjectOf<F>;
    },
    bounds: { within: [], beyond: [1, 'x', []] },
  };
}

/** The kind of an object that has one of several forms, named by the field `tag`. */
export function formsOf<const Tag extends string, const V extends Readonly<Record<string, Fields>>>(
  tag: Tag,
  forms: V,
): Kind<{ [K in keyof V & string]: { readonly [T in Tag]: K } & ObjectOf<V[K]> }[keyof V & string]> {
  const words = oneOf(Object.keys(forms));
  const kinds = new Map(Object.entries(forms).map(([word, fields]) => [word, fieldsOf(fields)]));
  return {
    expected: 'an object',
    check(name, value) {
      const word = words.check(within(name, tag), plainRecord(name, value, 'an object')[tag]);
      return { [tag]: word, ...kinds.get(word)?.check(name, value) } as never;
    },
    bounds: { within: [], beyond: [1, 'x', []] },
  };
}

/**
 * Checks an argument: an object with these fields and no others.
 *
 * @param what - what messages call the object as a whole: `pattern to check`
 * @param prefix - what messages put before the names of its fields: `budget.`, or nothing
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION
 */
export function checkArgument<const F extends Fields>(
  what: string,
  fields: F,
  value: unknown,
  prefix = '',
): ObjectOf<F> {
  checkOptionsObject(what, value);
  refuseUnknown(what, value, Object.keys(fields), { prefix });
  const given = value as Record<string, unknown>;
  const checked: Record<string, unknown> = {};
  for (const [name, kind] of Object.entries(fields)) {
    const part = kind.check(`${prefix}${name}`, given[name]);
    if (part !== undefined) checked[name] = part;
  }
  return checked as ObjectOf<F>;
}

function plainRecord(name: string, value: unknown, expected: Wording): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalidOption(name, expected, value);
  return value as Record<string, unknown>;
}

/**
 * Checks a value that was read from a file.
 *
 * @param where - put before the message: `CSV schema: `
 * @param name - what messages call the value; empty for a whole document
 * @throws SparseTrainError INVALID_FILE
 */
export function checkStored<T>(kind: Kind<T>, value: unknown, where: Wording, name = ''): T {
  try {
    return kind.check(name, value);
  } catch (error) {
    if (error instanceof SparseTrainError) throw seenFrom(where, error, 'INVALID_FILE');
    throw error;
  }
}
