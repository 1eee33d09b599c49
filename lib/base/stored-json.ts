/**
 * Shapes of JSON that is read back from a file: run logs and journals. Such lines are written by this program, maybe by
 * another version of it or edited by somebody, so only what readers rely on is checked. (Options have tables instead:
 * lib/base/options.)
 */

/** Checks a value and returns it with its type; throws a {@link ShapeProblem} otherwise. */
export type Shape<T> = (value: unknown, path: string) => T;

/** The type of the values of a shape. */
export type Shaped<S> = S extends Shape<infer T> ? T : never;

/** Says where a value has another shape, and what it should be. */
export class ShapeProblem extends Error {
  readonly path: string;
  readonly expected: string;

  constructor(path: string, expected: string) {
    super(`"${path}" should be ${expected}`);
    this.path = path;
    this.expected = expected;
  }
}

function shape<T>(expected: string, fits: (value: unknown) => boolean): Shape<T> {
  return (value, path) => {
    if (!fits(value)) throw new ShapeProblem(path, expected);
    return value as T;
  };
}

export const anyNumber = shape<number>('a number', (value) => typeof value === 'number');
export const wholeNumber = shape<number>(
  'a whole number of at least 0',
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
);
export const anyText = shape<string>('a text', (value) => typeof value === 'string');
export const anyObject = shape<Record<string, unknown>>('an object', isObject);

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text of at most so many characters. */
export function textUpTo(most: number): Shape<string> {
  return shape(
    `a text of at most ${most} characters`,
    (value) => typeof value === 'string' && value.length <= most,
  );
}

/** One of these values. */
export function oneOf<const T extends string | number>(...values: readonly T[]): Shape<T> {
  return shape<T>(`one of ${values.join(', ')}`, (value) => values.includes(value as T));
}

/** The value, or undefined if it is absent. */
export function optional<T>(inner: Shape<T>): Shape<T | undefined> {
  return (value, path) => (value === undefined ? undefined : inner(value, path));
}

/** The value, or null. */
export function nullable<T>(inner: Shape<T>): Shape<T | null> {
  return (value, path) => (value === null ? null : inner(value, path));
}

/** A list with at least so many items. */
export function listOf<T>(item: Shape<T>, least = 0, most = Number.POSITIVE_INFINITY): Shape<T[]> {
  return (value, path) => {
    if (!Array.isArray(value) || value.length < least)
      throw new ShapeProblem(path, least === 0 ? 'a list' : `a list of at least ${least}`);
    if (value.length > most) throw new ShapeProblem(path, `a list of at most ${most}`);
    return value.map((each, i) => item(each, `${path}.${i}`));
  };
}

/** An object whose values all have one shape. */
export function recordOf<T>(item: Shape<T>): Shape<Record<string, T>> {
  return (value, path) =>
    Object.fromEntries(
      Object.entries(anyObject(value, path)).map(([key, each]) => [key, item(each, inside(path, key))]),
    );
}

type Fields = Readonly<Record<string, Shape<unknown>>>;
type OptionalNames<F extends Fields> = {
  [K in keyof F]: undefined extends Shaped<F[K]> ? K : never;
}[keyof F];
type ObjectOf<F extends Fields> = { [K in Exclude<keyof F, OptionalNames<F>>]: Shaped<F[K]> } & {
  [K in OptionalNames<F>]?: Shaped<F[K]>;
};

/** An object with these fields; others are left out. */
export function objectOf<const F extends Fields>(fields: F): Shape<ObjectOf<F>> {
  return (value, path) => checkFields(fields, anyObject(value, path), path) as ObjectOf<F>;
}

/** An object with these fields; others stay as they are. */
export function openObjectOf<const F extends Fields>(
  fields: F,
): Shape<ObjectOf<F> & Record<string, unknown>> {
  return (value, path) => {
    const object = anyObject(value, path);
    return { ...object, ...checkFields(fields, object, path) } as ObjectOf<F> & Record<string, unknown>;
  };
}

/** An object with these fields and no others. */
export function closedObjectOf<const F extends Fields>(fields: F): Shape<ObjectOf<F>> {
  const known = objectOf(fields);
  return (value, path) => {
    const unknown = Object.keys(anyObject(value, path)).find((name) => !Object.hasOwn(fields, name));
    if (unknown !== undefined) throw new ShapeProblem(inside(path, unknown), 'absent');
    return known(value, path);
  };
}

/** An object of one of several shapes, which the value of a field names. */
export function variants<const V extends Readonly<Record<string, Shape<unknown>>>>(
  field: string,
  shapes: V,
): Shape<Shaped<V[keyof V]>> {
  const word = oneOf(...Object.keys(shapes));
  return (value, path) => {
    const name = word(anyObject(value, path)[field], inside(path, field));
    return (shapes[name] as Shape<unknown>)(value, path) as Shaped<V[keyof V]>;
  };
}

function checkFields(fields: Fields, object: Record<string, unknown>, path: string): object {
  const checked: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const value = field(object[name], inside(path, name));
    if (value !== undefined) checked[name] = value;
  }
  return checked;
}

function inside(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
