import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { csvRowEncoder, loadDataset, Network } from '../../lib/index.js';
import { readRows } from '../../lib/public/data.js';
import { expectMistake, PENGUINS, runHere, start, workFolder } from './run.js';

const cwd = workFolder();
const at = (name: string) => join(cwd(), name);

const GENTOO = {
  island: 'Biscoe',
  bill_length_mm: 48.2,
  bill_depth_mm: 14.3,
  flipper_length_mm: 219,
  body_mass_g: 5100,
  sex: 'female',
};

beforeAll(async () => {
  const penguins = ['train', '--data', PENGUINS, '--on-missing', 'skip', '--quiet'];
  await Promise.all([
    runHere([...penguins, '--label', 'species', '--out', at('species.safetensors')]),
    runHere([...penguins, '--label', 'body_mass_g', '--out', at('mass.safetensors')]),
    runHere([...penguins, '--label', 'sex', '--output-layer', 'sigmoid', '--out', at('sex.safetensors')]),
    runHere(['mnist', '--layers', '16', '--epochs', '1', '--quiet', '--out', at('mnist.safetensors')]),
  ]);
  const lines = (await readFile(PENGUINS, 'utf8')).split('\n').filter((line) => !line.includes('NA'));
  await writeFile(at('whole.csv'), lines.join('\n'));
});

const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

async function predict(words: readonly string[], input?: string, remark = '') {
  const { status, stdout, stderr } = await runHere(['predict', ...words], input);
  expect({ status, stderr }).toEqual({ status: 0, stderr: remark });
  return stdout;
}

