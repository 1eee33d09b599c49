import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../lib/base/random.js';
import { Learner } from '../../lib/index.js';
import { runHere } from '../cli/run.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stream-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Rows of CSV text whose class depends on a number and a zone; the zone is a code with leading zeros. */
function csvLines(count: number): string[] {
  const random = new Random(3);
  const lines = ['size,zone,class'];
  for (let i = 0; i < count; i++) {
    const size = random.below(1000) / 10;
    const zone = ['007', '7', '08'][random.below(3)] as string;
    lines.push(
      `${random.below(10) === 0 ? '' : size},${zone},${zone === '007' ? 'agent' : size > 50 ? 'big' : 'small'}`,
    );
  }
  return lines;
}

async function fileOf(name: string, lines: readonly string[]): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}

describe('sparse-train stream', () => {
  it('scores every row before it is learned, and writes a learner that continues', async () => {
    const lines = csvLines(3000);
    const out = join(folder, 'live.safetensors');
    const whole = await runHere([
      'stream',
      await fileOf('whole.csv', lines),
      '--json',
      '--compare',
      '--window',
      '500',
    ]);
    const document = JSON.parse(whole.stdout) as Record<string, never>;
    expect(document).toMatchObject({ rows: 3000, target: 'class', label: 'class', skipped: 0 });
    expect(document).toMatchObject({
      kappa: expect.any(Number),
      logLoss: expect.any(Number),
      drifts: [],
      rowsPerSecond: expect.any(Number),
    });
    expect(document.accuracy).toBeGreaterThan(0.9);
    expect(document.windows).toHaveLength(6);
    expect(document.baselines).toMatchObject({ 'the most frequent class': { rows: 3000 } });

    const head = lines[0] as string;
    await runHere([
      'stream',
      await fileOf('first.csv', lines.slice(0, 1201)),
      '--out',
      out,
      '--quiet',
      '--window',
      '500',
    ]);
    const rest = await fileOf('rest.csv', [head, ...lines.slice(1201)]);
    const second = await runHere(['stream', rest, '--from', out, '--json']);
    const { digest, accuracy, kappa } = document;
    expect(JSON.parse(second.stdout)).toMatchObject({ rows: 3000, digest, accuracy, kappa });
  });

  it('reads JSON lines from standard input like CSV from a file', async () => {
    const lines = csvLines(400);
    const csv = JSON.parse((await runHere(['stream', await fileOf('a.csv', lines), '--json'])).stdout) as {
      digest: string;
    };
    const json = lines.slice(1).map((line) => {
      const [size, zone, label] = line.split(',') as [string, string, string];
      const number = zone === '7' ? 7 : zone;
      return JSON.stringify({ ...(size === '' ? {} : { size: Number(size) }), zone: number, class: label });
    });
    const piped = await runHere(['stream', '-', '--label', 'class', '--json'], `${json.join('\n')}\n`);
    expect(JSON.parse(piped.stdout)).toMatchObject({ rows: 400, digest: csv.digest });
  });

  it('reads Parquet with more hidden neurons than by default', async () => {
    const file = fileURLToPath(new URL('../datasets/files/snappy.parquet', import.meta.url));
    const wide = await runHere(['stream', file, '--json', '--hidden', '128']);
    const usual = await runHere(['stream', file, '--json']);
    const [one, other] = [wide, usual].map(
      ({ stdout }) => JSON.parse(stdout) as { rows: number; bytes: number },
    );
    expect(one?.rows).toBe(other?.rows);
    expect(one?.bytes).toBe(2 * (other?.bytes ?? 0));
  });

  it('keeps what was learned before a row that is wrong, and names the row', async () => {
    const lines = csvLines(600);
    lines[301] = '1,2';
    const file = await fileOf('bad.csv', lines);
    const out = join(folder, 'bad.safetensors');
    const { status, stderr } = await runHere(['stream', file, '--out', out]);
    expect(status).toBe(1);
    expect(stderr).toContain('line 302 has 2 fields, but there are 3 columns');
    expect(stderr).toContain(`300 rows had been learned; they are in ${out}`);
    expect((await Learner.load(out)).rows).toBe(300);
    const skipping = await runHere(['stream', file, '--on-bad', 'skip', '--json']);
    expect(JSON.parse(skipping.stdout)).toMatchObject({ rows: 599, skipped: 1 });
  });

  it('names a row of JSON that cannot be learned', async () => {
    const lines = ['{"a":1,"label":"x"}', '{"a":{"b":["y",1]},"label":"x"}', 'nonsense', '{"a":2}'];
    const file = await fileOf('rows.ndjson', lines);
    expect((await runHere(['stream', file])).stderr).toContain('line 2: field "a.b[1]" is 1');
    const skipping = await runHere(['stream', file, '--on-bad', 'skip', '--json']);
    expect(JSON.parse(skipping.stdout)).toMatchObject({ rows: 1, skipped: 3 });
  });

  it.each<[string, string[], string]>([
    ['a label that is not there', ['--label', 'clas'], 'did you mean "class"?'],
    ['a kind of column that is not known', ['--column', 'zone=zip'], 'zip=category'],
    ['a window that is too small', ['--window', '2'], '10 to 1000000'],
  ])('refuses %s', async (_, words, message) => {
    const { status, stderr } = await runHere([
      'stream',
      await fileOf('mistakes.csv', csvLines(20)),
      ...words,
    ]);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });

  describe('with a learner of the columns size and zone', () => {
    const from = () => join(folder, 'sized.safetensors');
    const row = { size: 3, zone: '007', class: 'agent' };
    beforeAll(async () => {
      await runHere(['stream', await fileOf('sized.csv', csvLines(50)), '--quiet', '--out', from()]);
    });

    it.each([
      ['CSV', 'Size,zone,class\n3,007,agent', 'no column "size", which the learner knows; is it "Size"?'],
      ['CSV', 'w,h,class\n3,007,agent', 'which the learner knows; its columns are w, h'],
      [
        'CSV',
        'class,zone,size\nagent,007,3',
        'predicts from "size", which would be the label here; name the column to predict with --label',
      ],
      ['JSON lines', '{"size ":3,"zone":"007","class":"agent"}', 'is it "size "?'],
      ['JSON lines', '{"a":3,"class":"agent"}', 'its columns are a'],
    ])('refuses %s with other names: %s', async (_, text, says) => {
      const words = text.startsWith('{') ? ['--label', 'class'] : [];
      const { status, stderr } = await runHere([
        'stream',
        await fileOf('others.txt', [text]),
        '--from',
        from(),
        ...words,
      ]);
      expect({ status, stderr }).toMatchObject({ status: 1 });
      expect(stderr).toContain(says);
    });

    it.each([
      ['in another order', { zone: '7', size: 4, class: 'big' }],
      ['and a new one', { ...row, height: 3 }],
      ['without one of them', { zone: '7', class: 'big' }],
      ['without one, but with one of a similar name', { size2: 7, zone: '7', class: 'big' }],
    ])('takes them %s', async (_, given) => {
      const file = await fileOf('others.ndjson', [JSON.stringify(given)]);
      const { status, stderr } = await runHere([
        'stream',
        file,
        '--from',
        from(),
        '--label',
        'class',
        '--quiet',
      ]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    });
  });

  it('learns numbers, and writes a page with curves', async () => {
    const random = new Random(5);
    const rows = Array.from({ length: 1500 }, () => {
      const x = random.below(1000) / 100;
      return `${x},${(3 * x + random.below(100) / 100).toFixed(3)}`;
    });
    const page = join(folder, 'page.html');
    const file = await fileOf('numbers.csv', ['x,y', ...rows]);
    const { stdout } = await runHere(['stream', file, '--json', '--window', '300', '--report', page]);
    const { r2, target } = JSON.parse(stdout) as { r2: number; target: string };
    expect(target).toBe('number');
    expect(r2).toBeGreaterThan(0.9);
    const html = await readFile(page, 'utf8');
    expect(html).toContain('Each of 1,499 rows was predicted before it was learned.');
    expect(html).toContain('data-chart="r2"');
  });
});
