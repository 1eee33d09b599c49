import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { native } from '../../lib/engine/native.js';
import { fixtureDocument } from '../../lib/hardware/fixture.js';
import { parseFixture, readFixture, verifyFixture } from '../../lib/public/hardware.js';
import { interleave, trainReference } from '../reference/hardware.js';
import { type HardwareNumbers, hardwareNumbers } from '../reference/hardware-numbers.js';
import { referenceFixture, shapes } from './arbitrary.js';

/** A parsed fixture that tests may change. */
interface FixtureJson {
  [key: string]: unknown;
  arithmetic: Record<string, unknown>;
  expected: { weights: number[][]; biases: number[][]; outputs: number[][] };
  initial: { weights: number[][]; biases: number[][] };
  labels: number[];
  inputs: Record<string, unknown>;
}

const folder = fileURLToPath(new URL('../fixtures/', import.meta.url));
const GIVEN = ['hardware-64-16-4.json', 'hardware-1024-64-32.json'] as const;
/** Weights at the limits of their formats, so that products and sums are clipped all the time. */
const ADVERSARIAL = ['adversarial/adv1.json', 'adversarial/adv2.json', 'adversarial/adv3.json'] as const;

describe('a fixture', () => {
  it.each([...GIVEN, ...ADVERSARIAL])('is matched by every kernel set in every number: %s', async (name) => {
    const fixture = await readFixture(join(folder, name));
    const checks = await verifyFixture(fixture);
    expect(checks.map(({ kernelSet }) => kernelSet)).toEqual(native().kernelSets());
    expect(checks.map(({ difference }) => difference)).toEqual(checks.map(() => undefined));
    const { expected } = fixture;
    const numbers = [...expected.weights, ...expected.biases, ...(expected.outputs ?? [])];
    expect(checks[0]?.compared).toBe(numbers.reduce((sum, { length }) => sum + length, 0));
  });

  it.each([GIVEN[0], ...ADVERSARIAL])(
    'is matched by the reference, which shares no code with the engine: %s',
    async (name) => {
      const { expected, ...run } = await referenceRun(name);
      expect(run).toEqual({
        outputs: expected.outputs,
        weights: expected.weights,
        biases: expected.biases,
      });
    },
  );

  /** Datapaths with one fault each, derived from the right one. */
  const FAULTS: Record<string, (right: HardwareNumbers) => Partial<HardwareNumbers>> = {
    'products are not clipped': ({ fraction }) => ({
      mul: (a, b) => Math.floor((a * b) / 2 ** fraction + 0.5),
    }),
    'products are rounded before they are clipped': ({ fraction, sat }) => ({
      mul: (a, b) => sat(Math.floor((a * b) / 2 ** fraction + 0.5)),
    }),
    'products are not rounded': ({ fraction, sat }) => ({
      mul: (a, b) => sat(Math.floor((a * b) / 2 ** fraction)),
    }),
    'sums are not clipped': () => ({ add: (a, b) => a + b }),
    'the negative of MIN wraps around to MIN': ({ step, min }) => ({
      step: (d, k) => (d === min ? Math.floor(min / 2 ** k) : step(d, k)),
    }),
    'the step is not rounded': ({ max, min }) => ({
      step: (d, k) => Math.floor((d === min ? max : -d) / 2 ** k),
    }),
  };
  it.each(Object.keys(FAULTS))('notices in an adversarial fixture that %s', async (fault) => {
    const changed = await Promise.all(
      ADVERSARIAL.map(async (name) => {
        const { expected, ...run } = await referenceRun(name, FAULTS[fault]);
        return JSON.stringify(run.weights) !== JSON.stringify(expected.weights);
      }),
    );
    expect(changed).toContain(true);
  });
});

/** The results of the reference for a fixture, with its own arithmetic or a faulty one. */
async function referenceRun(name: string, fault?: (right: HardwareNumbers) => Partial<HardwareNumbers>) {
  const { design, initial, inputs, labels, etaShifts, expected } = await readFixture(join(folder, name));
  const columns = design.layers[0] as number;
  const network = {
    layers: [...design.layers],
    format: { width: design.width, integerBits: design.integerBits },
    tableFloor: design.tableFloor,
    activation: [...design.activation],
    cost: design.cost,
    lefts: design.junctions.map((wiring, j) =>
      interleave({
        left: design.layers[j] as number,
        fanOut: wiring.fanOut as number,
        parallelism: wiring.parallelism as number,
        startVectors: wiring.startVectors,
      }),
    ),
    weights: initial.weights.map((values) => Array.from(values)),
    biases: initial.biases.map((values) => Array.from(values)),
  };
  const rows = labels.map((_, t) => Array.from(inputs.subarray(t * columns, (t + 1) * columns)));
  const numbers = hardwareNumbers(network.format);
  const outputs = trainReference(network, rows, labels, etaShifts, { ...numbers, ...fault?.(numbers) });
  return { outputs, weights: network.weights, biases: network.biases, expected };
}

