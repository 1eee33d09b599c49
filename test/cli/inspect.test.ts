import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { native } from '../../lib/engine/native.js';
import { Learner } from '../../lib/index.js';
import { expectMistake, PENGUINS, runHere, workFolder } from './run.js';

const cwd = workFolder();
const at = (name: string) => join(cwd(), name);

beforeAll(async () => {
  const penguins = ['train', '--data', PENGUINS, '--label', 'species', '--on-missing', 'skip', '--quiet'];
  const network = [
    '--layers',
    '32',
    '--density',
    '0.5,1',
    '--weight-bits',
    '8',
    '--epochs',
    '3',
    '--seed',
    '4',
  ];
  await runHere([...penguins, ...network, '--out', at('species.safetensors')]);
});

describe('sparse-train inspect', () => {
  it('describes a model as JSON', async () => {
    const { status, stdout } = await runHere(['inspect', at('species.safetensors'), '--json']);
    expect(status).toBe(0);
    const facts = JSON.parse(stdout) as Record<string, unknown>;
    expect(facts).toMatchObject({
      layers: [9, 32, 3],
      seed: 4,
      arithmetic: { kind: 'wide', weightBits: 8, weightFraction: 6 },
      classes: ['Adelie', 'Chinstrap', 'Gentoo'],
      scaling: 'robust',
      training: { epochs: 3 },
      provenance: { node: process.version, isa: native().currentKernelSet() },
      isa: native().currentKernelSet(),
    });
    expect(stdout).not.toContain('kernelSet');
    const [first] = facts.junctions as { edges: number; weights: { histogram: { counts: number[] } } }[];
    expect(first?.weights.histogram.counts.reduce((sum, bin) => sum + bin, 0)).toBe(first?.edges);
  });

  it('draws it, in 80 columns', async () => {
    const { status, stdout } = await runHere(['inspect', at('species.safetensors')]);
    expect(status).toBe(0);
    for (const part of [
      '9 - 32 - 3, relu, softmax',
      'junction 1 of 2',
      '8 bits, 6 after the point',
      'island (3 categories)',
      'Adelie, Chinstrap, Gentoo',
      'robust (9 columns)',
      '3 epochs',
      '█',
    ]) {
      expect(stdout).toContain(part);
    }
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
  });

  it('shows how many inputs the number format clipped, as the report does', async () => {
    const rows = ['income <b>,age,kind', '50,1,a', '60,2,b', '1,3,a', '2,4,b'];
    await writeFile(at('income.csv'), rows.join('\n'));
    const training = ['train', '--data', at('income.csv'), '--label', 'kind', '--layers', '4', '--quiet'];
    const settings = [
      '--scaling',
      'none',
      '--validation',
      '0',
      '--epochs',
      '1',
      '--out',
      at('income.safetensors'),
    ];
    expect(await runHere([...training, ...settings])).toMatchObject({ status: 0 });
    const { stdout } = await runHere(['inspect', at('income.safetensors')]);
    expect(stdout).toMatch(/clipped inputs +2 of 8 \(25\.00 %\): income <b> 50\.00 %/);
    expect(JSON.parse((await runHere(['inspect', at('income.safetensors'), '--json'])).stdout)).toMatchObject(
      {
        clippedInputs: { values: 8, clipped: 2, features: [{ feature: 0, name: 'income <b>', share: 0.5 }] },
      },
    );
    const report = await runHere(['report', at('income.safetensors'), '--out', at('income.html')]);
    expect(report).toMatchObject({ status: 0 });
    const page = await readFile(at('income.html'), 'utf8');
    expect(page).toContain('2 of 8 (25.00 %)');
    expect(page).toMatch(/income &lt;b&gt;<\/t[dh]>\s*<td[^>]*>50\.00 %/);
  });

  it.each([
    { words: [], status: 2, code: 'MISSING_ARGUMENT', says: ['model'] },
    {
      words: ['a', 'b'],
      status: 2,
      code: 'UNEXPECTED_ARGUMENT',
      says: ['too many arguments', 'at most 1 taken'],
    },
    { words: ['none.safetensors'], status: 1, code: 'FILE_NOT_FOUND', says: ['none.safetensors'] },
    { words: [PENGUINS], status: 1, code: 'INVALID_FILE', says: ['not a usable model'] },
  ] as const)('refuses $words', ({ words, ...mistake }) => expectMistake(['inspect', ...words], mistake));
});

describe('inspect of a learner', () => {
  it('shows what it has learned, and other commands say what it is', async () => {
    const rows = Array.from({ length: 60 }, (_, i) => `${i % 7},place ${i % 3},${i % 7 > 3 ? 'yes' : 'no'}`);
    await writeFile(at('rows.csv'), ['a,where,label', ...rows].join('\n'));
    const file = at('learner.safetensors');
    expect(await runHere(['stream', at('rows.csv'), '--quiet', '--out', file])).toMatchObject({ status: 0 });
    const { status, stdout } = await runHere(['inspect', file]);
    expect(status).toBe(0);
    for (const part of ['60 rows learned', 'one of 2 classes: no, yes', 'accuracy', 'where', 'a  '])
      expect(stdout).toContain(part);
    const json = JSON.parse((await runHere(['inspect', file, '--json'])).stdout) as Record<string, unknown>;
    const learner = await Learner.load(file);
    expect(json).toMatchObject({ rows: 60, classes: [['no', 'yes']], digest: learner.digest() });
    expect(json.targets).toEqual([JSON.parse(JSON.stringify(learner.metrics()))]);
    for (const words of [
      ['predict', file],
      ['evaluate', file, '--data', at('rows.csv')],
      ['export', file, '--out', at('x.onnx')],
    ])
      expect((await runHere(words)).stderr).toContain('it holds a learner, not a network');
  });
});