describe('sparse-train predict', () => {
  it('says of every row of a CSV file what the API says', async () => {
    const predictions = lines(await predict([at('species.safetensors'), at('whole.csv'), '--scores']));
    const network = await Network.load(at('species.safetensors'));
    const { inputs } = await readRows(at('whole.csv'), network.schema);
    expect(predictions).toHaveLength(inputs.rows);
    const { decisions, scores } = await network.predictBatch(inputs);
    for (const [i, prediction] of predictions.entries()) {
      expect(prediction).toMatchObject({ line: i + 2, class: network.classes?.[decisions[i] as number] });
      const told = Object.values(prediction.scores as Record<string, number>);
      for (const [k, score] of told.entries()) expect(score).toBeCloseTo(scores[3 * i + k] as number, 4);
    }
  });

  it('says what it filled in, in lines of JSON and of CSV, or refuses such rows', async () => {
    const model = at('species.safetensors');
    const json = `${JSON.stringify({ ...GENTOO, island: 'Mars', sex: null })}\n`;
    const csv = `${Object.keys(GENTOO).join()}\nMars,48.2,14.3,219,5100,\n`;
    for (const [input, name] of [
      [json, 'standard input'],
      [csv, 'standard input'],
    ] as const) {
      const remark = [
        `${name}: missing values were filled in (sex 1); see --on-missing`,
        `${name}: categories that the training data did not have count as none of the known ones (island 1); see --on-unknown`,
        '',
      ].join('\n');
      expect(lines(await predict([model], input, remark))).toMatchObject([{ class: 'Gentoo' }]);
      const wrong = await runHere(['predict', model], input.replace('48.2', '"long"'));
      expect(wrong).toMatchObject({ status: 1, stderr: '1 of 1 row could not be read\n' });
      const strict = await runHere(['predict', model, '--on-missing', 'error'], input);
      expect(strict.status).toBe(1);
      expect(strict.stdout).toContain('\\"sex\\" is missing');
      const known = await runHere(['predict', model, '--on-unknown', 'error'], input);
      expect(known.status).toBe(1);
      expect(known.stdout).toContain('Mars');
    }
  });

  it('reads JSON objects, JSON arrays and CSV lines from standard input alike', async () => {
    const model = at('species.safetensors');
    const values = Object.values(GENTOO);
    const texts = [
      JSON.stringify(GENTOO),
      `\n${JSON.stringify({ ...GENTOO, name: 'Bo' })}\r\n`,
      JSON.stringify(values),
      `${Object.keys(GENTOO).join(',')}\n${values.join(',')}\n`,
      `sex;${Object.keys(GENTOO).slice(0, 5).join(';')}\r\nfemale;${values.slice(0, 5).join(';')}\r\n`,
      values.join(','),
      `"${values.join('","')}"`,
    ];
    const places = `standard input has no names of columns, so they are taken by their places: ${Object.keys(GENTOO).join(', ')}\n`;
    const said = await Promise.all(
      texts.map(async (text, i) => lines(await predict([model], text, i < 5 ? '' : places))),
    );
    expect(said.map(([first]) => first?.class)).toEqual(texts.map(() => 'Gentoo'));
    expect(said.map(([first]) => first?.line)).toEqual([1, 2, 1, 2, 2, 1, 1]);
  });

  it('predicts numbers, and yes or no', async () => {
    const penguin = { ...GENTOO, species: 'Gentoo' };
    const network = await Network.load(at('mass.safetensors'));
    if (network.schema === undefined) throw new Error('the model has no schema');
    const [expected] = network.predict(csvRowEncoder(network.schema)(penguin));
    const said = lines(await predict([at('mass.safetensors')], JSON.stringify(penguin)));
    expect(said).toEqual([{ line: 1, value: expected }]);
    expect(expected).toBeGreaterThan(4500);
    const [sex] = lines(await predict([at('sex.safetensors'), '--scores'], JSON.stringify(penguin)));
    const { female = 0, male = 0 } = (sex?.scores ?? {}) as Record<string, number>;
    expect(female + male).toBeCloseTo(1, 4);
    expect(sex?.probability).toBe(Math.max(female, male));
  });

  it('writes CSV', async () => {
    const text = await predict([at('species.safetensors'), at('whole.csv'), '--to', 'csv', '--scores']);
    const [names, first] = text.split('\n');
    expect(names).toBe('line,class,probability,Adelie,Chinstrap,Gentoo');
    expect(first).toMatch(/^2,Adelie,[\d.]+,[\d.]+,[\d.e-]+,[\d.e-]+$/);
    expect(text.trimEnd().split('\n')).toHaveLength(334);
  });

  it('gives rows that cannot be read an error with their line, and continues', async () => {
    const input = [
      JSON.stringify(GENTOO),
      '{ "island"',
      JSON.stringify({ ...GENTOO, bill_length_mm: 'long' }),
      '[1, 2]',
    ];
    const { status, stdout, stderr } = await runHere(
      ['predict', at('species.safetensors')],
      input.join('\n'),
    );
    expect(status).toBe(1);
    expect(stderr).toBe('3 of 4 rows could not be read\n');
    expect(lines(stdout)).toMatchObject([
      { line: 1, class: 'Gentoo' },
      { line: 2, error: { message: expect.stringContaining('not JSON') } },
      { line: 3, error: { message: expect.stringContaining('"long" is not a number') } },
      { line: 4, error: { message: expect.stringContaining('2 values') } },
    ]);
    const asCsv = await runHere(['predict', at('species.safetensors'), '--to', 'csv'], input.join('\n'));
    expect(asCsv.stdout).toMatch(/^line,class,probability\n1,Gentoo,[\d.]+\n$/);
    expect(asCsv.stderr).toMatch(/error: line 2: .*\nerror: line 3: .*\nerror: line 4: /);
  });

  it('reads IDX files, plain and gzip, and the named data set', async () => {
    const { test } = await loadDataset('mnist');
    const network = await Network.load(at('mnist.safetensors'));
    const header = Buffer.from([0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 28, 0, 0, 0, 28]);
    const images = Buffer.concat([header, test.inputs.data.subarray(0, 5 * 784) as Uint8Array]);
    await writeFile(at('images'), images);
    await writeFile(at('images.gz'), gzipSync(images));
    const model = at('mnist.safetensors');
    const [plain, zipped, named] = await Promise.all(
      [at('images'), at('images.gz'), 'mnist'].map(async (input) => lines(await predict([model, input]))),
    );
    const classes = [0, 1, 2, 3, 4].map((i) => String(network.classify(test.inputs.row(i))));
    expect(plain?.map((prediction) => prediction.class)).toEqual(classes);
    expect(plain?.map(({ row }) => row)).toEqual([1, 2, 3, 4, 5]);
    expect(zipped).toEqual(plain);
    expect(named).toHaveLength(10_000);
    expect(named?.slice(0, 5)).toEqual(plain);
    const asText = await predict([model], JSON.stringify({ input: Array.from(test.inputs.row(0)) }));
    expect(lines(asText)[0]?.class).toBe(classes[0]);
  });

  it('puts everything into one document with --json', async () => {
    const text = await predict([at('species.safetensors'), '--json'], JSON.stringify(GENTOO));
    expect(JSON.parse(text)).toMatchObject({
      rows: 1,
      errors: 0,
      predictions: [{ line: 1, class: 'Gentoo' }],
    });
  });

  it('answers each line as soon as it arrives', async () => {
    const { child, ended } = start(['predict', at('species.safetensors')], { cwd: cwd(), keepOpen: true });
    const answer = () => new Promise((resolve) => child.stdout.once('data', resolve));
    for (let i = 0; i < 3; i++) {
      const answered = answer();
      child.stdin.write(`${JSON.stringify(GENTOO)}\n`);
      expect(JSON.parse(String(await answered))).toMatchObject({ line: i + 1 });
    }
    child.stdin.end();
    expect((await ended).status).toBe(0);
  });

  it('ends quietly when the reader has gone', async () => {
    const { child, ended } = start(['predict', at('mnist.safetensors'), 'mnist'], { cwd: cwd() });
    child.stdout.once('data', () => child.stdout.destroy());
    const { status, stderr } = await ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('refuses wrong usage and files that do not fit', async () => {
    const model = at('species.safetensors');
    const usage = { status: 2, code: 'INVALID_OPTION' } as const;
    await expectMistake(['predict'], { status: 2, code: 'MISSING_ARGUMENT', says: ['model'] });
    await expectMistake(['predict', model, '--to', 'xml'], { ...usage, says: ['--to', 'ndjson, csv'] });
    await expectMistake(['predict', model, '--decimal', ';'], { ...usage, says: ['--decimal'] });
    const failure = (words: string[], code: string, says: string[]) =>
      expectMistake(['predict', ...words], { status: 1, code, says });
    await failure([model, 'no.csv'], 'FILE_NOT_FOUND', ['no.csv']);
    await failure([model, cwd()], 'INVALID_DATA', ['no .png files']);
    await failure([model, model], 'INVALID_FILE', ['is a safetensors file']);
    await writeFile(at('other.csv'), 'island,bill_length,sex\nDream,40,male\n');
    await failure([model, at('other.csv')], 'INVALID_DATA', ['is it "bill_length"?']);
    await failure([at('mnist.safetensors'), at('other.csv')], 'INVALID_DATA', ['784 inputs']);
  });
});
