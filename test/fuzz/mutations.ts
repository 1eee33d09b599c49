/** Damage to files: to any of their bytes, and to values in JSON that stays valid JSON. */
import { appendFileSync } from 'node:fs';
import fc from 'fast-check';

/**
 * How often each property is tried. FUZZ_RUNS=100 npx vitest run test/fuzz tries a hundred times as often. scripts/fuzz.mjs
 * sets all three: it runs the tests with one seed after another for as long as it is asked to.
 */
const { FUZZ_RUNS = '1', FUZZ_SEED = '8', FUZZ_COUNT } = process.env;
const EFFORT = Number(FUZZ_RUNS);

/** Parameters of a property. Each property calls this once, which adds its executions to the file FUZZ_COUNT. */
export function tries(numRuns: number): { numRuns: number; seed: number } {
  const parameters = { numRuns: Math.max(1, Math.round(numRuns * EFFORT)), seed: Number(FUZZ_SEED) };
  if (FUZZ_COUNT !== undefined) appendFileSync(FUZZ_COUNT, `${parameters.numRuns}\n`);
  return parameters;
}

/** Time for a test with that effort, in milliseconds; long runs have the lowest priority. */
export const TIMEOUT = 60_000 * Math.max(1, EFFORT) * (FUZZ_COUNT === undefined ? 1 : 10);

type Edit = (bytes: Buffer) => Buffer;

/** Numbers that lengths, offsets and counts should never be. */
const HUGE = [
  0n,
  1n,
  0x7fn,
  0xffn,
  0x7fffn,
  0xffffn,
  0x7fffffffn,
  0xffffffffn,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

const place = fc.nat(2 ** 31 - 1);

/** Half of all edits are made where formats have their headers. */
const nearStart = fc.oneof(fc.nat(63), place);

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(nearStart, fc.nat(7)).map(
    ([at, bit]): Edit =>
      (bytes) => {
        const result = Buffer.from(bytes);
        if (result.length > 0) {
          const i = at % result.length;
          result[i] = (result[i] as number) ^ (1 << bit);
        }
        return result;
      },
  ),
  fc.tuple(nearStart, fc.nat(255)).map(
    ([at, byte]): Edit =>
      (bytes) => {
        const result = Buffer.from(bytes);
        if (result.length > 0) result[at % result.length] = byte;
        return result;
      },
  ),
  fc.tuple(nearStart, fc.constantFrom(...HUGE), fc.constantFrom(2, 4, 8), fc.boolean()).map(
    ([at, number, width, isBig]): Edit =>
      (bytes) => {
        const result = Buffer.from(bytes);
        const word = Buffer.alloc(8);
        word.writeBigUInt64LE(number);
        const part = word.subarray(0, width);
        if (isBig) part.reverse();
        if (result.length > 0) part.copy(result, at % result.length);
        return result;
      },
  ),
  place.map(
    (at): Edit =>
      (bytes) =>
        bytes.subarray(0, at % (bytes.length + 1)),
  ),
  fc.tuple(nearStart, fc.nat(16)).map(
    ([at, count]): Edit =>
      (bytes) => {
        const start = at % (bytes.length + 1);
        return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + count)]);
      },
  ),
  fc.tuple(nearStart, fc.uint8Array({ minLength: 1, maxLength: 16 })).map(
    ([at, more]): Edit =>
      (bytes) => {
        const start = at % (bytes.length + 1);
        return Buffer.concat([bytes.subarray(0, start), more, bytes.subarray(start)]);
      },
  ),
  fc.tuple(nearStart, nearStart, fc.nat(64)).map(
    ([from, to, count]): Edit =>
      (bytes) => {
        const piece = bytes.subarray(from % (bytes.length + 1)).subarray(0, count);
        const start = to % (bytes.length + 1);
        return Buffer.concat([bytes.subarray(0, start), piece, bytes.subarray(start)]);
      },
  ),
);

/** One of the files, unchanged or with up to four damages. */
export function damaged(...files: readonly Uint8Array[]): fc.Arbitrary<Buffer> {
  return fc
    .tuple(fc.constantFrom(...files), fc.array(edit, { maxLength: 4 }))
    .map(([file, edits]) => edits.reduce<Buffer>((bytes, change) => change(bytes), Buffer.from(file)));
}

/** JSON values that fit nowhere. */
const strange: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, '', 'a', '$', '__proto__', 'NaN', 'x'.repeat(1000)),
  fc.constantFrom(0, -0, 1, -1, 0.5, 1e308, -1e308, 5e-324, 2 ** 31, 2 ** 32, 2 ** 53, 1e15, 1_048_577),
  fc.constantFrom<unknown>(
    [],
    {},
    [[]],
    [null],
    { length: 1e9 },
    { kind: 'constructor' },
    new Array(500).fill(0),
  ),
  fc.constant('deep').map(() => JSON.parse('['.repeat(2000) + ']'.repeat(2000)) as unknown),
  fc.jsonValue(),
);

/** The text of a JSON document with up to three values replaced or removed, anywhere in it. */
export function damagedJson(...documents: readonly unknown[]): fc.Arbitrary<string> {
  const change = fc.tuple(
    fc.infiniteStream(fc.nat(10_000)),
    fc.constantFrom('set', 'set', 'remove', 'repeat', 'rename'),
    strange,
  );
  return fc
    .tuple(fc.constantFrom(...documents), fc.array(change, { maxLength: 3 }))
    .map(([document, changes]) => {
      let result: unknown = structuredClone(document);
      // Each value is copied. Otherwise a later change inside it could put a shared constant into itself.
      for (const [steps, kind, value] of changes)
        result = changed(result, steps, kind, structuredClone(value));
      return JSON.stringify(result) ?? '';
    });
}

type Place = Record<string, unknown>;

/** Walks down from the root at random and changes the place that it reaches. */
function changed(root: unknown, steps: Iterator<number>, kind: string, value: unknown): unknown {
  let parent: Place | undefined;
  let key = '';
  let current = root;
  while (typeof current === 'object' && current !== null) {
    const keys = Object.keys(current);
    const step = steps.next().value as number;
    // There are more places further down, so some walks end early.
    if (keys.length === 0 || (parent !== undefined && step % 5 === 0)) break;
    parent = current as Place;
    key = keys[(step >> 3) % keys.length] as string;
    current = parent[key];
  }
  if (parent === undefined) return kind === 'set' ? value : root;
  if (kind === 'set') parent[key] = value;
  else if (kind === 'remove') {
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete parent[key];
  } else if (kind === 'repeat') {
    if (Array.isArray(parent)) parent.push(...parent.slice(0, 100));
    else parent[`${key}2`] = current;
  } else if (!Array.isArray(parent)) {
    parent[`${key} `] = current;
    delete parent[key];
  }
  return root;
}
