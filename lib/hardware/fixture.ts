/**
 * Fixtures: a network, its start, its inputs and the expected results, as one JSON document (test/fixtures/README.md).
 * Reading checks every number, so that no file can crash the engine or be misread.
 */

import { describeValue, invalidOption, SparseTrainError } from '../base/errors.js';
import { readTextFile } from '../base/files/read-text.js';
import { parseJson } from '../base/json.js';
import { MAX_LAYERS, MAX_NEURONS } from '../engine/limits.js';
import type { HardwareDesign, HardwareParameters, JunctionWiring } from './design.js';

export const FIXTURE_FORMAT = 'sparse-train-fixture';
export const FIXTURE_VERSION = 1;

/** A fixture, read and checked. */
export interface Fixture {
  readonly design: HardwareDesign;
  /** k in eta = 2^-k of each input. */
  readonly etaShifts: readonly number[];
  readonly initial: HardwareParameters;
  /** Row-major, inputs x layers[0]. */
  readonly inputs: Uint8Array;
  readonly labels: readonly number[];
  readonly expected: HardwareParameters & {
    /** Per input, raw activations of the output layer; undefined: the fixture has none. */
    readonly outputs: readonly (readonly number[])[] | undefined;
  };
}

/**
 * Reads and checks a fixture file.
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS, INVALID_FILE with what is wrong and where
 */
