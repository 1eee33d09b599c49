/**
 * Tables of options. Each option is defined once, in a table. The type of the options object, its check, the flags
 * and help of the command line, the keys of configuration files and search templates, the check of stored options and
 * docs/options.md are all derived from it.
 */
import { invalidOption, SparseTrainError, unknownName } from '../errors.js';
import { literal, optionName, say, type Wording } from '../wording.js';
import type { InputOf, Kind, ValueOf } from './kinds.js';

/** One option. */
export interface Option<T = unknown, I = T> {
  readonly kind: Kind<T, I>;
  /** What it does, in a line or two: for the help and the reference page. */
  readonly text: string;
  /** The value if the option is left out. */
  readonly default?: T;
  /** Describes the behaviour if the option is left out and there is no single default value. */
  readonly otherwise?: string;
  readonly required?: true;
  /** The flag of the command line: two dashes and the name in kebab case. Without this the option has no flag. */
  readonly flag?: string;
  /** Replaces the kind's placeholder in the help. */
  readonly placeholder?: string;
  /** Other spellings that people may try; messages suggest the right one. */
  readonly oldNames?: readonly string[];
}

export type Table = Readonly<Record<string, Option>>;

type Rest<T> = Omit<Option<T>, 'kind'>;

/** The parts of an option that decide types: whether it is required, has a default, has a flag. */
type Shape<T, R> = (R extends { required: true } ? { readonly required: true } : unknown) &
  (R extends { default: unknown } ? { readonly default: T } : unknown) &
  (R extends { flag: string } ? { readonly flag: string } : unknown);

/** Defines an option. */
export function option<T, I, const R extends Rest<NoInfer<T>>>(
  kind: Kind<T, I>,
  rest: R,
): Option<T, I> & Shape<T, R> {
  return { kind, ...rest } as unknown as Option<T, I> & Shape<T, R>;
}

/** The type of an option's checked value. */
export type Value<O> = O extends { readonly kind: infer K } ? ValueOf<K> : never;
type Input<O> = O extends { readonly kind: infer K } ? InputOf<K> : never;
type RequiredNames<T> = { [N in keyof T]: T[N] extends { readonly required: true } ? N : never }[keyof T];
type DefaultedNames<T> = {
  [N in keyof T]: T[N] extends { readonly required: true } | { readonly default: unknown } ? N : never;
}[keyof T];
type Needed<T, N extends keyof T> = { [K in N]: Input<T[K]> };
type Optional<T, N extends keyof T> = { [K in N]?: Input<T[K]> | undefined };

/** The options object of a table, as callers write it. */
export type OptionsOf<T> = Needed<T, RequiredNames<T>> & Optional<T, Exclude<keyof T, RequiredNames<T>>>;

/** The options object of a table after the check, with the table's defaults filled in. */
export type CheckedOptions<T> = {
  readonly [K in DefaultedNames<T>]: Value<T[K]>;
} & { readonly [K in Exclude<keyof T, DefaultedNames<T>>]: Value<T[K]> | undefined };

/** The options of a table without their defaults and flags: one that is left out stays undefined. */
export function withoutDefaults<const T extends Table>(
  table: T,
): { [K in keyof T]: Option<Value<T[K]>, Input<T[K]>> } {
  const bare = Object.entries(table).map(
    ([name, { kind, text, placeholder, default: fallback, otherwise }]) => {
      const shown =
        fallback === undefined ? otherwise : (kind.toText?.(fallback as never) ?? String(fallback));
      return [name, option(kind, { text, ...(placeholder && { placeholder }), otherwise: shown || 'none' })];
    },
  );
  return Object.fromEntries(bare) as { [K in keyof T]: Option<Value<T[K]>, Input<T[K]>> };
}

/**
 * Checks that a value is an object that may hold options.
 *
 * @throws SparseTrainError INVALID_OPTION
 */
export function checkOptionsObject(what: string, options: unknown): asserts options is object {
  const isObject = typeof options === 'object' && options !== null;
  if (!isObject || Array.isArray(options) || ArrayBuffer.isView(options)) {
    throw invalidOption(what, 'an object', options);
  }
}

/**
 * Refuses unknown names.
 *
 * @param what - what messages call the options: `fit options`
 * @param hints - other spellings mapped to the right names, and the path of the object: `optimizer.`
 * @throws SparseTrainError UNKNOWN_OPTION with the nearest known name
 */
export function refuseUnknown(
  what: Wording,
  options: object,
  known: readonly string[],
  { old = {}, prefix = '' }: { old?: Readonly<Record<string, string>>; prefix?: string } = {},
): void {
  for (const name of Object.keys(options)) {
    if (!known.includes(name))
      throw unknownName('UNKNOWN_OPTION', say`name in ${what}:`, name, known, old, prefix);
  }
}

function oldNames(table: Table): Record<string, string> {
  const names: Record<string, string> = {};
  for (const [name, { oldNames: old = [] }] of Object.entries(table))
    for (const other of old) names[other] = name;
  return names;
}

