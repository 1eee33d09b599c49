import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MNIST_DIRECTORY } from '../../lib/catalog/mnist.js';
import { describeDownload } from '../../lib/cli/download-bar.js';
import { mirrorServer, serveBytes } from '../datasets/server.js';
import { expectMistake, run, runJson, workFolder } from './run.js';

const folder = workFolder();
const server = mirrorServer();

describe('sparse-train datasets', () => {
  it('lists the data sets, their licences, and where they are or would come from', async () => {
    const cwd = folder();
    const { stdout, status } = await run(['datasets'], { cwd, env: { SPARSE_TRAIN_DATA: cwd } });
    expect(status).toBe(0);
    for (const part of ['mnist', 'CC BY-SA 4.0', 'codh.rois.ac.jp', '170 MB', 'datasets get', cwd]) {
      expect(stdout).toContain(part);
    }
    const { cache, datasets } = await runJson(['datasets'], { cwd, env: { SPARSE_TRAIN_DATA: cwd } });
    expect(cache).toBe(cwd);
    expect(datasets).toContainEqual(
      expect.objectContaining({ name: 'mnist', isHere: true, licence: 'CC BY-SA 3.0' }),
    );
  });

  it('downloads from a mirror into the chosen cache, and trains on it', async () => {
    const cwd = folder();
    const env = { SPARSE_TRAIN_DATA: join(cwd, 'cache') };
    for (const name of [
      'train-images-idx3-ubyte.gz',
      'train-labels-idx1-ubyte.gz',
      't10k-images-idx3-ubyte.gz',
      't10k-labels-idx1-ubyte.gz',
    ]) {
      server.on(`/data/${name}`, serveBytes(await readFile(join(MNIST_DIRECTORY, name))));
    }
    const words = ['datasets', 'get', 'mnist', '--force', '--mirror', `${server.origin}/data/`];
    const { datasets } = await runJson(words, { cwd, env });
    expect(datasets).toEqual([{ name: 'mnist', folder: join(cwd, 'cache', 'mnist'), received: 11_594_722 }]);
    const again = await run(['datasets', 'get', 'mnist', 'morse'], { cwd, env });
    expect(again.stdout).toBe(
      `mnist is here: ${join(cwd, 'cache', 'mnist')}\nmorse is generated when it is used\n`,
    );
  });

  it('says of a set that is not here how to get it', async () => {
    const cwd = folder();
    const env = { SPARSE_TRAIN_DATA: join(cwd, 'none') };
    const absent = await run(['train', '--data', 'kmnist'], { cwd, env });
    expect(absent.status).toBe(1);
    expect(absent.stderr).toContain('sparse-train datasets get kmnist');
    expect(absent.stderr).toContain(join(cwd, 'none', 'kmnist'));
  });

  it('refuses what it does not know', async () => {
    await expectMistake(['datasets', 'gte'], { status: 2, code: 'INVALID_OPTION', says: ['"gte"', '"get"'] });
    await expectMistake(['datasets', 'list', 'mnist'], {
      status: 2,
      code: 'INVALID_OPTION',
      says: ['datasets get mnist'],
    });
    await expectMistake(['datasets', 'get'], {
      status: 2,
      code: 'INVALID_OPTION',
      says: ['mnist', 'cifar10'],
    });
    await expectMistake(['datasets', 'get', 'kmnits'], {
      status: 2,
      code: 'UNKNOWN_DATASET',
      says: ['"kmnits"', '"kmnist"'],
    });
  });
});

describe('the progress of a download', () => {
  it('is shown with and without a known size', () => {
    expect(describeDownload({ file: 'a.gz', received: 1_200_000, total: 4_422_102 })).toEqual([
      'a.gz',
      '1.20 MB of 4.42 MB',
      '27.1 %',
    ]);
    expect(describeDownload({ file: 'a.gz', received: 500, total: undefined })).toEqual([
      'a.gz',
      '500 bytes',
    ]);
  });
});
