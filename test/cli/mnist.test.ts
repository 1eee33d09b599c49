import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Network } from '../../lib/index.js';
import { expectMistake, run, runJson, start, workFolder } from './run.js';

const cwd = workFolder();
/** Small enough for every kernel set. */
const SMALL = ['mnist', '--layers', '16', '--epochs', '1'];

describe('sparse-train mnist', () => {
  it('prints one JSON document with all that was promised', async () => {
    const out = join(cwd(), 'contract.safetensors');
    const result = await runJson([...SMALL, '--seed', '5', '--out', out], { cwd: cwd() });
    expect(result).toMatchObject({
      data: 'mnist',
      epochs: 1,
      layers: [784, 16, 10],
      denseEdges: 784 * 16 + 16 * 10,
      arithmetic: { kind: 'wide', weightBits: 16, weightFraction: 12, rounding: 'stochastic' },
      threads: 1,
      seed: 5,
      stopped: 'finished',
      model: out,
      log: out.replace('.safetensors', '.jsonl'),
      measured: 'test',
    });
    const { testAccuracy, trainSeconds, samplesPerSecond, edges, density, isa, digest, history } = result as {
      [name: string]: number;
    };
    expect(testAccuracy).toBeGreaterThan(0.7);
    expect(testAccuracy).toBeLessThan(1);
    expect(samplesPerSecond).toBeCloseTo(60_000 / (trainSeconds as number), 0);
    expect(density).toBe((edges as number) / (784 * 16 + 16 * 10));
    expect(density).toBeLessThan(0.1);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(history).toHaveLength(1);
    if (process.env.SPARSE_TRAIN_ISA) expect(isa).toBe(process.env.SPARSE_TRAIN_ISA);

    const network = await Network.load(out);
    expect(network.digest()).toBe(digest);
    const log = await readFile(out.replace('.safetensors', '.jsonl'), 'utf8');
    expect(
      log
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).type),
    ).toEqual(['start', 'epoch', 'end']);
  });

  it('makes the same network again, with one thread and with two, and leaves nothing with --no-save', async () => {
    const before = await readdir(cwd());
    const [one, two] = await Promise.all(
      ['1', '2'].map((threads) => runJson([...SMALL, '--no-save', '--threads', threads], { cwd: cwd() })),
    );
    expect(one?.digest).toBe(two?.digest);
    expect(two).toMatchObject({ threads: 2, model: null, log: null });
    expect(await readdir(cwd())).toEqual(before);
  });

  it('prints for people, in 80 columns and without escape codes if there is no terminal', async () => {
    const { status, stdout, stderr } = await run(SMALL, { cwd: cwd() });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/% of the 10,000 test examples right/);
    expect(stdout).toMatch(/times fewer than dense/);
    expect(stdout).toContain('sparse-train-mnist.safetensors');
    expect(stdout).toContain('npx sparse-train inspect sparse-train-mnist.safetensors');
    expect(stdout).not.toContain('\u001b');
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect((await stat(join(cwd(), 'sparse-train-mnist.jsonl'))).size).toBeGreaterThan(0);
  });

  it('stops at Ctrl-C and keeps what it has learned', async () => {
    const out = join(cwd(), 'interrupted.safetensors');
    const log = join(cwd(), 'interrupted.jsonl');
    const words = ['mnist', '--layers', '16', '--epochs', '100000', '--out', out, '--json'];
    const { child, ended } = start(words, { cwd: cwd() });
    await expect.poll(() => readFile(log, 'utf8').catch(() => ''), { timeout: 20_000 }).toContain('"epoch"');
    child.kill('SIGINT');
    const { status, stdout } = await ended;
    expect(status).toBe(130);
    const result = JSON.parse(stdout) as { stopped: string; model: string; digest: string; examples: number };
    expect(result).toMatchObject({ stopped: 'aborted', model: out });
    expect(result.examples).toBeGreaterThan(0);
    const network = await Network.load(out);
    expect(network.digest()).toBe(result.digest);
    expect(network.training.examples).toBe(result.examples);
  });

  it('does not replace a file that is not a model without --force', async () => {
    const other = join(cwd(), 'thesis.txt');
    await writeFile(other, 'years of work');
    await expectMistake([...SMALL, '--out', other], {
      status: 1,
      code: 'FILE_ACCESS',
      says: ['thesis.txt', '--force'],
    });
    expect(await readFile(other, 'utf8')).toBe('years of work');
  });

  it.each([
    { words: ['--epochs', '0'], code: 'INVALID_OPTION', says: ['--epochs', 'a whole number from 1'] },
    { words: ['--pattern', 'tyled'], code: 'INVALID_OPTION', says: ['--pattern', 'did you mean tiled?'] },
    { words: ['--decay', 'cosin'], code: 'INVALID_OPTION', says: ['--decay', 'did you mean cosine?'] },
    { words: ['--density', '1.5'], code: 'INVALID_OPTION', says: ['--density', 'at most 1'] },
    {
      words: ['--weight-bits', '8', '--weight-fraction', '8'],
      code: 'INVALID_OPTION',
      says: ['--weight-fraction', '0 to 7'],
    },
    {
      words: ['--arithmetic', 'float', '--weight-bits', '8'],
      code: 'INVALID_OPTION',
      says: ['--weight-bits', 'float'],
    },
    { words: ['--preset', 'quick'], code: 'INVALID_OPTION', says: ['--preset', 'fast, small, accurate'] },
    {
      words: ['--preset', 'small', '--arithmetic', 'hardware'],
      code: 'INVALID_OPTION',
      says: ['--preset small', 'hardware'],
    },
    {
      words: ['digits'],
      code: 'UNEXPECTED_ARGUMENT',
      says: ['too many arguments', 'none taken', 'mnist --help'],
    },
    { words: ['--seed', '-1'], code: 'INVALID_OPTION', says: ['--seed', '2^53 - 1'] },
    { words: ['--out', 'a', '--log', 'a'], code: 'INVALID_OPTION', says: ['the same file'] },
  ])('refuses $words', ({ words, code, says }) =>
    expectMistake(['mnist', ...words], { status: 2, code, says }),
  );

  it('has presets, which options overrule', async () => {
    const small = await runJson(['mnist', '--preset', 'small', '--epochs', '1', '--no-save'], { cwd: cwd() });
    expect(small).toMatchObject({
      layers: [784, 48, 10],
      epochs: 1,
      arithmetic: { weightBits: 10 },
      patterns: ['structured', 'dense'],
    });
    expect(small.edges).toBeLessThan(3000);
    expect(small.testAccuracy).toBeGreaterThan(0.9);
  });

  it('refuses a missing folder before it trains', () =>
    expectMistake(['mnist', '--out', join('no', 'such', 'model')], {
      status: 1,
      code: 'FILE_NOT_FOUND',
      says: ['--out', 'there is no folder'],
    }));

  it('refuses to add a run log to something else', async () => {
    const notes = join(cwd(), 'notes.md');
    await writeFile(notes, '# Notes');
    await expectMistake(['mnist', '--log', notes, '--no-save'], {
      status: 1,
      code: 'FILE_ACCESS',
      says: ['--log', 'not a run log'],
    });
  });
});
