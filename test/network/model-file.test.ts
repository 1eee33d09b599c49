import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Dataset, Network, type NetworkOptions, SparseTrainError } from '../../lib/index.js';
import { expectRefusal } from '../datasets/refusal.js';
import { byteClouds, clouds, plane, signs } from '../training/data.js';

let folder: string;
let count = 0;
const newFile = () => join(folder, `model-${count++}.safetensors`);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sparse-train-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Header {
  __metadata__: Record<string, string>;
  [tensor: string]: unknown;
}

/** A model file's header and the bytes behind it. */
async function takeApart(file: string): Promise<{ header: Header; data: Buffer }> {
  const bytes = await readFile(file);
  const length = Number(bytes.readBigUInt64LE());
  return { header: JSON.parse(bytes.toString('utf8', 8, 8 + length)), data: bytes.subarray(8 + length) };
}

async function putTogether(header: Header, data: Buffer): Promise<string> {
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const file = newFile();
  await writeFile(file, Buffer.concat([length, json, data]));
  return file;
}

async function saved(network: Network, options = {}): Promise<string> {
  const file = newFile();
  await network.save(file, options);
  return file;
}

describe('a saved network', () => {
  it('comes back with the same digest, options and predictions', async () => {
    const networks: [Network, Parameters<Network['fit']>[0], number[]][] = [
      [
        new Network({ layers: [4, 20, 3], density: [0.5, 1], learningRate: 0.005 }),
        clouds(200),
        [70, 50, 50, 50],
      ],
      [
        new Network({ layers: [4, 20, 3], pattern: 'random', density: 0.4 }),
        byteClouds(200),
        [200, 90, 90, 90],
      ],
      [
        new Network({ layers: [3, 32, 16, 2], output: 'linear', activation: 'tanh' }),
        plane(200),
        [100, 0, 0],
      ],
      [
        new Network({ layers: [2, 8, 2], output: 'sigmoid', arithmetic: { kind: 'float' } }),
        signs(200),
        [1, -1],
      ],
      [
        new Network({
          layers: [4, 40, 3],
          arithmetic: { kind: 'wide', weightBits: 8 },
          schedule: 'sequential',
        }),
        clouds(200),
        [70, 50, 50, 50],
      ],
    ];
    for (const [network, data, input] of networks) {
      await network.fit(data, { epochs: 2 });
      for (const pattern of ['compact', 'edges']) {
        const copy = await Network.load(await saved(network, { pattern }));
        expect(copy).toBeInstanceOf(Network);
        expect(copy.digest()).toBe(network.digest());
        expect([...copy.predict(input)]).toEqual([...network.predict(input)]);
        const same = network.inspect();
        const { deltasClipped, activationsClipped } = same.junctions[0] ?? {};
        expect(copy.inspect()).toMatchObject({
          ...same,
          junctions: same.junctions.map(
            ({ activationsClipped: _a, deltasClipped: _d, ...junction }) => junction,
          ),
        });
        expect(deltasClipped).toBeGreaterThanOrEqual(0);
        expect(activationsClipped).toBeGreaterThanOrEqual(0);
        expect(copy.learningRate).toBe(network.learningRate);
        expect(copy.scaling).toEqual(network.scaling);
        expect(copy.targetScaling).toEqual(network.targetScaling);
      }
    }
  });

  it('comes back whatever its shape, pattern and format', async () => {
    const options = fc.record({
      layers: fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 4 }),
      density: fc.double({ min: 0.01, max: 1, noNaN: true }),
      pattern: fc.constantFrom('auto', 'tiled', 'structured', 'random'),
      arithmetic: fc.oneof(
        fc.record({ kind: fc.constant('wide'), weightBits: fc.integer({ min: 4, max: 16 }) }),
        fc.constant({ kind: 'float' }),
      ),
      output: fc.constant('linear'),
      seed: fc.maxSafeNat(),
    });
    await fc.assert(
      fc.asyncProperty(options, async (made) => {
        const network = new Network(made as NetworkOptions);
        const copy = await Network.load(await saved(network));
        expect(copy.digest()).toBe(network.digest());
        expect(copy.seed).toBe(made.seed);
      }),
      { numRuns: 60 },
    );
  });

  it('continues training like the one that was saved (without momentum)', async () => {
    const data = clouds(200);
    const network = new Network({ layers: [4, 20, 3], arithmetic: { kind: 'wide', rounding: 'nearest' } });
    await network.fit(data, { epochs: 2, learningRate: 0.01 });
    const copy = await Network.load(await saved(network));
    await network.fit(data, { epochs: 1, learningRate: 0.01 });
    await copy.fit(data, { epochs: 1, learningRate: 0.01 });
    expect(copy.digest()).toBe(network.digest());
    expect(copy.training).toMatchObject({ epochs: 3, examples: 600 });
  });

  it.each<[string, Partial<NetworkOptions>]>([
    ['stochastic rounding', {}],
    ['weight decay, which happens every 256 inputs', { optimizer: { kind: 'sgd', weightDecay: 0.1 } }],
    ['the sequential schedule', { schedule: 'sequential' }],
    ['the float arithmetic', { arithmetic: { kind: 'float' }, optimizer: { kind: 'sgd', weightDecay: 0.1 } }],
  ])('learns like the one that was saved, however often it is loaded: %s', async (_, options) => {
    const data = clouds(90);
    const network = new Network({ layers: [4, 20, 3], learningRate: 0.01, ...options });
    let copy = network;
    for (let i = 0; i < 300; i++) {
      if (i % 70 === 0) copy = await Network.load(await saved(copy));
      const { inputs, targets } = data;
      const label = (targets as { labels: ArrayLike<number> }).labels[i % 90] as number;
      network.learn(inputs.row(i % 90), label);
      if (copy !== network) copy.learn(inputs.row(i % 90), label);
      if (i % 70 === 69) network.flush();
    }
    expect(copy.digest()).toBe(network.digest());
    expect(copy.inspect().inputsPresented).toBe(300);
    await network.fit(data, { epochs: 1 });
    await copy.fit(data, { epochs: 1 });
    expect(copy.digest()).toBe(network.digest());
  });

  it('of a release that did not store the number of inputs counts them from 0', async () => {
    const network = new Network({ layers: [4, 8, 3] });
    await network.fit(clouds(50), { epochs: 1 });
    const { header, data } = await takeApart(await saved(network));
    expect(header.__metadata__.inputsPresented).toBe('50');
    delete header.__metadata__.inputsPresented;
    const copy = await Network.load(await putTogether(header, data));
    expect(copy.digest()).toBe(network.digest());
    expect(copy.inspect().inputsPresented).toBe(0);
  });

  it('keeps how many inputs were clipped, which files of earlier releases do not say', async () => {
    const network = new Network({ layers: [2, 2], scaling: 'none' });
    const inputs = Float32Array.of(1, 50, 2, 3, 1, 60, 1, 1);
    await network.fit(
      Dataset.from({ inputs, columns: 2, labels: [0, 1, 0, 1], featureNames: ['age', 'income'] }),
    );
    const clippedInputs = { values: 8, clipped: 2, features: [{ feature: 1, name: 'income', share: 0.5 }] };
    const file = await saved(network);
    expect((await Network.load(file)).inspect().clippedInputs).toEqual(clippedInputs);
    const { header, data } = await takeApart(file);
    delete header.__metadata__.clippedInputs;
    expect((await Network.load(await putTogether(header, data))).inspect()).not.toHaveProperty(
      'clippedInputs',
    );
  });

  it('before any training comes back undecided', async () => {
    const copy = await Network.load(await saved(new Network({ layers: [4, 8, 3] })));
    expect(copy.scaling).toBeUndefined();
    expect(copy.classes).toBeUndefined();
    await copy.fit(clouds(100));
    expect(copy.scaling?.kind).toBe('robust');
  });

  it('comes back even if its weights are not finite', async () => {
    const network = new Network({ layers: [4, 8, 3], arithmetic: { kind: 'float' } });
    await network.fit(clouds(50), { validation: clouds(50) });
    network.junction(0).setWeights(new Float32Array(32).fill(Number.NaN));
    await expectRefusal('DIVERGED', ['epoch 1'], () => network.fit(clouds(50), { epochs: 1 }));
    const copy = await Network.load(await saved(network));
    expect(copy.digest()).toBe(network.digest());
    expect(copy.classify([1, 2, 3, 4])).toBeLessThan(3);
  });

  it('keeps a CSV schema', async () => {
    const network = new Network({ layers: [1, 2] });
    const schema = {
      version: 1,
      delimiter: ',',
      decimal: '.',
      header: true,
      missing: [''],
      columns: [
        { name: 'x', kind: 'number' },
        { name: 'y', kind: 'class', categories: { values: ['a', 'b'], numeric: false } },
      ],
    } as const;
    network.schema = schema;
    expect((await Network.load(await saved(network))).schema).toEqual(schema);
  });

  it('is a safetensors file of integer tensors that others can read', async () => {
    const wide = new Network({ layers: [4, 40, 3], density: [0.4, 1] });
    const { header } = await takeApart(await saved(wide, { pattern: 'edges' }));
    expect(header['junction.0.weights']).toMatchObject({ dtype: 'I16', shape: [80] });
    expect(header['junction.0.biases']).toMatchObject({ dtype: 'I32', shape: [40] });
    expect(header['junction.0.offsets']).toMatchObject({ dtype: 'I64', shape: [41] });
    expect(header['junction.0.left']).toMatchObject({ dtype: 'I32', shape: [80] });
    expect(header.__metadata__).toMatchObject({
      format: 'sparse-train',
      formatVersion: '1',
      digest: wide.digest(),
    });
    const provenance = JSON.parse(header.__metadata__.provenance ?? '');
    expect(provenance).toMatchObject({ package: 'sparse-train', training: { epochs: 0 } });
    expect(Date.parse(provenance.date)).toBeGreaterThan(0);
    const narrow = new Network({ layers: [4, 3], arithmetic: { kind: 'wide', weightBits: 8 } });
    expect((await takeApart(await saved(narrow))).header['junction.0.weights']).toMatchObject({
      dtype: 'I8',
    });
  });

  it('stores generated patterns in a few bytes, and those of the user by their edges', async () => {
    const generated = await takeApart(await saved(new Network({ layers: [40, 32, 4], density: [0.5, 1] })));
    expect(Object.keys(generated.header)).not.toContain('junction.0.left');
    const custom = new Network({
      layers: [3, 2],
      pattern: {
        edges: [
          [0, 0],
          [2, 1],
        ],
      },
    });
    const { header } = await takeApart(await saved(custom));
    expect(header['junction.0.left']).toMatchObject({ shape: [2] });
  });

  it('is what the network was when save was called', async () => {
    const network = new Network({ layers: [4, 20, 3] });
    const before = network.digest();
    const file = newFile();
    const saving = network.save(file);
    network.learn([1, 2, 3, 4], 0);
    network.flush();
    await saving;
    expect(network.digest()).not.toBe(before);
    expect((await Network.load(file)).digest()).toBe(before);
  });
});

