import { open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { parse } from 'npyjs';
import { describe, expect, it } from 'vitest';
import { Network } from '../../lib/index.js';
import { readSafetensorsHeader, readTensor } from '../../lib/network/model-file/safetensors.js';
import { exportNpz, exportSafetensors, exportTensorBoard } from '../../lib/public/export.js';
import { workFolder } from '../cli/run.js';
import { expectRefusal } from '../datasets/refusal.js';
import { byteClouds } from '../training/data.js';

const folder = workFolder();
const network = () =>
  new Network({
    layers: [6, 5, 3],
    pattern: 'random',
    density: [0.4, 1],
    arithmetic: { kind: 'wide', weightBits: 8 },
  });

interface StoredArray {
  data: ArrayLike<number>;
  shape: number[];
}

/** The arrays of an archive by name; fails for names that it does not have. */
async function arrays(file: string) {
  const entries = Object.entries(unzipSync(await readFile(file)));
  const all = new Map(
    entries.map(([name, bytes]) => [
      name.replace(/\.npy$/, ''),
      parse(Uint8Array.from(bytes).buffer) as unknown as StoredArray,
    ]),
  );
  return {
    names: [...all.keys()],
    data: (name: string) => (all.get(name) as StoredArray).data,
    shape: (name: string) => (all.get(name) as StoredArray).shape,
    numbers: (name: string) => Array.from((all.get(name) as StoredArray).data, Number),
  };
}

describe('.npz files', () => {
  it('hold all junctions as CSR matrices, in real numbers or in integers', async () => {
    const source = network();
    const { offsets, left } = source.junction(0).pattern();
    const weights = source.junction(0).weights();
    for (const values of ['real', 'integer'] as const) {
      const file = join(folder(), `${values}.npz`);
      expect((await exportNpz(source, file, { values })).files).toEqual([file]);
      const all = await arrays(file);
      const unit = values === 'real' ? 2 ** -6 : 1;
      expect(all.numbers('junction.0.data')).toEqual(Array.from(weights, (w) => w * unit));
      expect(all.numbers('junction.0.indices')).toEqual([...left]);
      expect(all.numbers('junction.0.indptr')).toEqual([...offsets]);
      expect(all.numbers('junction.0.shape')).toEqual([5, 6]);
      expect(all.shape('junction.1.biases')).toEqual([3]);
    }
  });

  it('are one for each junction where the name has {junction} in it', async () => {
    const { files } = await exportNpz(network(), join(folder(), 'j{junction}.npz'));
    expect(files).toEqual([0, 1].map((j) => join(folder(), `j${j}.npz`)));
    expect((await arrays(files[1] as string)).names.sort()).toEqual([
      'biases',
      'data',
      'format',
      'indices',
      'indptr',
      'metadata',
      'shape',
    ]);
  });
});

describe('an .npz file', () => {
  const hardware = (width: number) =>
    new Network({
      layers: [8, 8, 4],
      pattern: 'clash-free-2',
      fanOut: [4, 4],
      arithmetic: { kind: 'hardware', width, integerBits: 2 },
    });

  it('has the edges of each row in the order of their columns, each with its own weight', async () => {
    const source = hardware(16);
    const weights = source
      .junction(0)
      .weights()
      .map((_, e) => e + 1);
    source.junction(0).setWeights(weights);
    const { offsets, left } = source.junction(0).pattern();
    const file = join(folder(), 'sorted.npz');
    expect(await exportNpz(source, file, { values: 'integer' })).toEqual({
      files: [file],
      values: 'integer',
      digest: source.digest(),
    });
    const all = await arrays(file);
    const byRow = Array.from({ length: 8 }, (_, r) =>
      Array.from(
        { length: (offsets[r + 1] as number) - (offsets[r] as number) },
        (_, k) => (offsets[r] as number) + k,
      ).sort((a, b) => (left[a] as number) - (left[b] as number)),
    ).flat();
    expect(byRow).not.toEqual([...left.keys()]);
    expect(all.numbers('junction.0.indices')).toEqual(byRow.map((e) => left[e]));
    expect(all.numbers('junction.0.data')).toEqual(byRow.map((e) => e + 1));
  });

  it('has real numbers in binary32, or in binary64 where that would not hold them', async () => {
    for (const [width, kind] of [
      [16, Float32Array],
      [32, Float64Array],
    ] as const) {
      const source = hardware(width);
      const least = -(2 ** (width - 1)) + 1;
      source.junction(0).setWeights(source.junction(0).weights().fill(least));
      source.junction(0).setBiases(source.junction(0).biases().fill(-3));
      const file = join(folder(), 'real.npz');
      await exportNpz(source, file);
      const all = await arrays(file);
      const unit = 2 ** (3 - width);
      expect(all.data('junction.0.data')).toBeInstanceOf(kind);
      expect(new Set(all.numbers('junction.0.data'))).toEqual(new Set([least * unit]));
      expect(new Set(all.numbers('junction.0.biases'))).toEqual(new Set([-3 * unit]));
    }
  });

  it('says what it was made of', async () => {
    const source = network();
    const file = join(folder(), 'described.npz');
    await exportNpz(source, file, { values: 'integer' });
    const entries = unzipSync(await readFile(file));
    const text = Buffer.from(entries['metadata.npy'] as Uint8Array)
      .toString('utf8')
      .replaceAll('\0', '');
    const described = JSON.parse(text.slice(text.indexOf('{"package'), text.lastIndexOf('}') + 1));
    expect(described).toEqual({
      package: 'sparse-train',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      layers: [6, 5, 3],
      arithmetic: source.arithmetic,
      activations: ['relu'],
      output: 'softmax',
      values: 'integer',
      digest: source.digest(),
    });
    const format = Buffer.from(entries['junction.1.format.npy'] as Uint8Array).toString('utf8');
    expect(format.replaceAll('\0', '').endsWith('csr')).toBe(true);
  });

  it('is refused for values and files that are none', async () => {
    await expectRefusal('INVALID_OPTION', ['values', "'real'"], () =>
      exportNpz(network(), join(folder(), 'x.npz'), { values: 'whole' as 'real' }),
    );
    await expectRefusal('INVALID_OPTION', ['file', 'path'], () => exportNpz(network(), ''));
    await expectRefusal('UNKNOWN_OPTION', ['exportNpz', 'value'], () =>
      exportNpz(network(), join(folder(), 'x.npz'), { value: 'real' } as object),
    );
    await expectRefusal('INVALID_OPTION', ['network'], () =>
      exportNpz({} as Network, join(folder(), 'x.npz')),
    );
  });
});

describe('dense safetensors files', () => {
  it('hold biases as real numbers, and say what they were made of', async () => {
    const source = network();
    source.junction(1).setBiases(
      source
        .junction(1)
        .biases()
        .map((_, i) => i - 1),
    );
    const file = join(folder(), 'dense.safetensors');
    expect(await exportSafetensors(source, file)).toEqual({ files: [file], digest: source.digest() });
    const handle = await open(file);
    const header = await readSafetensorsHeader(handle, (await stat(file)).size);
    const place = header.tensors.get('layers.1.bias');
    const biases = new Float32Array(await readTensor(handle, place as NonNullable<typeof place>));
    await handle.close();
    expect([...biases]).toEqual([-1, 0, 1].map((bias) => bias * 2 ** -14));
    expect(Object.fromEntries(header.metadata)).toMatchObject({
      format: 'pt',
      source: expect.stringMatching(/^sparse-train \d/),
    });
    expect(JSON.parse(header.metadata.get('network') as string)).toEqual({
      layers: [6, 5, 3],
      arithmetic: source.arithmetic,
      activations: ['relu'],
      output: 'softmax',
      digest: source.digest(),
    });
  });

  it('are refused for matrices that are too large, and have no options', async () => {
    const large = new Network({ layers: [2 ** 15 + 1, 2 ** 15], pattern: { edges: [[0, 0]] } });
    const file = join(folder(), 'large.safetensors');
    await expectRefusal('INVALID_OPTION', ['32768 x 32769', '.npz'], () => exportSafetensors(large, file));
    await expectRefusal('UNKNOWN_OPTION', ['exportSafetensors'], () =>
      exportSafetensors(network(), file, { form: 'x' }),
    );
  });

  it("hold matrices as PyTorch's Linear has them", async () => {
    const source = network();
    const file = join(folder(), 'dense.safetensors');
    await exportSafetensors(source, file);
    const handle = await open(file);
    const header = await readSafetensorsHeader(handle, (await stat(file)).size);
    expect([...header.tensors.keys()].sort()).toEqual([
      'layers.0.bias',
      'layers.0.weight',
      'layers.1.bias',
      'layers.1.weight',
    ]);
    const place = header.tensors.get('layers.0.weight');
    expect(place?.shape).toEqual([5, 6]);
    const matrix = new Float32Array(await readTensor(handle, place as NonNullable<typeof place>));
    await handle.close();
    const expected = new Float32Array(30);
    const { offsets, left } = source.junction(0).pattern();
    const weights = source.junction(0).weights();
    for (let r = 0; r < 5; r++) {
      for (let e = offsets[r] as number; e < (offsets[r + 1] as number); e++) {
        expected[r * 6 + (left[e] as number)] = (weights[e] as number) / 64;
      }
    }
    expect(matrix).toEqual(expected);
  });
});

describe('event files', () => {
  it('hold the scalars of every epoch, one file for each run of a log', async () => {
    const log = join(folder(), 'runs.jsonl');
    for (const epochs of [3, 2]) {
      const trained = new Network({ layers: [4, 8, 3] });
      await trained.fit(byteClouds(60), { epochs, log, validation: byteClouds(30, 2) });
    }
    const target = join(folder(), 'events');
    const { files, epochs } = await exportTensorBoard(log, target);
    expect({ files: files.length, epochs }).toEqual({ files: 2, epochs: 5 });
    expect((await readdir(target)).length).toBe(2);
    const records = framed(await readFile(files[0] as string));
    // The version, then an event for each epoch.
    expect(records.length).toBe(4);
    expect(records[0]?.includes('brain.Event:2')).toBe(true);
    for (const tag of [
      'training/loss',
      'training/learning rate',
      'validation/accuracy',
      'weightsAtLimit/junction 1',
    ])
      expect(records[1]?.includes(tag)).toBe(true);
  });

  it('are made of a log whose last line a crash cut off, but not of other files', async () => {
    const start = '{"type":"start","run":"../../x","time":"2026-01-01T00:00:00Z"}';
    const log = join(folder(), 'torn.jsonl');
    await writeFile(log, `${start}\n{"type":"epo`);
    const { files } = await exportTensorBoard(log, join(folder(), 'torn'));
    // A run's id cannot lead out of the folder.
    expect(files[0]).toBe(join(folder(), 'torn', '______x', 'events.out.tfevents.1767225600.sparse-train'));
    await writeFile(log, `{"type":"epo\n${start}\n`);
    await expectRefusal('INVALID_FILE', ['torn.jsonl', 'line 1'], () => exportTensorBoard(log, folder()));
    await writeFile(log, `${start}\n{"type":"epoch","run":"a","time":"2026-01-01T00:00:00Z","epoch":"1"}\n`);
    await expectRefusal('INVALID_FILE', ['line 2'], () => exportTensorBoard(log, folder()));
    await writeFile(log, '\n');
    await expectRefusal('INVALID_FILE', ['run log'], () => exportTensorBoard(log, folder()));
    await expectRefusal('FILE_NOT_FOUND', ['no such'], () =>
      exportTensorBoard(join(folder(), 'no such'), folder()),
    );
  });
});

/** The messages of TFRecords; lengths only, as TensorBoard itself checks the checksums in CI. */
function framed(bytes: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    records.push(bytes.subarray(at + 12, at + 12 + length));
    at += 16 + length;
  }
  return records;
}