describe('networks of any shape', () => {
  it('are the same in the engine as in the reference', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(shapes, async (shape) => {
        const fixture = referenceFixture(shape);
        for (const { difference } of await verifyFixture(fixture)) expect(difference).toBeUndefined();
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    [8, 2, 1],
    [10, 1, 0],
    [10, 2, 0],
    [10, 3, 0],
    [12, 2, 0],
    [12, 3, 0],
    [16, 3, 0],
    [16, 4, 1],
    [32, 10, 0],
  ] as const)(
    'are the same in the published format of %i bits with %i integer bits, tables from %i',
    async (width, integerBits, tableFloor) => {
      const fixture = referenceFixture({
        width,
        integerBits,
        tableFloor,
        cost: 'cross-entropy',
        activation: ['sigmoid', 'sigmoid'],
        layers: [256, 64, 16],
        fanOut: [8, 4],
        parallelism: [128, 16],
        kinds: ['starts', 'starts'],
        dither: [false, false],
        inputs: 40,
        shifts: 'same',
        seed: width * 100 + integerBits,
      });
      for (const { difference } of await verifyFixture(fixture)) expect(difference).toBeUndefined();
    },
  );

  it('survive being written and read', async () => {
    await fc.assert(
      fc.property(shapes, (shape) => {
        const fixture = referenceFixture(shape);
        const document = JSON.parse(JSON.stringify(fixtureDocument(fixture, 'a test'))) as object;
        expect(JSON.parse(JSON.stringify(fixtureDocument(parseFixture(document), 'a test')))).toEqual(
          document,
        );
      }),
      { numRuns: 20 },
    );
  });
});

describe('the first difference', () => {
  let json: FixtureJson;
  beforeAll(async () => {
    json = JSON.parse(await readFile(join(folder, GIVEN[0]), 'utf8'));
  });
  const changed = (path: (string | number)[], change: (value: number) => unknown) => {
    const copy = structuredClone(json);
    let place = copy as Record<string | number, unknown>;
    for (const key of path.slice(0, -1)) place = place[key] as Record<string | number, unknown>;
    place[path.at(-1) as string] = change(place[path.at(-1) as string] as number);
    return parseFixture(copy);
  };
  const differences = async (fixture: ReturnType<typeof parseFixture>) =>
    (await verifyFixture(fixture)).map(({ difference }) => difference);

  it('in a weight names junction, edge, neurons, expected and got', async () => {
    const value = (json.expected as { weights: number[][] }).weights[0]?.[17] as number;
    for (const difference of await differences(changed(['expected', 'weights', 0, 17], (w) => w + 1))) {
      expect(difference).toMatchObject({
        kind: 'weight',
        junction: 1,
        edge: 17,
        right: 2,
        expected: value + 1,
        got: value,
      });
      expect(difference?.message).toContain('junction 1, edge 17');
    }
  });

  it('in a bias names the neuron', async () => {
    for (const difference of await differences(changed(['expected', 'biases', 1, 2], (b) => b - 3)))
      expect(difference).toMatchObject({ kind: 'bias', junction: 2, neuron: 2 });
  });

  it('is that of the first input whose outputs differ', async () => {
    const fixture = changed(['expected', 'outputs', 7, 2], (a) => a + 1);
    for (const difference of await differences(fixture))
      expect(difference).toMatchObject({ kind: 'output', input: 7, neuron: 2, at: 'expected.outputs[7][2]' });
  });

  it('shows where arithmetic differs: a table floored at 1, another cost, one more bit of eta', async () => {
    const variants = [
      changed(['activation'], () => ['sigmoid', 'relu']),
      changed(['cost'], () => 'quadratic'),
      changed(['etaShift'], (shift) => shift + 1),
    ];
    for (const variant of variants)
      for (const difference of await differences(variant)) expect(difference).toBeDefined();
  });
});

describe('a file that is not a fixture', () => {
  let temporary: string;
  let json: Record<string, unknown>;
  beforeAll(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'sparse-train-fixture-'));
    json = JSON.parse(await readFile(join(folder, GIVEN[0]), 'utf8'));
  });
  afterAll(() => rm(temporary, { recursive: true }));

  it('is refused with its name and what is wrong', async () => {
    const file = join(temporary, 'cut.json');
    await writeFile(file, '{"format": "sparse-train-fix');
    await expect(readFixture(file)).rejects.toThrow(/cut\.json is not JSON/);
    await expect(readFixture(join(temporary, 'none.json'))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(readFixture(temporary)).rejects.toMatchObject({ code: 'FILE_ACCESS' });
  });

  const deep = (change: (copy: FixtureJson) => void) => () => {
    const copy = structuredClone(json) as FixtureJson;
    change(copy);
    return parseFixture(copy);
  };
  it.each<[string, (copy: FixtureJson) => void, RegExp]>([
    ['another format', (c) => Object.assign(c, { format: 'x' }), /^format must be/],
    ['a later version', (c) => Object.assign(c, { version: 2 }), /^version must be 1/],
    ['no layers', (c) => Object.assign(c, { layers: [] }), /layers must be a list of 2 to/],
    [
      'a layer of text',
      (c) => Object.assign(c, { layers: [64, '16', 4] }),
      /layers\[1\] must be a whole number/,
    ],
    ['an unknown width', (c) => Object.assign(c.arithmetic, { width: 20 }), /arithmetic\.width must be/],
    [
      'too many integer bits',
      (c) => Object.assign(c.arithmetic, { integerBits: 8 }),
      /arithmetic\.integerBits/,
    ],
    [
      'unknown arithmetic',
      (c) => Object.assign(c.arithmetic, { rounding: 'up' }),
      /unknown name in arithmetic: "rounding"/,
    ],
    [
      'z that does not divide',
      (c) => Object.assign(c, { parallelism: [30, 8] }),
      /parallelism\[0\] must be a divisor/,
    ],
    ['a wrong fan-in', (c) => Object.assign(c, { fanIn: [9, 8] }), /fanIn\[0\]/],
    [
      'a start beyond the rows',
      (c) => Object.assign((c.startVectors as never[][])[0]?.[1] ?? {}, { 4: 2 }),
      /startVectors\[0\]\[1\]\[4\]/,
    ],
    [
      'too few weights',
      (c) => (c.initial as { weights: number[][] }).weights[0]?.pop(),
      /initial\.weights\[0\] must be a list of 128, but it is an array of/,
    ],
    [
      'a weight beyond the format',
      (c) => Object.assign((c.initial as { weights: number[][] }).weights[0] ?? [], { 3: 512 }),
      /initial\.weights\[0\]\[3\]/,
    ],
    ['a label beyond the outputs', (c) => Object.assign(c.labels, { 5: 4 }), /labels\[5\]/],
    [
      'inputs of another size',
      (c) => Object.assign(c.inputs, { data: 'AAAA' }),
      /must hold 200 x 64 = 12800 bytes/,
    ],
    ['inputs that are not base64', (c) => Object.assign(c.inputs, { data: '%%' }), /base64/],
    ['no expectations', (c) => Object.assign(c, { expected: undefined }), /^expected must be an object/],
    [
      'dithering that is not a permutation',
      (c) => Object.assign(c, { memoryDither: [[new Array(32).fill(0), new Array(32).fill(0)], null] }),
      /permutation of the 32 memories/,
    ],
  ])('%s', (_, change, message) => {
    expect(deep(change)).toThrow(message);
    expect(deep(change)).toThrow(expect.objectContaining({ code: 'INVALID_FILE' }));
  });

  it('whose pattern gives a right neuron a left neuron twice is refused by the engine with the edges', async () => {
    // Right neuron 1 has edges 4 to 7: two of the first sweep, which read row 2, and two of the second, which do as well.
    const zeros = { weights: [new Array(12).fill(0)], biases: [[0, 0, 0]] };
    const fixture = parseFixture({
      ...json,
      layers: [6, 3],
      fanOut: [2],
      fanIn: [4],
      parallelism: [2],
      activation: ['sigmoid'],
      startVectors: [
        [
          [0, 0],
          [2, 2],
        ],
      ],
      initial: zeros,
      inputs: { data: Buffer.alloc(6).toString('base64') },
      labels: [0],
      expected: zeros,
    });
    await expect(verifyFixture(fixture)).rejects.toThrow(/edge 6 of right neuron 1 reads left neuron 4/);
  });
});
