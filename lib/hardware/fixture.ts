/**
 * Fixtures: a network, its start, its inputs and the expected results, as one JSON document (test/fixtures/README.md).
 * Reading checks every number, so that no file can crash the engine or be misread.
 */
import { invalidOption, SparseTrainError } from '../base/errors.js';
import { readTextFile } from '../base/files/read-text.js';
import { parseJsonFile } from '../base/json.js';
import { absentOr, checkStored, fieldsOf, optional } from '../base/options/fields.js';
import {
  anything,
  checkedBy,
  filePath,
  type Kind,
  listOf,
  oneOf,
  type ValueOf,
  whole,
} from '../base/options/kinds.js';
import { MAX_EDGES, MAX_LAYERS, MAX_NEURONS } from '../engine/limits.js';
import { HARDWARE } from '../network/arithmetic.js';
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
    /** For each input, the raw activations of the output layer; undefined if the fixture has none. */
    readonly outputs: readonly (readonly number[])[] | undefined;
  };
}

/**
 * Reads and checks a fixture file.
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS, INVALID_FILE with what is wrong and where
 */
export async function readFixture(file: string): Promise<Fixture> {
  filePath.check('file', file);
  const json = parseJsonFile(file, await readTextFile(file));
  try {
    return parseFixture(json);
  } catch (error) {
    if (!(error instanceof SparseTrainError)) throw error;
    throw new SparseTrainError(error.code, `${file} is not a usable fixture: ${error.message}`, {
      cause: error,
    });
  }
}

type Json = Readonly<Record<string, unknown>>;

/** Whether a JSON value is missing. */
const absent = (value: unknown): value is undefined | null => value === undefined || value === null;

const layersKind = listOf(whole(1, MAX_NEURONS), { least: 2, most: MAX_LAYERS });
/** k of the learning rate 2^-k. */
export const shiftKind = whole(0, 31);

/** A list of this many items. */
const exactly = <T>(count: number, kind: Kind<T>) => listOf(kind, { least: count, most: count });

/** The fields whose form does not depend on other fields. */
const documentKind = fieldsOf(
  {
    format: oneOf([FIXTURE_FORMAT]),
    version: checkedBy('1', (name, value) => {
      if (value === FIXTURE_VERSION) return FIXTURE_VERSION;
      throw invalidOption(name, String(FIXTURE_VERSION), value, 'update sparse-train');
    }),
    layers: layersKind,
    arithmetic: fieldsOf(
      {
        kind: oneOf(['hardware']),
        width: HARDWARE.width.kind,
        integerBits: HARDWARE.integerBits.kind,
        fractionBits: absentOr(whole(0)),
        tableFloor: anything,
      },
      { others: 'refused' },
    ),
    cost: HARDWARE.cost.kind,
  },
  { others: 'kept' },
);

/**
 * Checks a fixture.
 *
 * @throws SparseTrainError INVALID_FILE
 */
export function parseFixture(document: unknown): Fixture {
  const kind: Kind<Fixture> = checkedBy('an object', (name, value) => checkDocument(name, value));
  return checkStored(kind, document, '');
}

function checkDocument(name: string, value: unknown): Fixture {
  const json = documentKind.check(name, value) as ValueOf<typeof documentKind> & Json;
  const { layers, cost } = json;
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
    activation: oneOrMany(HARDWARE.outputActivation.kind, count).check('activation', json.activation),
    cost,
  };
  const word = whole(-(2 ** (design.width - 1)), 2 ** (design.width - 1) - 1);
  const outputs = layers.at(-1) as number;
  const labels = listOf(whole(0, outputs - 1)).check('labels', json.labels);
  const parameters = {
    weights: eachOf(edges.map((length) => exactly(length, word))),
    biases: eachOf(layers.slice(1).map((length) => exactly(length, word))),
  };
  return {
    design,
    etaShifts: oneOrMany(shiftKind, labels.length).check('etaShift', json.etaShift),
    initial: fieldsOf(parameters).check('initial', json.initial),
    inputs: parseInputs(json.inputs, labels.length, layers[0] as number),
    labels,
    expected: {
      outputs: undefined,
      ...fieldsOf({
        ...parameters,
        outputs: absentOr(exactly(labels.length, exactly(outputs, word))),
      }).check('expected', json.expected),
    },
  };
}

/** One value for all of `count`, or a list with one for each. */
function oneOrMany<T>(kind: Kind<T>, count: number): Kind<readonly T[]> {
  return checkedBy(kind.expected, (name, value) =>
    Array.isArray(value)
      ? exactly(count, kind).check(name, value)
      : new Array<T>(count).fill(kind.check(name, value)),
  );
}

/** A list whose items each have a kind of their own. */
function eachOf<T>(kinds: readonly Kind<T>[]): Kind<readonly T[]> {
  return checkedBy('a list', (name, value) => {
    const items = exactly(kinds.length, anything).check(name, value);
    return kinds.map((kind, i) => kind.check(`${name}[${i}]`, items[i]));
  });
}

