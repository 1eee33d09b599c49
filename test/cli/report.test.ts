import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Network } from '../../lib/index.js';
import { expectMistake, PENGUINS, runHere, workFolder } from './run.js';

const cwd = workFolder();
const at = (name: string) => join(cwd(), name);

interface Answer {
  report: string;
  bytes: number;
  runs: {
    name: string;
    digest: string;
    model: string | null;
    accuracy: number | null;
    rmse: number | null;
    on: string | null;
    worst: { row: number; truth: string; said: string }[] | null;
    remarks: string[];
  }[];
}

async function report(...words: string[]): Promise<Answer> {
  const { status, stdout, stderr } = await runHere(['report', ...words, '--json']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as Answer;
}

describe('sparse-train report', () => {
  beforeAll(async () => {
    const train = ['train', '--data', PENGUINS, '--on-missing', 'skip', '--quiet', '--epochs', '3'];
    for (const words of [
      [...train, '--label', 'species', '--out', at('penguins.safetensors')],
      [
        ...train,
        '--label',
        'body_mass_g',
        '--task',
        'regress',
        '--batch-size',
        '4',
        '--out',
        at('mass.safetensors'),
      ],
    ])
      expect(await runHere(words)).toMatchObject({ status: 0 });
  });

  it('finds model and data of a run, and measures on the rows that were set aside', async () => {
    const { runs, bytes } = await report(at('penguins.jsonl'), '--out', at('penguins.html'));
    const network = await Network.load(at('penguins.safetensors'));
    const lines = (await readFile(at('penguins.jsonl'), 'utf8')).trimEnd().split('\n');
    const end = JSON.parse(lines.at(-1) as string);
    expect(runs).toMatchObject([
      {
        name: 'penguins',
        digest: network.digest(),
        on: 'examples of penguins set aside',
        accuracy: end.validation.accuracy,
        remarks: [],
      },
    ]);
    const html = await readFile(at('penguins.html'), 'utf8');
    expect(Buffer.byteLength(html)).toBe(bytes);
    expect(html).toContain('Confusion matrix');
  });

  it('takes a model, a log or their name, and other data', async () => {
    const lines = (await readFile(PENGUINS, 'utf8')).split('\n');
    await writeFile(at('complete.csv'), lines.filter((line) => !line.includes('NA')).join('\n'));
    const data = ['--data', at('complete.csv')];
    const [byModel, byName] = await Promise.all([
      report(at('penguins.safetensors'), ...data, '--out', at('by-model.html')),
      report(at('penguins'), ...data, '--out', at('by-name.html')),
    ]);
    expect(byModel.runs).toEqual(byName.runs);
    expect(byModel.runs[0]?.on).toBe('examples of complete.csv');
    const { worst } = byModel.runs[0] as Answer['runs'][0];
    for (const { truth, said } of worst ?? []) expect(truth).not.toBe(said);
  });

  it('shows what a regression misses by most, row by row', async () => {
    const { runs } = await report(at('mass.jsonl'), '--examples', '5', '--out', at('mass.html'));
    expect(runs[0]?.worst).toHaveLength(5);
    expect(runs[0]?.rmse).toBeGreaterThan(0);
    const html = await readFile(at('mass.html'), 'utf8');
    expect(html).toContain('bill_length_mm');
    // The run was trained in mini-batches.
    expect(html).toContain('updates rounded to 0');
  });

  it('finds data that moved together with the log, and says so if there are none', async () => {
    await mkdir(at('moved'), { recursive: true });
    await copyFile(PENGUINS, at('moved/my-penguins.csv'));
    const words = [
      'train',
      '--data',
      at('moved/my-penguins.csv'),
      '--label',
      'species',
      '--on-missing',
      'skip',
    ];
    const trained = await runHere([
      ...words,
      '--quiet',
      '--epochs',
      '1',
      '--out',
      at('moved/run.safetensors'),
    ]);
    expect(trained.status).toBe(0);
    await mkdir(at('elsewhere'), { recursive: true });
    for (const name of ['my-penguins.csv', 'run.jsonl', 'run.safetensors'])
      await copyFile(at(`moved/${name}`), at(`elsewhere/${name}`));
    await rm(at('moved'), { recursive: true });
    const found = await report(at('elsewhere/run.jsonl'), '--out', at('found.html'));
    expect(found.runs[0]).toMatchObject({ on: 'examples of my-penguins set aside', remarks: [] });
    await rm(at('elsewhere/my-penguins.csv'));
    const missing = await report(at('elsewhere/run.jsonl'), '--out', at('missing.html'));
    expect(missing.runs[0]?.worst).toBeNull();
    expect(missing.runs[0]?.remarks.join()).toContain('not available');
    expect(missing.runs[0]?.accuracy).toBeGreaterThan(0);
  });

  it('does not take the model of another run for its own', async () => {
    await copyFile(at('penguins.jsonl'), at('stranger.jsonl'));
    await copyFile(at('mass.safetensors'), at('stranger.safetensors'));
    const { runs } = await report(at('stranger.jsonl'), '--out', at('stranger.html'));
    expect(runs[0]?.model).toBeNull();
    expect(runs[0]?.remarks.join()).toContain('another run');
  });

  it('shows all runs of a log that several share, and one that has not ended', async () => {
    const first = await readFile(at('penguins.jsonl'), 'utf8');
    const second = first
      .replaceAll(/"run":"[^"]*"/g, '"run":"second"')
      .trimEnd()
      .split('\n')
      .slice(0, -1);
    await writeFile(at('shared.jsonl'), `${first}${second.join('\n')}\n{"type":"epoch","ru`);
    const { runs } = await report(at('shared.jsonl'), '--all', '--out', at('shared.html'));
    expect(runs.map(({ name }) => name)).toEqual(['shared (1)', 'shared (2)']);
    expect(runs[1]?.remarks.join()).toContain('has not ended');
    expect((await report(at('shared.jsonl'), '--out', at('shared.html'))).runs).toHaveLength(1);
  });

  it('replaces a report, and other files only with --force', async () => {
    await writeFile(at('thesis.html'), '<p>years of work</p>');
    await expectMistake(['report', at('penguins.jsonl'), '--out', at('thesis.html')], {
      status: 1,
      code: 'FILE_ACCESS',
      says: ['thesis.html', '--force'],
    });
    await report(at('penguins.jsonl'), '--out', at('thesis.html'), '--force');
    await report(at('penguins.jsonl'), '--out', at('thesis.html'));
  });

  it.each([
    { name: 'no such file', content: undefined, code: 'FILE_NOT_FOUND', says: 'no file' },
    { name: 'no log', content: 'hello\n', code: 'INVALID_FILE', says: 'not a run log' },
    {
      name: 'wrong types',
      content: '{"type":"start","run":"1","network":{"layers":"many"},"fit":{},"data":{}}\n',
      code: 'INVALID_FILE',
      says: 'network.layers',
    },
  ])('refuses $name', async ({ content, code, says }) => {
    const file = at('wrong.jsonl');
    await rm(file, { force: true });
    if (content !== undefined) await writeFile(file, content);
    await expectMistake(['report', file, '--out', at('wrong.html')], { status: 1, code, says: [says] });
  });

  it('refuses data in a log that are not options', async () => {
    const log = (await readFile(at('penguins.jsonl'), 'utf8')).replace('"onMissing":"skip"', '"onMissing":7');
    await writeFile(at('penguins7.jsonl'), log);
    await copyFile(at('penguins.safetensors'), at('penguins7.safetensors'));
    const { runs } = await report(at('penguins7.jsonl'), '--out', at('seven.html'));
    expect(runs[0]?.remarks.join()).toContain('--on-missing');
  });
});
