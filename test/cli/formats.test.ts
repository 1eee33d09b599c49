import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { expectMistake, PENGUINS, ROOT, run, runJson, workFolder } from './run.js';

const folder = workFolder();
const FILES = join(ROOT, 'test', 'datasets', 'files');

/** The penguins without missing values, as JSON lines. */
async function penguinLines(): Promise<string> {
  const [head = '', ...lines] = (await readFile(PENGUINS, 'utf8')).trim().split('\n');
  const names = head.split(',');
  return lines
    .filter((line) => !/(^|,)(NA)?(,|$)/.test(line))
    .map((line) => {
      const fields = line.split(',').map((field) => (Number.isNaN(Number(field)) ? field : Number(field)));
      return JSON.stringify(Object.fromEntries(names.map((name, i) => [name, fields[i]])));
    })
    .join('\n');
}

const TRAIN = ['train', '--label', 'species', '--epochs', '5', '--out'];

describe('train and evaluate', () => {
  it('learn the same from JSON lines on standard input as from CSV', async () => {
    const cwd = folder();
    const input = await penguinLines();
    await writeFile(join(cwd, 'penguins.ndjson'), input);
    const csv = await runJson(
      [...TRAIN, 'a.safetensors', '--data', PENGUINS, '--on-missing', 'skip', '--quiet'],
      { cwd },
    );
    const piped = await runJson([...TRAIN, 'b.safetensors', '--data', '-', '--format', 'ndjson'], {
      cwd,
      input,
    });
    expect(piped.digest).toBe(csv.digest);
    expect(piped.data).toBe('stdin');
    const words = ['evaluate', 'a.safetensors', '--data'];
    const measured = await runJson([...words, 'penguins.ndjson'], { cwd });
    expect(measured.accuracy).toBeGreaterThan(0.9);
    expect(await runJson([...words, '-'], { cwd, input })).toEqual({ ...measured, data: '-' });
    const row = (input.split('\n')[0] as string).replace(/,"species":"[^"]*"|"species":"[^"]*",/, '');
    const { stdout } = await run(['predict', 'b.safetensors'], { cwd, input: row });
    expect(JSON.parse(stdout)).toMatchObject({ line: 1, class: 'Adelie' });
  });

  it('read CSV, JSON lines and Parquet as a stream, once', async () => {
    const cwd = folder();
    const lines = Array.from(
      { length: 4000 },
      (_, i) => `${i % 64},${(i * 7) % 64},${(i % 64) + ((i * 7) % 64) > 63 ? 'high' : 'low'}`,
    );
    await writeFile(join(cwd, 'big.csv'), `x,y,sum\n${lines.join('\n')}\n`);
    await writeFile(join(cwd, 'test.csv'), `x,y,sum\n${lines.slice(0, 500).join('\n')}\n`);
    const words = ['train', '--data', 'big.csv', '--test', 'test.csv', '--stream', '--learning-rate', '0.02'];
    const result = await runJson([...words, '--out', 's.safetensors'], { cwd });
    expect(result).toMatchObject({ examples: 4000, epochs: 1, measured: 'test', data: 'big' });
    expect(result.testAccuracy).toBeGreaterThan(0.9);
    const predicted = await run(['predict', 's.safetensors'], { cwd, input: 'x,y\n60,60\n1,1\n' });
    expect(predicted.stdout.match(/"class":"\w+"/g)).toEqual(['"class":"high"', '"class":"low"']);
    const input = lines
      .map((line) => line.split(','))
      .map(([x, y, sum]) => JSON.stringify({ input: [Number(x), Number(y)], label: sum }))
      .join('\n');
    const json = await runJson(['train', '--data', '-', '--stream', '--out', 'j.safetensors'], {
      cwd,
      input,
    });
    expect(json).toMatchObject({ examples: 4000, measured: null });
    const one = await run(['predict', 'j.safetensors'], { cwd, input: '{"input": [60, 60]}' });
    expect(one.stdout).toContain('"class":"high"');
    const parquet = ['train', '--data', join(FILES, 'snappy.parquet'), '--stream', '--out', 'p.safetensors'];
    expect(await runJson(parquet, { cwd })).toMatchObject({ examples: 60 });
  });

  it('read Parquet, .npz, pairs of .npy and folders of pictures', async () => {
    const cwd = folder();
    const files = ['snappy.parquet', 'digits.npz'].map((name) => join(FILES, name));
    for (const file of files) {
      await runJson(['train', '--data', file, '--validation', '0', '--out', 'm.safetensors'], { cwd });
      expect(
        (await runJson(['evaluate', 'm.safetensors', '--data', file], { cwd })).accuracy,
      ).toBeGreaterThan(0.3);
      const { stdout, status } = await run(['predict', 'm.safetensors', file], { cwd });
      expect({ status, first: stdout.startsWith('{"row":1,"class":') }).toEqual({ status: 0, first: true });
    }
    for (const [name, shade] of [
      ['dark', 10],
      ['light', 240],
    ] as const) {
      await mkdir(join(cwd, 'pictures', name), { recursive: true });
      for (let i = 0; i < 20; i++) {
        const data = Uint8Array.from({ length: 16 }, (_, k) => shade + ((i * k) % 10));
        await writeFile(
          join(cwd, 'pictures', name, `${i}.png`),
          encode({ width: 4, height: 4, channels: 1, data }),
        );
      }
    }
    await runJson(['train', '--data', 'pictures', '--layers', '16', '--out', 'i.safetensors'], { cwd });
    expect(await runJson(['evaluate', 'i.safetensors', '--data', 'pictures'], { cwd })).toMatchObject({
      accuracy: 1,
    });
    const { stdout } = await run(['predict', 'i.safetensors', join('pictures', 'light')], { cwd });
    expect(stdout.split('\n')[0]).toContain('"class":"light"');
  });

  it('refuse what does not go together', async () => {
    const refuse = (words: string[], ...says: string[]) =>
      expectMistake(['train', ...words], { status: 2, code: 'INVALID_OPTION', says });
    await refuse(['--data', join(FILES, 'digits.npz'), '--label', 'x'], '--label', 'columns', 'npz');
    await refuse(['--data', join(FILES, 'digits.npz'), '--stream'], 'npz', 'csv, ndjson and parquet');
    await refuse(['--data', 'mnist', '--stream'], '--stream');
    await refuse(['--data', 'mnist', '--format', 'csv'], '--format', 'mnist');
    await refuse(['--data', PENGUINS, '--format', 'cvs'], '"cvs"', 'did you mean csv?');
    const stream = ['--data', PENGUINS, '--stream', '--on-missing', 'skip', '--no-save'];
    await refuse([...stream, '--epochs', '3'], 'epochs', 'stream');
    await refuse([...stream, '--validation', '0.1'], '--validation', '--test');
    await refuse([...stream, '--patience', '3'], 'stream');
  });
});
