/**
 * Every public function with unsuitable arguments gives a result, a SparseTrainError, or the caller's own exception.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import * as root from '../../lib/index.js';
import * as data from '../../lib/public/data.js';
import * as exporting from '../../lib/public/export.js';
import * as hardware from '../../lib/public/hardware.js';
import * as importing from '../../lib/public/import.js';
import * as reporting from '../../lib/public/report.js';
import * as search from '../../lib/public/search.js';
import { anything, changedArguments, changes, everywhere, type Make, Own } from './arguments.js';
import { TIMEOUT, tries } from './mutations.js';

/** Everything that the entry points export. */
const api = { ...root, ...data, ...exporting, ...hardware, ...importing, ...reporting, ...search };

const folder = mkdtempSync(join(tmpdir(), 'sparse-train-api-'));
const before = process.cwd();
// Some of the arguments are names of files that can be written.
process.chdir(folder);
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});
const at = (name: string) => join(folder, name);

const makeNetwork = () => new api.Network({ layers: [2, 3, 2], seed: 4 });
const makeDataset = () =>
  api.Dataset.from({ inputs: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7), columns: 2, labels: [0, 1, 0, 1] });
const shared = { network: makeNetwork(), dataset: makeDataset() };
/** A text as a stream of bytes; what is not a text stays what it is. */
const bytesOf = (text: unknown) =>
  (typeof text === 'string' ? Readable.from([Buffer.from(text)]) : text) as Readable;
const { schema } = await api.readTable(bytesOf('a,b,label\n1,x,0\n2,y,1\n3,x,0\n'));

// biome-ignore lint/suspicious/noExplicitAny: the point is to pass what types forbid
type Call = (...args: any[]) => unknown;