describe('a file that is not a model is refused', () => {
  it('when it is missing, a folder, empty or something else', async () => {
    await expectRefusal('FILE_NOT_FOUND', ['nowhere'], () => Network.load(join(folder, 'nowhere')));
    await expectRefusal('FILE_ACCESS', ['a folder'], () => Network.load(folder));
    await expectRefusal('FILE_ACCESS', ['not a regular file'], () => Network.load('/dev/zero'));
    const other = newFile();
    await writeFile(other, '');
    await expectRefusal('INVALID_FILE', [other, '0 bytes'], () => Network.load(other));
    await writeFile(other, 'hello, this is a text file');
    await expectRefusal('INVALID_FILE', ['it is a text', 'hello'], () => Network.load(other));
    await writeFile(other, Buffer.from([9, 0, 0, 0, 0, 0, 0, 0, 1, 2]));
    await expectRefusal('INVALID_FILE', ['header would be 9 bytes'], () => Network.load(other));
    await expectRefusal('INVALID_OPTION', ['file', '5'], () => Network.load(5 as unknown as string));
  });

  it('when it is a safetensors file of another kind or time', async () => {
    const { header, data } = await takeApart(await saved(new Network({ layers: [2, 2] })));
    const alter = async (change: (header: Header) => void, ...parts: string[]) => {
      const changed = structuredClone(header);
      change(changed);
      await expectRefusal('INVALID_FILE', parts, async () => Network.load(await putTogether(changed, data)));
    };
    await alter((h) => (h.__metadata__ = {}), 'not a model of sparse-train');
    await alter((h) => (h.__metadata__.formatVersion = '2'), 'format version', '"2"', 'update');
    await alter((h) => delete h.__metadata__.options, '"options" is missing');
    await alter((h) => (h.__metadata__.options = '{'), '"options" is not JSON');
    await alter((h) => delete h.__metadata__.digest, 'digest');
    await alter((h) => (h.__metadata__.digest = 'ab'), 'digest differs');
    await alter(
      (h) => (h.__metadata__.patternDigests = '["ab"]'),
      'pattern of junction 0',
      "pattern: 'edges'",
    );
    await alter((h) => (h.__metadata__.arithmetic = '{"kind":"float"}'), 'junction.0.weights', 'F32');
    await alter((h) => (h.__metadata__.arithmetic = '{"kind":"roman"}'), 'arithmetic.kind');
    await alter((h) => (h.__metadata__.classes = '["a"]'), 'classes');
    await alter((h) => (h.__metadata__.scaling = '{"kind":"standard","offset":[],"scale":[]}'), 'offset');
    await alter((h) => (h.__metadata__.schema = '{}'), 'schema');
    await alter((h) => (h.__metadata__.inputUnit = 'inch'), 'inputUnit', '"inch"');
    for (const count of ['-1', '1e3', '9007199254740992', ''])
      await alter((h) => (h.__metadata__.inputsPresented = count), 'inputsPresented', 'whole number');
    await alter((h) => (h.__metadata__.clippedInputs = '{"values":-1}'), 'clippedInputs.values');
    await alter((h) => (h.__metadata__.provenance = '{"training":{"epochs":-1}}'), 'epochs');
    const options = (text: string) => (h: Header) => (h.__metadata__.options = text);
    await alter(options('{"layers":[2,2],"pattern":["dense"],"colour":"red"}'), '"colour"');
    await alter(options('{"layers":[2,3],"pattern":["dense"]}'), 'junction.0.biases', '3 entries');
    await alter(options('{"layers":[3,2],"pattern":["dense"]}'), '4 weights', 'do not fit');
    await alter(
      options('{"layers":[2,2],"pattern":["dense","dense"]}'),
      'pattern must be a list of 1, but it is an array of 2',
    );
    await alter(options('{"layers":[2,2],"pattern":[{"kind":"tiled","edges":1e9}]}'), 'do not fit');
    await alter(options('{"layers":[1e6,1e6],"pattern":["dense"]}'), 'junction.0.biases');
    await alter(options('{"layers":["2","2"],"pattern":["dense"]}'), 'junction.0.biases');
  });

  it('when a weight is outside its format', async () => {
    const network = new Network({ layers: [2, 2], arithmetic: { kind: 'wide', weightBits: 10 } });
    const { header, data } = await takeApart(await saved(network));
    data.writeInt16LE(512, 2 * 4);
    await expectRefusal('INVALID_FILE', ['junction.0.weights', '512 at 0'], async () =>
      Network.load(await putTogether(header, data)),
    );
  });

  it('when edges make no pattern', async () => {
    const network = new Network({
      layers: [3, 2],
      pattern: {
        edges: [
          [0, 0],
          [2, 0],
          [1, 1],
        ],
      },
    });
    const { header, data } = await takeApart(await saved(network));
    const left = (header['junction.0.left'] as { data_offsets: number[] }).data_offsets[0] as number;
    const alter = async (value: number, ...parts: string[]) => {
      data.writeInt32LE(value, left);
      await expectRefusal('INVALID_FILE', parts, async () => Network.load(await putTogether(header, data)));
    };
    await alter(3, 'left neuron 3');
    await alter(2, 'duplicate');
    await alter(-1, 'junction.0.left');
  });

  it('however it is cut short', async () => {
    const network = new Network({ layers: [6, 8, 3], density: [0.5, 1] });
    await network.fit(clouds(50, { features: 6 }), { epochs: 1 });
    const bytes = await readFile(await saved(network));
    const file = newFile();
    for (let length = 0; length < bytes.length; length += 1 + (length >> 5)) {
      await writeFile(file, bytes.subarray(0, length));
      await expectRefusal('INVALID_FILE', [file], () => Network.load(file));
    }
  });

  it('however its bytes are changed: refused with a reason, or the very same weights', async () => {
    const network = new Network({ layers: [4, 16, 3], density: [0.5, 1] });
    await network.fit(clouds(50), { epochs: 1 });
    const original = await readFile(await saved(network, { pattern: 'edges' }));
    const digest = network.digest();
    const headerEnd = 8 + Number(original.readBigUInt64LE());
    const file = newFile();
    const place = fc.oneof(
      fc.nat(7),
      fc.integer({ min: 8, max: headerEnd - 1 }),
      fc.nat(original.length - 1),
    );
    const changes = fc.array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(changes, async (edits) => {
        const bytes = Buffer.from(original);
        for (const [at, value] of edits) bytes[at] = value;
        await writeFile(file, bytes);
        try {
          expect((await Network.load(file)).digest()).toBe(digest);
        } catch (error) {
          expect(error).toBeInstanceOf(SparseTrainError);
          expect((error as SparseTrainError).code).toMatch(/^(INVALID_FILE|NETWORK_TOO_LARGE)$/);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('when it is noise behind a header that asks for gigabytes', async () => {
    const file = newFile();
    const bytes = randomBytes(1000);
    bytes.writeBigUInt64LE(2n ** 40n);
    await writeFile(file, bytes);
    await expectRefusal('INVALID_FILE', ['1099511627776'], () => Network.load(file));
  });
});

describe('save is refused', () => {
  it('with a wrong option or place', async () => {
    const network = new Network({ layers: [2, 2] });
    await expectRefusal('UNKNOWN_OPTION', ['"patern"', '"pattern"'], () =>
      network.save(newFile(), { patern: 1 } as object),
    );
    await expectRefusal('INVALID_OPTION', ["'edges'"], () =>
      network.save(newFile(), { pattern: 'edge' as 'edges' }),
    );
    await expectRefusal('FILE_NOT_FOUND', ['no folder'], () => network.save(join(folder, 'none', 'model')));
    await expectRefusal('FILE_ACCESS', ['a folder'], () => network.save(folder));
    await expectRefusal('INVALID_OPTION', ['file'], () => network.save(''));
  });
});