function parseArithmetic(
  json: ValueOf<typeof documentKind> & Json,
): Pick<HardwareDesign, 'width' | 'integerBits' | 'tableFloor'> {
  const { width, fractionBits, tableFloor } = json.arithmetic;
  const integerBits = whole(0, width - 3).check('arithmetic.integerBits', json.arithmetic.integerBits);
  if (fractionBits !== undefined) {
    const fraction = width - 1 - integerBits;
    whole(fraction, fraction).check('arithmetic.fractionBits', fractionBits);
  }
  return { width, integerBits, tableFloor: parseTableFloor(tableFloor ?? json.tableFloor) };
}

function parseTableFloor(value: unknown): 0 | 1 {
  if (absent(value) || value === 0 || value === false) return 0;
  if (value === 1 || value === true) return 1;
  throw invalidOption('arithmetic.tableFloor', '0 or 1', value);
}

function parseJunctions(json: Json, layers: readonly number[]): JunctionWiring[] {
  const count = layers.length - 1;
  /** A list with an entry for each junction, which may be null. */
  const perJunction = (name: string): readonly unknown[] =>
    absentOr(exactly(count, anything)).check(name, json[name]) ?? new Array<unknown>(count).fill(undefined);
  const vectors = perJunction('startVectors');
  const orders = perJunction('rowOrders');
  const dithers = perJunction('memoryDither');
  const explicit = perJunction('edges');
  const fanOuts = perJunction('fanOut');
  const fanIns = perJunction('fanIn');
  const parallelisms = perJunction('parallelism');
  return Array.from({ length: count }, (_, j) => {
    const p = layers[j] as number;
    const n = layers[j + 1] as number;
    const fanOutKind = whole(1, n);
    if (!absent(explicit[j])) {
      const fanOut = absentOr(fanOutKind).check(`fanOut[${j}]`, fanOuts[j]);
      return { parallelism: undefined, fanOut, edges: parseEdges(explicit[j], j, p, n) };
    }
    const fanOut = fanOutKind.check(`fanOut[${j}]`, fanOuts[j]);
    const edges = p * fanOut;
    if (edges % n !== 0 || edges > MAX_EDGES) {
      throw new SparseTrainError(
        'INVALID_FILE',
        `junction ${j + 1} has ${p} x ${fanOut} = ${edges} edges, which do not divide among ${n} right neurons`,
      );
    }
    absentOr(whole(edges / n, edges / n)).check(`fanIn[${j}]`, fanIns[j]);
    const z = whole(1, p).check(`parallelism[${j}]`, parallelisms[j]);
    if (p % z !== 0) throw invalidOption(`parallelism[${j}]`, `a divisor of the ${p} left neurons`, z);
    const rows = p / z;
    const wiring = {
      parallelism: z,
      fanOut,
      memoryDither: absentOr(exactly(fanOut, permutation(z, 'memories'))).check(
        `memoryDither[${j}]`,
        dithers[j],
      ),
    };
    if (!absent(orders[j])) {
      const perSweep = exactly(fanOut, exactly(z, permutation(rows, 'rows')));
      return { ...wiring, rowOrders: perSweep.check(`rowOrders[${j}]`, orders[j]) };
    }
    const perSweep = exactly(fanOut, exactly(z, whole(0, rows - 1)));
    return { ...wiring, startVectors: perSweep.check(`startVectors[${j}]`, vectors[j]) };
  });
}

/** A list of all numbers below `size`, each once. */
function permutation(size: number, things: string): Kind<readonly number[]> {
  const expected = `a permutation of the ${size} ${things}`;
  const numbers = exactly(size, whole(0, size - 1));
  return checkedBy(expected, (name, value) => {
    const order = numbers.check(name, value);
    if (new Set(order).size === size) return order;
    throw invalidOption(name, expected, value);
  });
}

function parseEdges(value: unknown, j: number, p: number, n: number): NonNullable<JunctionWiring['edges']> {
  const name = `edges[${j}]`;
  const { left, offsets } = fieldsOf({
    left: listOf(whole(0, p - 1)),
    offsets: exactly(n + 1, whole(0, MAX_EDGES)),
  }).check(name, value);
  const descends = offsets.findIndex((offset, r) => r > 0 && offset < (offsets[r - 1] as number));
  if (descends > 0 || offsets[0] !== 0 || offsets[n] !== left.length) {
    throw invalidOption(
      `${name}.offsets`,
      `ascending from 0 to ${left.length}, the number of edges`,
      offsets,
    );
  }
  return { offsets, left };
}

const inputsKind = fieldsOf({
  encoding: optional(oneOf(['base64-u8'])),
  shape: absentOr(exactly(2, whole(0))),
  data: checkedBy('base64', (name, value) => {
    if (typeof value !== 'string') throw invalidOption(name, 'a base64 text', value);
    if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(value)) throw invalidOption(name, 'base64', value);
    return value;
  }),
});

function parseInputs(json: unknown, count: number, columns: number): Uint8Array {
  const { shape, data } = inputsKind.check('inputs', json);
  if (shape !== undefined && (shape[0] !== count || shape[1] !== columns)) {
    throw new SparseTrainError(
      'INVALID_FILE',
      `inputs.shape must be [${count}, ${columns}] (labels, neurons of the first layer), but it is [${shape.join(', ')}]`,
    );
  }
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
