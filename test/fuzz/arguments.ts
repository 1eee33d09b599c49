/** Unsuitable arguments. */
import fc from 'fast-check';

/**
 * What getters, traps and conversions of these arguments throw: the caller's own exception, which calls must pass on.
 */
export class Own extends Error {}
const own = (): never => {
  throw new Own('thrown by an argument');
};

function detached<T extends ArrayBufferView>(view: T): T {
  structuredClone(view.buffer, { transfer: [view.buffer as ArrayBuffer] });
  return view;
}

const traps = Object.fromEntries(
  Object.getOwnPropertyNames(Reflect).map((name) => [name, own]),
) as ProxyHandler<object>;

export type Make = () => unknown;

/** Made anew each time, because calls may change or detach their arguments. */
const FIXED: readonly Make[] = [
  () => undefined,
  () => null,
  () => true,
  () => '',
  () => 'a',
  () => 'x'.repeat(5000),
  () => 3n,
  () => Symbol('s'),
  () => () => 1,
  () => own,
  () => Number.NaN,
  () => Number.POSITIVE_INFINITY,
  () => -0,
  () => -1,
  () => 0.5,
  () => 1,
  () => 2,
  () => 2 ** 31,
  () => 2 ** 32,
  () => 2 ** 53,
  () => 1e308,
  () => [],
  () => [1, 2],
  () => [1, Number.NaN],
  () => ['1', '2'],
  () => new Array(2 ** 32 - 1),
  () => [1, [2]],
  () => ({}),
  () => Object.create(null),
  () => ({ length: 2 }),
  () => ({ length: 2 ** 53 }),
  () => ({ length: Number.NaN, 0: 1 }),
  () => ({ valueOf: own, toString: own, [Symbol.toPrimitive]: own }),
  () => ({
    get length() {
      return own();
    },
  }),
  () => ({
    get [Symbol.iterator]() {
      return own();
    },
  }),
  () => new Proxy({}, traps),
  () => new Proxy([], traps),
  () => new Proxy(new Float32Array(2), {}),
  () => new Proxy([1, 2], {}),
  () => new Date(0),
  () => new Map([[1, 2]]),
  () => new Uint8Array(2),
  () => new Uint8Array(0),
  () => Int8Array.of(1, -1),
  () => Int16Array.of(32767, -32768),
  () => Uint32Array.of(1, 2 ** 32 - 1),
  () => Float32Array.of(1, 2),
  () => Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY),
  () => Float64Array.of(1e308, -1e308),
  () => new BigInt64Array(2),
  () => new DataView(new ArrayBuffer(2)),
  () => new ArrayBuffer(8),
  () => new SharedArrayBuffer(8),
  () => new Float32Array(new SharedArrayBuffer(8)),
  () => new Uint8Array(new SharedArrayBuffer(2)),
  () => detached(new Float32Array(2)),
  () => detached(new Uint8Array(2)),
  () => detached(Int32Array.of(0, 1)),
  // biome-ignore lint/suspicious/noExplicitAny: newer than the types
  () => new Float32Array(new (ArrayBuffer as any)(8, { maxByteLength: 64 })),
  () => Object.defineProperty(new Float32Array(2), 'length', { value: 5 }),
];

/** Makes a value of the list, or a container of such values. */
export const anything: fc.Arbitrary<Make> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...FIXED) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...FIXED), fc.constantFrom(...FIXED)).map(([first, second]) => () => [
      first(),
      second(),
    ]),
  },
);

/**
 * Suitable arguments of a call with up to two changes, anywhere in them. `changes` describes them, so that a
 * counterexample can be read.
 */
export interface Changed {
  readonly steps: readonly number[];
  readonly way: 'value' | 'getter';
  readonly make: Make;
}

export const changes: fc.Arbitrary<readonly Changed[]> = fc.array(
  fc.record({
    steps: fc.array(fc.nat(1000), { minLength: 4, maxLength: 4 }),
    way: fc.constantFrom('value' as const, 'value' as const, 'value' as const, 'getter' as const),
    make: anything,
  }),
  { minLength: 1, maxLength: 2 },
);

/** Changes a place in arguments, going down through plain objects and arrays. */
export function changedArguments(args: unknown[], all: readonly Changed[]): unknown[] {
  const result = [...args];
  for (const { steps, way, make } of all) {
    let target: Record<string, unknown> = result as never;
    for (const [depth, step] of steps.entries()) {
      const keys = Object.keys(target);
      if (keys.length === 0) break;
      const key = keys[step % keys.length] as string;
      const child = target[key];
      const isPlain =
        Array.isArray(child) ||
        (typeof child === 'object' && child !== null && Object.getPrototypeOf(child) === Object.prototype);
      if (isPlain && depth + 1 < steps.length && step % 3 !== 0 && Object.keys(child as object).length > 0) {
        const copy = Array.isArray(child) ? [...child] : { ...(child as object) };
        target[key] = copy;
        target = copy as Record<string, unknown>;
        continue;
      }
      if (way === 'getter' && target !== (result as never)) {
        Object.defineProperty(target, key, { get: own, enumerable: true, configurable: true });
      } else {
        target[key] = make();
      }
      break;
    }
  }
  return result;
}

/** Arguments with one value put in each place in turn, within plain objects and arrays too. */
export function* everywhere(
  args: readonly unknown[],
  make: Make,
): Generator<{ at: string; args: unknown[] }> {
  for (const [at, changed] of replaced(args, make)) yield { at, args: changed as unknown[] };
}

function* replaced(value: unknown, make: Make): Generator<[at: string, changed: unknown]> {
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(Object(value)) === Object.prototype;
  if (!isPlain) return;
  const object = value as Record<string, unknown>;
  const changed = (key: string, part: unknown) =>
    Array.isArray(value)
      ? value.map((item, i) => (String(i) === key ? part : item))
      : { ...object, [key]: part };
  for (const key of Object.keys(object)) {
    yield [key, changed(key, make())];
    for (const [at, part] of replaced(object[key], make)) yield [`${key}.${at}`, changed(key, part)];
  }
}
