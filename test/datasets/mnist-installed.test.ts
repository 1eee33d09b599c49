import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MNIST_DIRECTORY } from '../../lib/catalog/mnist.js';

const LIB = fileURLToPath(new URL('../../lib', import.meta.url));

/** What the child process prints. */
interface Report {
  readonly rows: number;
  readonly peakMegabytes: number;
  readonly message: string;
}

describe('the package as it is installed', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sparse-train-package-'));
    await writeFile(join(folder, 'package.json'), '{"name": "sparse-train", "type": "module"}');
    const floors = ['base', 'engine', 'data', 'formats', 'catalog'];
    const sources = (await readdir(LIB, { recursive: true })).filter(
      (name) => name.endsWith('.ts') && floors.some((floor) => name.startsWith(`${floor}${sep}`)),
    );
    for (const name of sources) {
      const source = await readFile(join(LIB, name), 'utf8');
      const compilerOptions = {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
      };
      const target = join(folder, 'dist', name.replace(/\.ts$/, '.js'));
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, ts.transpileModule(source, { compilerOptions }).outputText);
    }
    await mkdir(join(folder, 'datasets'));
    await symlink(MNIST_DIRECTORY, join(folder, 'datasets/mnist'));
    await symlink(join(LIB, '../node_modules'), join(folder, 'node_modules'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Loads MNIST in another process, which starts in another folder. */
  async function load(): Promise<Report> {
    const script = `
      const { loadDataset } = await import(${JSON.stringify(join(folder, 'dist/catalog/registry.js'))});
      const report = await loadDataset('mnist').then(({ train }) => ({ rows: train.rows }), ({ message }) => ({ message }));
      console.log(JSON.stringify({ ...report, peakMegabytes: process.resourceUsage().maxRSS / 1024 }));`;
    const args = ['--input-type=module', '--eval', script];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd: tmpdir(),
      env: { ...process.env, SPARSE_TRAIN_DATA: join(folder, 'cache') },
    });
    return JSON.parse(stdout) as Report;
  }

  it('finds MNIST from dist, whatever the working folder, and peaks well under 150 MB', async () => {
    const { rows, peakMegabytes } = await load();
    expect(rows).toBe(60_000);
    // The pixels alone are 55 MB and Node itself 40 MB; a second copy of the training images would show.
    expect(peakMegabytes).toBeLessThan(135);
  });

  it('says how to restore a missing file', async () => {
    await rm(join(folder, 'datasets/mnist'));
    await cp(MNIST_DIRECTORY, join(folder, 'datasets/mnist'), {
      recursive: true,
      filter: (source) => !source.endsWith('t10k-images-idx3-ubyte.gz'),
    });
    const { message } = await load();
    expect(message).toContain('there is no file');
    expect(message).toContain('restore datasets/mnist/t10k-images-idx3-ubyte.gz');
    expect(message).toContain('install sparse-train again');
  });
});