/**
 * Checks an options object against its table and fills in the table's defaults.
 *
 * @param what - what messages call the object as a whole: `fit options`
 * @param prefix - what messages put before its options' names: `optimizer.`, or nothing
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION
 */
export function checkOptions<const T extends Table>(
  what: string,
  table: T,
  options: unknown,
  prefix = '',
): CheckedOptions<T> {
  checkOptionsObject(what, options);
  refuseUnknown(what, options, Object.keys(table), { old: oldNames(table), prefix });
  return checkValues(table, options as Record<string, unknown>, prefix);
}

/** Checks the values of options whose names have already been checked. */
export function checkValues<const T extends Table>(
  table: T,
  options: Readonly<Record<string, unknown>>,
  prefix = '',
): CheckedOptions<T> {
  const checked: Record<string, unknown> = {};
  for (const [name, entry] of Object.entries(table)) {
    // Read once: a getter could return another value the second time.
    const value = options[name];
    if (value !== undefined || entry.required) checked[name] = entry.kind.check(`${prefix}${name}`, value);
    else checked[name] = entry.default;
  }
  return checked as CheckedOptions<T>;
}

/** The kind of an object with the options of a table. */
export function objectOf<const T extends Table>(
  table: T,
  expected: Wording = 'an object',
): Kind<CheckedOptions<T>, OptionsOf<T>> {
  return {
    expected,
    check(name, value) {
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw invalidOption(name, expected, value);
      return checkOptions(name, table, value, `${name}.`);
    },
    bounds: { within: [], beyond: [1, 'x', []] },
  };
}

/** Several tables, one for each word of an option `kind` (or another option that tells them apart). */
export type Variants = Readonly<Record<string, Table>>;

/** The checked options of one of several tables, with the word that names the table. */
export type VariantOf<V extends Variants> = {
  [K in keyof V]: { readonly kind: K } & CheckedOptions<V[K]>;
}[keyof V];

/** The options of one of several tables, as callers write them. */
export type VariantInput<V extends Variants> = {
  [K in keyof V]: { kind: K } & OptionsOf<V[K]>;
}[keyof V];

/**
 * Finds the table that an object's `kind` names, and refuses names that are not in that table.
 *
 * @returns the word
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION
 */
export function checkVariant<const V extends Variants>(
  name: string,
  variants: V,
  tagKind: Kind<keyof V & string>,
  value: unknown,
  tag = 'kind',
): keyof V & string {
  checkOptionsObject(name, value);
  const given = value as Readonly<Record<string, unknown>>;
  const word = tagKind.check(`${name}.${tag}`, given[tag]);
  const table = variants[word] as Table;
  for (const other of Object.keys(given)) {
    if (other === tag || Object.hasOwn(table, other)) continue;
    if (!Object.values(variants).some((variant) => Object.hasOwn(variant, other))) {
      const what = say`${name} of ${tag} ${literal(word)}`;
      refuseUnknown(what, { [other]: undefined }, [tag, ...Object.keys(table)], {
        old: oldNames(table),
        prefix: `${name}.`,
      });
    }
    if (given[other] === undefined) continue;
    throw new SparseTrainError('INVALID_OPTION', {
      option: `${name}.${other}`,
      says: say`${optionName(`${name}.${other}`)} has no meaning with ${optionName(`${name}.${tag}`, word)}`,
      advice: 'leave it out',
    });
  }
  return word;
}

/** The kind of an object with the options of one of several tables; its `kind` says which. */
export function variantOf<const V extends Variants>(
  variants: V,
  tagKind: Kind<keyof V & string>,
  expected: Wording = 'an object',
): Kind<VariantOf<V>, VariantInput<V>> {
  return {
    expected,
    check(name, value) {
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw invalidOption(name, expected, value);
      const kind = checkVariant(name, variants, tagKind, value);
      const options = checkValues(variants[kind] as Table, value as Record<string, unknown>, `${name}.`);
      return { kind, ...options } as unknown as VariantOf<V>;
    },
    bounds: { within: [], beyond: [1, 'x', []] },
  };
}

/** Refuses a combination of options. Rules are kept beside the table of their options. */
export interface Rule<C> {
  /** The option that the user should change or leave out. */
  readonly option: string;
  readonly when: (context: C) => boolean;
  readonly refuse: Wording | ((context: C) => Wording);
  readonly advice?: Wording | ((context: C) => Wording) | undefined;
}

/**
 * Throws the error of the first rule that applies.
 *
 * @throws SparseTrainError INVALID_OPTION
 */
export function applyRules<C>(rules: readonly Rule<C>[], context: C): void {
  for (const { option: name, when, refuse, advice } of rules) {
    if (!when(context)) continue;
    throw new SparseTrainError('INVALID_OPTION', {
      option: name,
      says: typeof refuse === 'function' ? refuse(context) : refuse,
      advice: typeof advice === 'function' ? advice(context) : advice,
    });
  }
}