export async function readFixture(file: string): Promise<Fixture> {
  if (typeof file !== 'string' || file === '') throw invalidOption('file', 'the path of a fixture', file);
  const text = await readTextFile(file);
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (error) {
    throw new SparseTrainError('INVALID_FILE', `${file} is not JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
  try {
    return parseFixture(json);
  } catch (error) {
    if (!(error instanceof SparseTrainError)) throw error;
    throw new SparseTrainError(error.code, `${file} is not a usable fixture: ${error.message}`, {
      cause: error,
    });
  }
}

function wrong(what: string, expected: string, actual: unknown): SparseTrainError {
  return new SparseTrainError(
    'INVALID_FILE',
    `${what} must be ${expected}, but it is ${describeValue(actual)}`,
  );
}

type Json = Readonly<Record<string, unknown>>;

function record(value: unknown, what: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw wrong(what, 'an object', value);
}

/** A list of `length` things (any number if undefined), each checked. */
function list<T>(
  value: unknown,
  what: string,
  length: number | undefined,
  check: (item: unknown, what: string) => T,
): T[] {
  if (!Array.isArray(value)) throw wrong(what, 'a list', value);
  if (length !== undefined && value.length !== length) {
    throw new SparseTrainError(
      'INVALID_FILE',
      `${what} must have ${length} entries, but it has ${value.length}`,
    );
  }
  // Not map(), which skips holes.
  const items: T[] = [];
  for (let i = 0; i < value.length; i++) items.push(check(value[i], `${what}[${i}]`));
  return items;
}

function whole(low: number, high: number): (value: unknown, what: string) => number {
  return (value, what) => {
    if (Number.isSafeInteger(value) && (value as number) >= low && (value as number) <= high)
      return value as number;
    throw wrong(what, `a whole number from ${low} to ${high}`, value);
  };
}

function oneOf<T extends string>(words: readonly T[]): (value: unknown, what: string) => T {
  return (value, what) => {
    const word = words.find((known) => known === value);
    if (word !== undefined) return word;
    throw wrong(what, `one of ${words.map((known) => `"${known}"`).join(', ')}`, value);
  };
}

/** Refuses unknown names, which could change the meaning of the others. */
function refuseUnknown(json: Json, what: string, known: readonly string[]): void {
  const unknown = Object.keys(json).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new SparseTrainError(
    'INVALID_FILE',
    `${what} has "${unknown}", which this release does not know; it knows ${known.join(', ')}`,
  );
}

/** Whether a JSON value is missing. */
const absent = (value: unknown): value is undefined | null => value === undefined || value === null;

/**
 * Checks a fixture.
 *
 * @throws SparseTrainError INVALID_FILE
 */
export function parseFixture(document: unknown): Fixture {
  const json = record(document, 'the document');
  if (json.format !== FIXTURE_FORMAT) throw wrong('format', `"${FIXTURE_FORMAT}"`, json.format);
  if (json.version !== FIXTURE_VERSION)
    throw wrong('version', `${FIXTURE_VERSION}; update sparse-train`, json.version);
  const layers = list(json.layers, 'layers', undefined, whole(1, MAX_NEURONS));
  if (layers.length < 2 || layers.length > MAX_LAYERS) {
    throw new SparseTrainError(
      'INVALID_FILE',
      `layers must have 2 to ${MAX_LAYERS} entries, but it has ${layers.length}`,
    );
  }
  const arithmetic = parseArithmetic(json);
  const junctions = parseJunctions(json, layers);
  const edges = junctions.map((wiring, j) =>
    wiring.edges === undefined ? (layers[j] as number) * (wiring.fanOut as number) : wiring.edges.left.length,
  );
  const count = layers.length - 1;
  const design: HardwareDesign = {
    layers,
    junctions,
    ...arithmetic,
    activation: Array.isArray(json.activation)
      ? list(json.activation, 'activation', count, oneOf(['sigmoid', 'relu']))
      : new Array<'sigmoid' | 'relu'>(count).fill(oneOf(['sigmoid', 'relu'])(json.activation, 'activation')),
    cost: oneOf(['cross-entropy', 'quadratic'])(json.cost, 'cost'),
  };
  const word = whole(-(2 ** (design.width - 1)), 2 ** (design.width - 1) - 1);
  const outputs = layers.at(-1) as number;
  const labels = list(json.labels, 'labels', undefined, whole(0, outputs - 1));
  const expected = record(json.expected, 'expected');
  return {
    design,
    etaShifts: parseEtaShifts(json.etaShift, labels.length),
    initial: parseParameters(record(json.initial, 'initial'), 'initial', layers, edges, word),
    inputs: parseInputs(record(json.inputs, 'inputs'), labels.length, layers[0] as number),
    labels,
    expected: {
      ...parseParameters(expected, 'expected', layers, edges, word),
      outputs: absent(expected.outputs)
        ? undefined
        : list(expected.outputs, 'expected.outputs', labels.length, (row, what) =>
            list(row, what, outputs, word),
          ),
    },
  };
}

const MAX_WIDTH = 16;
const LONG_WIDTH = 32;

function parseArithmetic(json: Json): Pick<HardwareDesign, 'width' | 'integerBits' | 'tableFloor'> {
  const arithmetic = record(json.arithmetic, 'arithmetic');
  refuseUnknown(arithmetic, 'arithmetic', ['kind', 'width', 'integerBits', 'fractionBits', 'tableFloor']);
  oneOf(['hardware'])(arithmetic.kind, 'arithmetic.kind');
  const width = whole(4, LONG_WIDTH)(arithmetic.width, 'arithmetic.width');
  if (width > MAX_WIDTH && width !== LONG_WIDTH) {
    throw wrong('arithmetic.width', `from 4 to ${MAX_WIDTH}, or ${LONG_WIDTH}`, width);
  }
  const integerBits = whole(0, width - 3)(arithmetic.integerBits, 'arithmetic.integerBits');
  if (!absent(arithmetic.fractionBits)) {
    const fraction = width - 1 - integerBits;
    whole(fraction, fraction)(arithmetic.fractionBits, 'arithmetic.fractionBits');
  }
  return { width, integerBits, tableFloor: parseTableFloor(arithmetic.tableFloor ?? json.tableFloor) };
}

function parseTableFloor(value: unknown): 0 | 1 {
  if (absent(value) || value === 0 || value === false) return 0;
  if (value === 1 || value === true) return 1;
  throw wrong('arithmetic.tableFloor', '0 or 1', value);
}

/** One shift for every input, or a list of one for each. */
function parseEtaShifts(value: unknown, inputs: number): number[] {
  const shift = whole(0, 31);
  if (Array.isArray(value)) return list(value, 'etaShift', inputs, shift);
  return new Array<number>(inputs).fill(shift(value, 'etaShift'));
}

function parseJunctions(json: Json, layers: readonly number[]): JunctionWiring[] {
  const count = layers.length - 1;
  const optional = (name: string) =>
    absent(json[name])
      ? new Array<unknown>(count).fill(undefined)
      : list(json[name], name, count, (item) => item);
  const vectors = optional('startVectors');
  const orders = optional('rowOrders');
  const dithers = optional('memoryDither');
  const explicit = optional('edges');
  const fanOuts = optional('fanOut');
  const fanIns = optional('fanIn');
  const parallelisms = optional('parallelism');
  return Array.from({ length: count }, (_, j) => {
    const p = layers[j] as number;
    const n = layers[j + 1] as number;
    const fanOut = absent(fanOuts[j]) ? undefined : whole(1, n)(fanOuts[j], `fanOut[${j}]`);
    if (!absent(explicit[j]))
      return { parallelism: undefined, fanOut, edges: parseEdges(explicit[j], j, p, n) };
    if (fanOut === undefined) throw wrong(`fanOut[${j}]`, `a whole number from 1 to ${n}`, fanOuts[j]);
    const edges = p * fanOut;
    if (edges % n !== 0 || edges > 2 ** 31 - 1) {
      throw new SparseTrainError(
        'INVALID_FILE',
        `junction ${j + 1} has ${p} x ${fanOut} = ${edges} edges, which do not divide among ${n} right neurons`,
      );
    }
    if (!absent(fanIns[j])) whole(edges / n, edges / n)(fanIns[j], `fanIn[${j}]`);
    const z = whole(1, p)(parallelisms[j], `parallelism[${j}]`);
    if (p % z !== 0) throw wrong(`parallelism[${j}]`, `a divisor of the ${p} left neurons`, z);
    const rows = p / z;
    const isPermutation = (size: number, thing: string) => (item: unknown, what: string) => {
      const order = list(item, what, size, whole(0, size - 1));
      if (new Set(order).size !== size) throw wrong(what, `a permutation of the ${size} ${thing}`, order);
      return order;
    };
    const wiring = {
      parallelism: z,
      fanOut,
      memoryDither: absent(dithers[j])
        ? undefined
        : list(dithers[j], `memoryDither[${j}]`, fanOut, isPermutation(z, 'memories')),
    };
    if (!absent(orders[j])) {
      const perMemory = (item: unknown, what: string) => list(item, what, z, isPermutation(rows, 'rows'));
      return { ...wiring, rowOrders: list(orders[j], `rowOrders[${j}]`, fanOut, perMemory) };
    }
    const startVectors = list(vectors[j], `startVectors[${j}]`, fanOut, (sweep, what) =>
      list(sweep, what, z, whole(0, rows - 1)),
    );
    return { ...wiring, startVectors };
  });
}

function parseEdges(value: unknown, j: number, p: number, n: number): NonNullable<JunctionWiring['edges']> {
  const json = record(value, `edges[${j}]`);
  const left = list(json.left, `edges[${j}].left`, undefined, whole(0, p - 1));
  const offsets = list(json.offsets, `edges[${j}].offsets`, n + 1, whole(0, left.length));
  const descends = offsets.findIndex((offset, r) => r > 0 && offset < (offsets[r - 1] as number));
  if (descends > 0 || offsets[0] !== 0 || offsets[n] !== left.length) {
    throw wrong(`edges[${j}].offsets`, `ascending from 0 to ${left.length}, the number of edges`, offsets);
  }
  return { offsets, left };
}

function parseParameters(
  json: Json,
  what: string,
  layers: readonly number[],
  edges: readonly number[],
  word: (value: unknown, what: string) => number,
): HardwareParameters {
  return {
    weights: list(json.weights, `${what}.weights`, edges.length, (item) => item).map((item, j) =>
      list(item, `${what}.weights[${j}]`, edges[j], word),
    ),
    biases: list(json.biases, `${what}.biases`, edges.length, (item) => item).map((item, j) =>
      list(item, `${what}.biases[${j}]`, layers[j + 1], word),
    ),
  };
}

function parseInputs(json: Json, count: number, columns: number): Uint8Array {
  const { encoding = 'base64-u8', shape, data } = json;
  if (encoding !== 'base64-u8') throw wrong('inputs.encoding', '"base64-u8"', encoding);
  if (!absent(shape)) {
    const [rows, width] = list(shape, 'inputs.shape', 2, whole(0, Number.MAX_SAFE_INTEGER));
    if (rows !== count || width !== columns) {
      throw new SparseTrainError(
        'INVALID_FILE',
        `inputs.shape must be [${count}, ${columns}] (labels, neurons of the first layer), but it is [${rows}, ${width}]`,
      );
    }
  }
  if (typeof data !== 'string') throw wrong('inputs.data', 'a base64 text', data);
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(data)) throw wrong('inputs.data', 'base64', data);
  const bytes = Buffer.from(data, 'base64');
  if (bytes.length !== count * columns) {
    throw new SparseTrainError(
      'INVALID_FILE',
      `inputs.data must hold ${count} x ${columns} = ${count * columns} bytes, but it holds ${bytes.length}`,
    );
  }
  return new Uint8Array(bytes);
}

/** A fixture as JSON, from {@link fixtureDocument}. */
export function fixtureDocument(fixture: Fixture, origin: string): object {
  const { design, etaShifts, initial, inputs, labels, expected } = fixture;
  const { layers, junctions } = design;
  const perJunction = <T>(of: (wiring: JunctionWiring) => T | undefined) => {
    const all = junctions.map((wiring) => of(wiring) ?? null);
    return all.every((item) => item === null) ? undefined : all;
  };
  const plain = ({ weights, biases }: HardwareParameters) => ({
    weights: weights.map((values) => Array.from(values)),
    biases: biases.map((values) => Array.from(values)),
  });
  const first = etaShifts[0] ?? 0;
  return {
    format: FIXTURE_FORMAT,
    version: FIXTURE_VERSION,
    origin,
    layers,
    fanOut: junctions.map((wiring) => wiring.fanOut ?? null),
    fanIn: junctions.map((wiring, j) =>
      wiring.fanOut === undefined
        ? null
        : ((layers[j] as number) * wiring.fanOut) / (layers[j + 1] as number),
    ),
    parallelism: junctions.map((wiring) => wiring.parallelism ?? null),
    arithmetic: {
      kind: 'hardware',
      width: design.width,
      integerBits: design.integerBits,
      ...(design.tableFloor === 1 ? { tableFloor: 1 } : {}),
    },
    activation: design.activation,
    cost: design.cost,
    startVectors: perJunction((wiring) => wiring.startVectors),
    rowOrders: perJunction((wiring) => wiring.rowOrders),
    memoryDither: perJunction((wiring) => wiring.memoryDither),
    edges: perJunction((wiring) => wiring.edges),
    etaShift: etaShifts.every((shift) => shift === first) ? first : etaShifts,
    initial: plain(initial),
    inputs: {
      encoding: 'base64-u8',
      shape: [labels.length, layers[0]],
      data: Buffer.from(inputs).toString('base64'),
    },
    labels,
    expected: { ...plain(expected), outputs: expected.outputs },
  };
}
