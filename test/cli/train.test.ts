import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Network } from '../../lib/index.js';
import { type Ended, expectMistake, PENGUINS, runHere, workFolder } from './run.js';

const cwd = workFolder();
const at = (name: string) => join(cwd(), name);

/** 600 rows: two numbers, and whether their sum is above 10; a second label is the sum itself. */
function sums(rows: number): string {
  let text = 'a,b,large,sum\n';
  for (let i = 0; i < rows; i++) {
    const [a, b] = [(i * 7919) % 101, (i * 104_729) % 97].map((x) => x / 10) as [number, number];
    text += `${a},${b},${a + b > 10 ? 'yes' : 'no'},${(a + b).toFixed(1)}\n`;
  }
  return text;
}

/** An IDX file of bytes. */
function idx(shape: readonly number[], bytes: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  for (const [i, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * i);
  return Buffer.concat([header, bytes]);
}

/** Pictures of 3 x 3 pixels; the number of the brightest column is the class. */
function columns(rows: number): { images: Buffer; labels: Buffer } {
  const pixels = new Uint8Array(9 * rows);
  const labels = Uint8Array.from({ length: rows }, (_, i) => (i * 31) % 3);
  for (let i = 0; i < rows; i++) {
    for (let p = 0; p < 9; p++) pixels[9 * i + p] = p % 3 === labels[i] ? 200 + (i % 50) : (i * p) % 90;
  }
  return { images: idx([rows, 3, 3], pixels), labels: idx([rows], labels) };
}

async function json(words: readonly string[]): Promise<Record<string, unknown>> {
  const { status, stdout, stderr }: Ended = await runHere(['train', ...words, '--json']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, unknown>;
}

beforeAll(async () => {
  await writeFile(at('sums.csv'), sums(600));
  await writeFile(at('more-sums.csv'), sums(100));
  const pictures = columns(300);
  await writeFile(at('images'), pictures.images);
  await writeFile(at('labels'), pictures.labels);
});

/** Valid data. */
const PLAIN = ['--data', PENGUINS, '--on-missing', 'skip', '--quiet', '--no-save'];

describe('the run log of sparse-train train', () => {
  it('says which command and which data it came by', async () => {
    const out = join(cwd(), 'origin.safetensors');
    const words = [
      'train',
      '--data',
      PENGUINS,
      '--label',
      'species',
      '--on-missing',
      'skip',
      '--epochs',
      '1',
    ];
    expect(await runHere([...words, '--out', out])).toMatchObject({ status: 0 });
    const [first = ''] = (await readFile(out.replace('.safetensors', '.jsonl'), 'utf8')).split('\n');
    expect(JSON.parse(first).context).toEqual({
      command: ['sparse-train', ...words, '--out', out],
      data: { name: 'penguins', origin: { data: PENGUINS, label: 'species', onMissing: 'skip' } },
      measured: 'validation',
    });
  });
});

describe('sparse-train train --dry-run', () => {
  const words = ['train', '--data', PENGUINS, '--label', 'species', '--column', 'body_mass_g=category'];

  it('says which column becomes what, and neither trains nor writes', async () => {
    const before = await readdir(cwd());
    const { status, stdout, stderr } = await runHere([...words, '--out', at('dry.safetensors'), '--dry-run']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/species +label: a class +Adelie, Chinstrap, Gentoo\n/);
    expect(stdout).toMatch(/body_mass_g +category +95 +/);
    expect(stdout).toMatch(/sex +category +3 +female, male; missing is a level\n/);
    expect(stdout).toContain('see --on-missing');
    expect(await readdir(cwd())).toEqual(before);
  });

  it('says the same as JSON, and that images have no columns', async () => {
    const plan = JSON.parse((await runHere([...words, '--dry-run', '--json'])).stdout);
    expect(plan).toMatchObject({ data: 'penguins', rows: 344, testRows: null, outputs: 3, sparse: false });
    const widths = (plan.columns as { inputs: number }[]).map(({ inputs }) => inputs);
    expect(widths.reduce((sum, width) => sum + width, 0)).toBe(plan.inputs);
    const images = ['train', '--images', at('images'), '--labels', at('labels'), '--dry-run', '--json'];
    expect(JSON.parse((await runHere(images)).stdout)).toMatchObject({ rows: 300, inputs: 9, columns: null });
  });
});

describe('sparse-train train', () => {
  it('learns classes from a CSV file and writes a model that knows how to read such files', async () => {
    const out = at('large.safetensors');
    const words = [
      '--data',
      at('sums.csv'),
      '--label',
      'large',
      '--ignore',
      'sum',
      '--epochs',
      '30',
      '--out',
      out,
    ];
    const result = await json(words);
    expect(result).toMatchObject({
      data: 'sums',
      layers: [2, 128, 2],
      output: 'softmax',
      model: out,
      measured: 'validation',
      testAccuracy: null,
    });
    expect(result.validationAccuracy).toBeGreaterThan(0.9);
    const { classes, schema } = await Network.load(out);
    expect(classes).toEqual(['no', 'yes']);
    expect(schema?.columns.map(({ kind }) => kind)).toEqual(['number', 'number', 'class', 'ignored']);
  });

  it('learns a number, and measures on test data', async () => {
    const data = ['--data', at('sums.csv'), '--ignore', 'large', '--test', at('more-sums.csv'), '--no-save'];
    const result = await json([...data, '--epochs', '30', '--layers', '32']);
    expect(result).toMatchObject({ output: 'linear', measured: 'test', validation: null, model: null });
    expect((result.test as { r2: number }).r2).toBeGreaterThan(0.95);
  });

  it('learns yes or no with one output', async () => {
    const words = [
      '--data',
      PENGUINS,
      '--label',
      'sex',
      '--on-missing',
      'skip',
      '--output-layer',
      'sigmoid',
      '--layers',
      '128',
      '--no-save',
    ];
    const { layers, validationAccuracy } = await json([...words, '--quiet']);
    expect(layers).toEqual([10, 128, 1]);
    expect(validationAccuracy).toBeGreaterThan(0.7);
  });

  it('calibrates by rows that are set aside, never by the test data', async () => {
    const data = ['--data', at('sums.csv'), '--label', 'large', '--ignore', 'sum', '--no-save'];
    const test = ['--test', at('more-sums.csv')];
    const result = await json([...data, ...test, '--calibration', 'validation']);
    expect(result).toMatchObject({ measured: 'validation', temperature: expect.any(Number) });
    expect((result.validation as { examples: number }).examples).toBe(60);
    expect(await json([...data, '--epochs', '1'])).toMatchObject({ temperature: null });
    const { stdout } = await runHere(['train', ...data, '--calibration', '1.5', '--epochs', '1']);
    expect(stdout).toMatch(/temperature +1\.5/);
  });

  it('tunes a table unless the user chooses, and gives the same network again', async () => {
    const words = ['--data', at('sums.csv'), '--label', 'large', '--ignore', 'sum', '--no-save'];
    const tuned = await json([...words, '--tune', '3']);
    expect(tuned).toMatchObject({ tuning: { trials: 3, folds: 5 }, measured: 'validation' });
    expect(await json([...words, '--tune', '3'])).toMatchObject({ digest: tuned.digest });
    expect(await json([...words, '--tune', '0'])).toMatchObject({ tuning: null });
    expect(await json([...words, '--layers', '8'])).toMatchObject({ tuning: null, layers: [2, 8, 2] });
    const both = await json([...words, '--layers', '8', '--tune', '2']);
    expect(both).toMatchObject({ tuning: { trials: 2 }, layers: expect.arrayContaining([8]) });
    const pair = await json(['--images', at('images'), '--labels', at('labels'), '--no-save']);
    expect(pair).toMatchObject({ tuning: null, layers: [9, 128, 3] });
  });

  it('tunes no table whose rows are sparse, and makes its first junction dense', async () => {
    const lines = Array.from({ length: 400 }, (_, i) => `user${i % 300},${i % 2 ? 'yes' : 'no'}`);
    await writeFile(at('users.csv'), ['user,bought', ...lines].join('\n'));
    const words = [
      '--data',
      at('users.csv'),
      '--column',
      'user=category',
      '--max-categories',
      '100',
      '--no-save',
    ];
    const sparse = await json([...words, '--epochs', '1']);
    expect(sparse).toMatchObject({ layers: [1024, 128, 2], edges: 1024 * 128 + 256 });
    expect(await json(words)).toMatchObject({ tuning: null, layers: [1024, 128, 2] });
  });

  it('says what it has chosen, and without other rows measures on those that were held out', async () => {
    const words = ['--data', at('sums.csv'), '--label', 'sum', '--tune', '2', '--validation', '0'];
    const { stdout } = await runHere(['train', ...words, '--no-save']);
    expect(stdout).toMatch(/off by [\d.]+ on the 600 validation examples/);
    expect(stdout).toMatch(/tuned +2 recipes on 5 folds: loss [\d.]+ \(usual recipe [\d.]+\)/);
    expect(stdout).toMatch(/recipe +128 neurons, decay \d+ \/ rows, 20 epochs/);
  });

  it('makes models whose important columns inspect names, not their inputs', async () => {
    const out = at('important.safetensors');
    const data = ['--data', PENGUINS, '--on-missing', 'skip', '--tune', '0'];
    expect(await runHere(['train', ...data, '--label', 'species', '--out', out])).toMatchObject({
      status: 0,
    });
    const lines = (await readFile(PENGUINS, 'utf8')).split('\n');
    const whole = lines.filter((line) => line !== '' && !/(^|,)(NA)?(,|$)/.test(line));
    await writeFile(at('whole.csv'), `${whole.join('\n')}\n`);
    const words = ['inspect', out, '--importance', at('whole.csv')];
    const { importance } = JSON.parse((await runHere([...words, '--json'])).stdout) as {
      importance: { column: string; loss: number }[];
    };
    expect(importance.map(({ column }) => column).sort()).toEqual([
      'bill_depth_mm',
      'bill_length_mm',
      'body_mass_g',
      'flipper_length_mm',
      'island',
      'sex',
    ]);
    expect(importance[0]?.column).toBe('bill_length_mm');
    const { stdout } = await runHere(words);
    expect(stdout).toMatch(/if a column is shuffled\n.*column +loss +score\n.*bill_length_mm/);
  });

  it('takes weight decay and epochs from the rows of a table, not from those of images', async () => {
    const table = ['--data', at('sums.csv'), '--no-save'];
    const large = await json([...table, '--label', 'large', '--ignore', 'sum', '--tune', '0']);
    expect(large).toMatchObject({ weightDecay: 0.00333, epochs: 20 });
    const sum = await json([...table, '--label', 'sum', '--ignore', 'large', '--epochs', '2']);
    expect(sum).toMatchObject({ weightDecay: 6 / 600, epochs: 2 });
    const pair = await json(['--images', at('images'), '--labels', at('labels'), '--no-save']);
    expect(pair).toMatchObject({ weightDecay: 0, epochs: 20 });
  });

  it('learns from a pair of IDX files', async () => {
    const files = ['--images', at('images'), '--labels', at('labels')];
    const tests = ['--test-images', at('images'), '--test-labels', at('labels')];
    const result = await json([...files, ...tests, '--layers', '16', '--out', at('idx.safetensors')]);
    expect(result).toMatchObject({ data: 'images', layers: [9, 16, 3], measured: 'test' });
    expect(result.testAccuracy).toBe(1);
  });

  it('stops early by a validation, never by the test data', async () => {
    const words = [
      '--data',
      at('sums.csv'),
      '--label',
      'large',
      '--test',
      at('more-sums.csv'),
      '--patience',
      '2',
    ];
    const result = await json([...words, '--epochs', '500', '--no-save']);
    expect(result).toMatchObject({ stopped: 'early', measured: 'validation' });
    expect(result.epochs).toBeLessThan(500);
    expect(result.bestEpoch).toBe((result.epochs as number) - 2);
    expect(result.testAccuracy).toBeGreaterThan(0.8);
  });

  it('takes everything from a file, paths relative to it; the command line wins', async () => {
    const config = {
      data: 'sums.csv',
      label: 'large',
      ignore: ['sum'],
      layers: [24],
      density: [0.5, 1],
      pattern: 'structured',
      learningRate: 0.01,
      decay: 'step:0.5:2',
      weightBits: 12,
      momentum: 0.9,
      epochs: 4,
      seed: 9,
      classWeights: 'balanced',
      out: 'configured.safetensors',
    };
    await writeFile(at('run.json'), JSON.stringify(config));
    const result = await json([
      '--config',
      at('run.json'),
      '--epochs',
      '3',
      '--layers',
      '8,8',
      '--density',
      '0.5',
    ]);
    expect(result).toMatchObject({
      layers: [2, 8, 8, 2],
      patterns: ['structured', 'structured', 'structured'],
      arithmetic: { weightBits: 12, weightFraction: 8 },
      momentum: 0.9,
      epochs: 3,
      seed: 9,
      model: at('configured.safetensors'),
    });
    const rates = (result.history as { learningRate: number }[]).map(({ learningRate }) => learningRate);
    expect(rates).toEqual([0.01, 0.01, 0.005]);
    expect(await readFile(at('configured.jsonl'), 'utf8')).toContain('"classWeights":"balanced"');
  });

  it('replaces the source of data of a file with another', async () => {
    await writeFile(at('csv.json'), JSON.stringify({ data: 'sums.csv', epochs: 1, save: false }));
    const words = ['--config', at('csv.json'), '--images', at('images'), '--labels', at('labels')];
    expect(await json(words)).toMatchObject({ data: 'images', epochs: 1, model: null });
  });

  it('shows people the result, as a curve if there are many epochs', async () => {
    const words = ['--data', at('sums.csv'), '--label', 'large', '--epochs', '12', '--no-save'];
    const { status, stdout } = await runHere(['train', ...words]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/sums: [\d.]+ % of the 60 validation examples right/);
    expect(stdout).toContain('wrong (validation) by epoch');
    expect(stdout).toMatch(/baseline +"(yes|no)" for every example: [\d.]+ % right/);
    expect(stdout).toMatch(/log loss +[\d.]+; 0\.[67]\d+ if the shares of the classes are predicted/);
    expect(stdout).toMatch(
      /ranking +AUC (0\.9\d+|1\.000), average precision (0\.9\d+|1\.000) \("(yes|no)"\)/,
    );
    expect(stdout).toMatch(/threshold +from 0\.\d+ on: finds \d+ %, \d+ % of them right/);
    expect(stdout).toMatch(/[\u2801-\u28ff]{3}/);
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
  });

  it('compares a number with the mean', async () => {
    const words = ['--data', at('sums.csv'), '--label', 'sum', '--epochs', '2', '--no-save'];
    const { stdout } = await runHere(['train', ...words]);
    expect(stdout).toMatch(/baseline +the mean for every example is off by [34]/);
  });

  it('replaces a model, and other files only with --force; prints nothing with --quiet', async () => {
    const other = at('other.txt');
    await writeFile(other, 'not a model');
    const words = ['train', '--data', at('sums.csv'), '--epochs', '1', '--out', other, '--quiet'];
    const nothing = { status: 0, stdout: '', stderr: '' };
    expect(await runHere([...words, '--force'])).toEqual(nothing);
    expect(await runHere(words)).toEqual(nothing);
    expect((await Network.load(other)).training.epochs).toBe(1);
  });

  it.each([
    { words: [], code: 'INVALID_OPTION', says: ['--data', '--images'] },
    {
      words: [...PLAIN, '--tune', '2', '--patience', '3'],
      code: 'INVALID_OPTION',
      says: ['--tune', '--patience'],
    },
    {
      words: [...PLAIN, '--tune', '2', '--arithmetic', 'hardware'],
      code: 'INVALID_OPTION',
      says: ['--tune', 'hardware'],
    },
    { words: ['--data', 'mnist', '--tune', '2'], code: 'INVALID_OPTION', says: ['--tune', 'tables'] },
    { words: ['--data', 'mnist', '--label', 'x'], code: 'INVALID_OPTION', says: ['--label', 'columns'] },
    { words: ['--data', 'x.csv', '--images', 'y'], code: 'INVALID_OPTION', says: ['--data', '--images'] },
    { words: ['--images', 'y'], code: 'INVALID_OPTION', says: ['--labels'] },
    { words: ['--data', 'x.csv', '--test-images', 'y'], code: 'INVALID_OPTION', says: ['--test-labels'] },
    {
      words: ['--data', PENGUINS, '--label', 'spices'],
      code: 'INVALID_OPTION',
      says: ['did you mean "species"'],
    },
    {
      words: ['--data', PENGUINS, '--class-weights', 'even'],
      code: 'INVALID_OPTION',
      says: ['--class-weights'],
    },
    {
      words: [...PLAIN, '--learning-rate', '0.9'],
      code: 'INVALID_OPTION',
      says: ['--learning-rate', '0.25'],
    },
    { words: [...PLAIN, '--momentum', '0.3'], code: 'INVALID_OPTION', says: ['--momentum', '0.5'] },
    { words: ['--data', PENGUINS, '--validation', '1'], code: 'INVALID_OPTION', says: ['--validation'] },
  ])('refuses $words', ({ words, code, says }) =>
    expectMistake(['train', ...words], { status: 2, code, says }),
  );

  it.each([
    {
      words: ['--data', 'mnis'],
      code: 'FILE_NOT_FOUND',
      says: ['mnis', 'did you mean the data set "mnist"'],
    },
    {
      words: ['--data', PENGUINS, '--on-missing', 'error'],
      code: 'INVALID_DATA',
      says: ['line 5', '--on-missing skip'],
    },
    { words: ['--config', 'no.json'], code: 'FILE_NOT_FOUND', says: ['--config', 'no.json'] },
  ])('fails on $words', ({ words, code, says }) =>
    expectMistake(['train', ...words], { status: 1, code, says }),
  );

  it.each([
    {
      text: '{ "epoch": 3 }',
      status: 2,
      code: 'UNKNOWN_OPTION',
      says: ['bad.json', 'did you mean "epochs"?'],
    },
    { text: '{ "epochs": "3" }', status: 2, code: 'INVALID_OPTION', says: ['epochs in bad.json', '"3"'] },
    { text: '{ "density": [0.1, 2] }', status: 2, code: 'INVALID_OPTION', says: ['density[1] in bad.json'] },
    { text: '[]', status: 1, code: 'INVALID_FILE', says: ['a JSON object'] },
    { text: '{', status: 1, code: 'INVALID_FILE', says: ['not JSON'] },
  ] as const)('refuses the configuration $text', async ({ text, ...mistake }) => {
    await writeFile(at('bad.json'), text);
    await expectMistake(['train', '--config', at('bad.json')], mistake);
  });
});
