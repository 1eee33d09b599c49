import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MNIST_DIRECTORY } from '../../lib/catalog/mnist.js';
import { listDatasets, loadDataset } from '../../lib/index.js';
import { expectRefusal } from './refusal.js';

const FILES = [
  'train-images-idx3-ubyte.gz',
  'train-labels-idx1-ubyte.gz',
  't10k-images-idx3-ubyte.gz',
  't10k-labels-idx1-ubyte.gz',
] as const;

describe("loadDataset('mnist')", () => {
  it('gives the 60,000 and 10,000 images as bytes, with the ten digits', async () => {
    const { train, test } = await loadDataset('mnist');
    expect([train.rows, test.rows, train.features, train.outputs]).toEqual([60_000, 10_000, 784, 10]);
    expect(train.inputs.data).toBeInstanceOf(Uint8Array);
    expect(test.imageShape).toEqual({ height: 28, width: 28, channels: 1 });
    expect([...train.classCounts()]).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect([...test.classCounts()]).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    const { targets } = train;
    expect(targets.kind === 'classes' && [...targets.labels.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);
    // The first image is a five; this is its upper part.
    const line = 5 * 28;
    const five = [...train.inputs.row(0).subarray(line + 11, line + 25)];
    expect(five).toEqual([0, 3, 18, 18, 18, 126, 136, 175, 26, 166, 255, 247, 127, 0]);
  });

  it('holds the images once, in the memory that was inflated', async () => {
    const { train } = await loadDataset('mnist');
    expect(train.inputs.data.byteLength).toBe(60_000 * 784);
    expect(train.inputs.data.buffer.byteLength - train.inputs.data.byteLength).toBeLessThan(64);
  });

  it('is what the registry says of it', async () => {
    const { train, test } = await loadDataset('mnist');
    expect(listDatasets()[0]).toMatchObject({
      name: 'mnist',
      trainRows: train.rows,
      testRows: test.rows,
      features: train.features,
      outputs: train.outputs,
    });
    expect(Object.keys(listDatasets()[0] ?? {})).not.toContain('load');
  });

  it('has the sums that SHA256SUMS says, as sha256sum reads it', async () => {
    const sums = (await readFile(join(MNIST_DIRECTORY, 'SHA256SUMS'), 'utf8')).trim().split('\n');
    const files = sums.map((line) => /^([0-9a-f]{64}) {2}(\S+)$/.exec(line)?.slice(1, 3) as [string, string]);
    expect(files.map(([, name]) => name).sort()).toEqual([...FILES].sort());
    for (const [sum, name] of files) {
      const bytes = await readFile(join(MNIST_DIRECTORY, name));
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sum);
    }
  });

  it('names data sets that are near an unknown name', async () => {
    await expectRefusal('UNKNOWN_DATASET', ['"mnst"', '"mnist"'], () => loadDataset('mnst'));
    await expectRefusal('UNKNOWN_DATASET', ['known: mnist, morse'], () => loadDataset('imagenet'));
    await expectRefusal('UNKNOWN_DATASET', ['toString'], () => loadDataset('toString'));
    await expectRefusal('INVALID_OPTION', ['name', 'mnist'], () =>
      loadDataset(undefined as unknown as string),
    );
    await expectRefusal('UNKNOWN_OPTION', ['"directory"'], () =>
      loadDataset('mnist', { directry: '.' } as object),
    );
    await expectRefusal('INVALID_OPTION', ['directory'], () =>
      loadDataset('mnist', { directory: 5 as unknown as string }),
    );
  });
});

describe('MNIST files that are not right', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sparse-train-mnist-'));
    for (const file of FILES) await copyFile(join(MNIST_DIRECTORY, file), join(directory, file));
  });
  afterAll(() => rm(directory, { recursive: true }));

  /** Loads MNIST with one file replaced, and puts the file back. */
  async function withFile(
    name: (typeof FILES)[number],
    contents: Uint8Array | undefined,
    action: () => Promise<void>,
  ) {
    const file = join(directory, name);
    if (contents === undefined) await rm(file);
    else await writeFile(file, contents);
    try {
      await action();
    } finally {
      await copyFile(join(MNIST_DIRECTORY, name), file);
    }
  }

  it('load from another folder when they are right, compressed in another way', async () => {
    const name = 't10k-labels-idx1-ubyte.gz';
    const again = gzipSync(gunzipSync(await readFile(join(directory, name))), { level: 1 });
    await withFile(name, again, async () => {
      expect((await loadDataset('mnist', { directory })).test.rows).toBe(10_000);
    });
  });

  it('are refused for a single changed label, naming the file to restore', async () => {
    const name = 't10k-labels-idx1-ubyte.gz';
    const raw = gunzipSync(await readFile(join(directory, name)));
    raw[100] = ((raw[100] as number) + 1) % 10;
    await withFile(name, gzipSync(raw), () =>
      expectRefusal('INVALID_FILE', [name, 'SHA-256', 'restore'], () => loadDataset('mnist', { directory })),
    );
  });

  it('are refused when cut off or missing, naming the file to restore', async () => {
    const name = 'train-labels-idx1-ubyte.gz';
    const bytes = await readFile(join(directory, name));
    await withFile(name, bytes.subarray(0, 9000), () =>
      expectRefusal('INVALID_FILE', [name, 'cut off', 'restore'], () => loadDataset('mnist', { directory })),
    );
    await withFile(name, undefined, () =>
      expectRefusal('FILE_NOT_FOUND', [name, 'restore'], () => loadDataset('mnist', { directory })),
    );
  });
});