/** Public functions, each with suitable arguments. */
const CALLS: Record<string, [Call, unknown[]]> = {
  Network: [
    (options) => new api.Network(options),
    [
      {
        layers: [2, 3, 2],
        density: [0.5, 1],
        pattern: ['random', { offsets: [0, 1, 2], left: [0, 1] }],
        arithmetic: { kind: 'wide', weightBits: 12 },
        activation: 'relu',
        output: 'softmax',
        optimizer: { momentum: 0.9 },
        schedule: 'sequential',
        seed: 3,
        scaling: 'none',
        classes: ['a', 'b'],
        learningRate: 0.01,
      },
    ],
  ],
  'a hardware Network': [
    (options) => new api.Network(options),
    [
      {
        layers: [8, 4],
        fanOut: [2],
        parallelism: [4],
        pattern: [
          {
            kind: 'interleaver',
            type: 2,
            dither: true,
            startVectors: [
              [0, 1, 0, 1],
              [1, 0, 1, 0],
            ],
          },
        ],
        arithmetic: { kind: 'hardware', width: 12, integerBits: 3 },
      },
    ],
  ],
  'network.fit': [
    (data, options) => makeNetwork().fit(data, options),
    [
      shared.dataset,
      {
        epochs: 2,
        batchSize: 2,
        learningRate: { kind: 'step', initial: 0.1, factor: 0.5, every: 1 },
        validation: 0.5,
        earlyStopping: { patience: 1 },
        classWeights: [1, 2],
        threads: 1,
        seed: 1,
        shuffle: true,
        onEpoch: () => undefined,
        onProgress: () => undefined,
        signal: new AbortController().signal,
      },
    ],
  ],
  'network.fit of a stream': [
    (rows, options) => makeNetwork().fit(rows, options),
    [
      [
        { input: [1, 2], label: 0 },
        { input: Float32Array.of(1, 2), label: 1 },
      ],
      { batchSize: 1 },
    ],
  ],
  'network.learn': [(input, target) => shared.network.learn(input, target), [[1, 2], 1]],
  'network.predict': [
    (input, scores) => shared.network.predict(input, scores),
    [[1, 2], new Float32Array(2)],
  ],
  'network.classify': [(input) => shared.network.classify(input), [Float32Array.of(1, 2)]],
  'network.predictBatch': [
    (inputs, options) => shared.network.predictBatch(inputs, options),
    [[[1, 2], Float32Array.of(3, 4)], { threads: 1 }],
  ],
  'network.evaluate': [
    (data, options) => shared.network.evaluate(data, options),
    [shared.dataset, { threads: 1 }],
  ],
  'network.pattern': [(junction) => shared.network.junction(junction).pattern(), [0]],
  'network.weights': [(junction) => shared.network.junction(junction).weights(), [0]],
  'network.setWeights': [
    (junction, weights) => makeNetwork().junction(junction).setWeights(weights),
    [1, makeNetwork().junction(1).weights()],
  ],
  'network.biases': [(junction) => shared.network.junction(junction).biases(), [0]],
  'network.setBiases': [
    (junction, biases) => makeNetwork().junction(junction).setBiases(biases),
    [1, makeNetwork().junction(1).biases()],
  ],
  'network.learningRate': [
    (rate) => {
      makeNetwork().learningRate = rate;
    },
    [0.01],
  ],
  'network.save': [
    (file, options) => shared.network.save(file, options),
    [at('a.safetensors'), { pattern: 'edges' }],
  ],
  'Network.load': [(file) => api.Network.load(file), [at('a.safetensors')]],
  importNetwork: [
    (file, options) => api.importNetwork(file, options),
    [at('a.safetensors'), { weights: 'draw', matrices: ['0.weight'] }],
  ],
  'Dataset.from': [
    (source) => api.Dataset.from(source),
    [{ inputs: Float32Array.of(1, 2, 3, 4), columns: 2, labels: [0, 1], classes: ['a', 'b'] }],
  ],
  'Dataset.from rows': [
    (source) => api.Dataset.from(source),
    [
      {
        inputs: [[1, 2], Float64Array.of(3, 4)],
        values: [[1], [2]],
        imageShape: { height: 1, width: 2, channels: 1 },
      },
    ],
  ],
  'dataset.slice': [(start, end) => shared.dataset.slice(start, end), [0, 2]],
  'dataset.subset': [(indices) => shared.dataset.subset(indices), [[0, 1]]],
  'dataset.split': [(fraction, seed) => shared.dataset.split(fraction, seed), [0.5, 1]],
  Learner: [
    (options) => new api.Learner(options),
    [{ target: ['class', 'number'], seed: 1, schema: { a: 'text' } }],
  ],
  'learner.learn': [
    (row, truth) => new api.Learner().learn(row, truth),
    [{ a: [1, 2], b: { c: 'x' } }, 'yes'],
  ],
  'learner.learnMany': [
    (rows, truths) => new api.Learner({ target: 'number' }).learnMany(rows, truths),
    [
      [{ a: 1 }, [2, 'x']],
      [1, 2],
    ],
  ],
  'learner.predict': [(row) => new api.Learner().predict(row), [{ a: [1, 2], b: { c: 'x' } }]],
  'learner.save': [(file) => new api.Learner().save(file), [at('l.safetensors')]],
  'Learner.load': [(file) => api.Learner.load(file), [at('l.safetensors')]],
  Matrix: [(data, columns) => new api.Matrix(data, columns), [Float32Array.of(1, 2), 2]],
  CsrMatrix: [
    (parts) => new api.CsrMatrix(parts),
    [{ columns: 3, indptr: [0, 1, 2], indices: [0, 2], values: Float32Array.of(1, 2) }],
  ],
  'matrix.row': [(row) => shared.dataset.inputs.row(row), [0]],
  padDataset: [(data, columns) => api.padDataset(data, columns), [shared.dataset, 4]],
  makeMorse: [(options) => api.makeMorse(options), [{ examples: 4, seed: 1 }]],
  'readTable of a stream': [
    (text, options) => api.readTable(bytesOf(text), options),
    ['a,b\n1,0\n2,1\n', { label: 'b', header: true, task: 'classify' }],
  ],
  readRows: [
    (text, from, options) => api.readRows(bytesOf(text), from, options),
    ['a,b,label\n1,x,0\n', JSON.parse(JSON.stringify(schema)), { onMissing: 'skip' }],
  ],
  csvFeatureNames: [(schema) => api.csvFeatureNames(schema), [JSON.parse(JSON.stringify(schema))]],
  csvRowEncoder: [
    (schema, row) => api.csvRowEncoder(schema)(row),
    [JSON.parse(JSON.stringify(schema)), { a: 1, b: 'x' }],
  ],
  readTable: [(file, options) => api.readTable(file, options), [at('no.csv'), { format: 'csv' }]],
  streamTable: [(file, options) => api.streamTable(file, options), [at('no.csv'), { format: 'csv' }]],
  readIdx: [(file) => api.readIdx(file), [at('no.idx')]],
  'readTable of a pair': [
    (inputs, labels, classes) => api.readTable(inputs, { labels, classes }),
    [at('no.idx'), at('no.idx'), ['a']],
  ],
  loadDataset: [(name, options) => api.loadDataset(name, options), ['no', { folder }]],
  downloadDataset: [(name, options) => api.downloadDataset(name, options), ['no', { folder }]],
  readCheckpoint: [(file) => api.readCheckpoint(file), [at('no.checkpoint')]],
  readFixture: [(file) => api.readFixture(file), [at('no.json')]],
  parseFixture: [
    (json) => api.parseFixture(json),
    [{ format: 'sparse-train-fixture', version: 1, layers: [2, 2] }],
  ],
  localPattern: [
    (options) => api.localPattern(options),
    [{ width: 4, height: 4, right: 3, fanIn: 2, spread: 1, seed: 1 }],
  ],
  checkPattern: [
    (pattern) => api.checkPattern(pattern),
    [{ left: 4, right: 2, parallelism: 2, edges: { offsets: [0, 2, 4], left: [0, 1, 2, 3] } }],
  ],
  planHardware: [
    (request, parallelism) => api.planHardware(request, parallelism),
    [
      {
        layers: [16, 8, 4],
        fanOut: [2, 4],
        width: 12,
        clockHz: 15e6,
        budget: { multipliers: 100, memoryBits: 1e6, device: { ...api.DEVICES[0] } },
      },
      [8, 8],
    ],
  ],
  patternCount: [
    (family) => api.patternCount(family),
    [{ left: 9, fanOut: 2, fanIn: 3, parallelism: 3, type: 1, dither: true }],
  ],
  measureConnectivity: [
    (wirings) => api.measureConnectivity(wirings),
    [
      [
        { left: 4, right: 2, offsets: [0, 2, 4], lefts: [0, 1, 2, 3] },
        { left: 2, right: 1, offsets: Float64Array.of(0, 2), lefts: Uint32Array.of(0, 1) },
      ],
    ],
  ],
  verifyFixture: [
    (fixture, kernelSets) => api.verifyFixture(fixture, kernelSets),
    [
      {
        design: {
          layers: [4, 2],
          junctions: [{ parallelism: 2, fanOut: 1, startVectors: [[0, 1]], memoryDither: [[1, 0]] }],
          width: 12,
          integerBits: 3,
          tableFloor: 0,
          activation: ['sigmoid'],
          cost: 'cross-entropy',
        },
        etaShifts: [3],
        initial: { weights: [[1, 2, 3, 4]], biases: [[5, 6]] },
        inputs: Uint8Array.of(1, 2, 3, 4),
        labels: [1],
        expected: { weights: [Int16Array.of(1, 2, 3, 4)], biases: [[5, 6]], outputs: [[7, 8]] },
      },
      ['scalar'],
    ],
  ],
  createStudy: [
    (definition) => api.createStudy(definition),
    [
      {
        name: 'a',
        trials: 2,
        objectives: [{ measure: 'loss' }],
        space: { a: { kind: 'int', low: 1, high: 3 }, b: { kind: 'categorical', choices: ['x', 2] } },
      },
    ],
  ],
  reportRuns: [
    (runs, options) => api.reportRuns(runs, options),
    [
      [{ model: at('no.safetensors'), data: shared.dataset, name: 'a' }],
      { title: 'a', examples: 3, threads: 1 },
    ],
  ],
  reportStudy: [
    (study, options) => api.reportStudy(study, options),
    [{ plan: {}, trials: [] }, { title: 'a' }],
  ],
  exportOnnx: [
    (network, file, options) => api.exportOnnx(network, file, options),
    [shared.network, at('a.onnx'), {}],
  ],
  exportC: [(network, file, options) => api.exportC(network, file, options), [shared.network, at('a.c'), {}]],
  exportNpz: [
    (network, file, options) => api.exportNpz(network, file, options),
    [shared.network, at('a.npz'), {}],
  ],
  exportSafetensors: [
    (network, file) => api.exportSafetensors(network, file),
    [shared.network, at('b.safetensors')],
  ],
  exportTensorBoard: [(log, target) => api.exportTensorBoard(log, target), [at('no.jsonl'), at('board')]],
};

async function judged(action: () => unknown): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (error instanceof Own) return;
    if (error instanceof api.SparseTrainError && error.code !== 'INTERNAL') return;
    throw new Error(`neither refused nor done: ${(error as Error)?.stack ?? String(error)}`, {
      cause: error,
    });
  }
}

describe('public functions with wrong arguments', () => {
  it('are all tried', () => {
    const called = Object.values(CALLS)
      .map(([call]) => String(call))
      .join();
    const all = Object.entries(api)
      .filter(([, value]) => typeof value === 'function')
      .map(([name]) => name);
    const without = ['SparseTrainError', 'listDatasets', 'datasetStatuses', 'runStudy'];
    const isCalled = (name: string) => new RegExp(`\\.${name}\\b`).test(called);
    expect(all.filter((name) => !without.includes(name) && !isCalled(name))).toEqual([]);
  });

  // Cases that random tries found, or took minutes to find; a call that hangs here reaches the time limit.
  const often: Record<string, Make> = {
    'four thousand million holes': () => new Array(2 ** 32 - 1),
    'an array that begins well and goes on with holes': () => {
      const array: unknown[] = [[1, 2]];
      array.length = 2 ** 32 - 1;
      return array;
    },
    'a proxy of a typed array': () => new Proxy(new Float32Array(2), {}),
    'detached memory': () => {
      const bytes = new Uint8Array(2);
      structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
      return bytes;
    },
  };
  it.each(
    Object.entries(CALLS).flatMap(([name, [call, args]]) =>
      Object.keys(often).map((what) => [name, what, call, args] as const),
    ),
  )('%s with %s in every place', async (_, what, call, args) => {
    for (const { at, args: changed } of everywhere(args, often[what] as Make)) {
      await judged(() => call(...changed)).catch((error: Error) => {
        throw new Error(`${at}: ${error.message}`, { cause: error });
      });
    }
  });

  it.each(['planHardware', 'patternCount', 'measureConnectivity', 'verifyFixture'])(
    '%s takes the arguments that are changed here',
    async (name) => {
      const [call, args] = CALLS[name] as [Call, unknown[]];
      expect(await call(...args)).toBeDefined();
      const [first] = args as [Record<string, unknown>];
      const odd = Array.isArray(first) ? [{ ...first[0], lefst: [] }, first[1]] : { ...first, lefst: [] };
      await expect(async () => call(odd, ...args.slice(1))).rejects.toMatchObject({ code: 'UNKNOWN_OPTION' });
    },
  );

  it('get an error with the code of the fault', async () => {
    const network = makeNetwork();
    const holes = new Array(2 ** 32 - 1);
    const proxy = new Proxy(new Float32Array(2), {});
    const codeOf = async (action: () => unknown) => {
      try {
        await action();
      } catch (error) {
        return (error as root.SparseTrainError).code;
      }
      return 'none';
    };
    expect(await codeOf(() => network.predictBatch(holes))).toBe('INVALID_DATA');
    expect(await codeOf(() => network.predictBatch([[1, 2], undefined, [3, 4]] as never))).toBe(
      'INVALID_DATA',
    );
    expect(await codeOf(() => api.readTable(new Uint8Array(2) as never))).toBe('INVALID_OPTION');
    expect(await codeOf(() => api.readRows(bytesOf('a,c\n1,0\n'), schema))).toBe('INVALID_DATA');
    expect(await codeOf(() => api.readRows(bytesOf('a,b\n1,0\n'), undefined))).toBe('INVALID_OPTION');
    expect(await codeOf(() => api.createStudy(proxy as never))).toBe('INVALID_OPTION');
    expect(await codeOf(() => api.createStudy({ space: {}, objectives: proxy } as never))).toBe(
      'INVALID_OPTION',
    );
    expect(await codeOf(() => network.fit(proxy as never))).toBe('INVALID_OPTION');
  });

  it.each(Object.entries(CALLS))(
    '%s',
    async (_, [call, args]) => {
      await fc.assert(
        fc.asyncProperty(fc.array(anything, { maxLength: 3 }), (makes) =>
          judged(() => call(...makes.map((make) => make()))),
        ),
        tries(30),
      );
      const property = fc.asyncProperty(changes, (made) =>
        judged(() => call(...changedArguments(args, made))),
      );
      await fc.assert(property, tries(60));
    },
    TIMEOUT,
  );
});
