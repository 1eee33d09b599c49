/** CSV records with line breaks in quotes: predict accepts what train and evaluate accept. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { Network } from '../../lib/index.js';
import { readRows } from '../../lib/public/data.js';
import { runHere, workFolder } from './run.js';

const cwd = workFolder();
const at = (name: string) => join(cwd(), name);

/** Texts with everything that a quoted field may contain. */
const TOWNS = ['New\nYork', 'São\r\nPaulo', 'a "quoted" one', 'x,y', 'plain', 'z\n', '"', '""\n""', 'a\rb'];

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

beforeAll(async () => {
  const rows = Array.from(
    { length: 90 },
    (_, i) => `${quoted(TOWNS[i % TOWNS.length] as string)},${i},${i % 2 === 0 ? 'yes' : 'no'}`,
  );
  await writeFile(at('towns.csv'), `"the\n""town""","size\r\nof it",label\n${rows.join('\n')}\n`);
  const words = ['--label', 'label', '--epochs', '1', '--quiet', '--out', at('towns.safetensors')];
  const { status, stderr } = await runHere(['train', '--data', at('towns.csv'), ...words]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

interface Answer {
  line: number;
  class?: string;
  error?: { code: string; message: string };
}

async function answers(file: string): Promise<Answer[]> {
  const { stdout } = await runHere(['predict', at('towns.safetensors'), file]);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer);
}

describe('predict on records of several lines', () => {
  it('reads the very file that the model was trained on', async () => {
    const predictions = await answers(at('towns.csv'));
    const network = await Network.load(at('towns.safetensors'));
    const { inputs } = await readRows(at('towns.csv'), network.schema);
    const { decisions } = await network.predictBatch(inputs);
    expect(predictions.map((prediction) => prediction.class)).toEqual(
      Array.from(decisions, (decision) => network.classes?.[decision]),
    );
    // The header takes three lines, and the first row takes two.
    expect(predictions.slice(0, 3).map(({ line }) => line)).toEqual([4, 6, 8]);
  });

  it('gives every row its answer, wherever a quote is wrong', async () => {
    await writeFile(
      at('wrong.csv'),
      `"the\n""town""","size\r\nof it"\nplain,1\n"never closed,2\nplain,3\n"New\nYork",4\n"text" behind,5\nplain,6\n"open to the end,7\nplain,8`,
    );
    const told = (await answers(at('wrong.csv'))).map(({ line, error }) =>
      error === undefined ? line : `${line} ${error.code}`,
    );
    expect(told).toEqual([4, '5 INVALID_FILE', 6, 7, '9 INVALID_FILE', 10, '11 INVALID_FILE', 12]);
  });

  it('takes time in proportion to the text, whatever its quotes', async () => {
    const text = `"the\n""town""","size\r\nof it"\n"open,1\n${'""\n'.repeat(20_000)}`;
    await writeFile(at('long.csv'), text);
    const told = await answers(at('long.csv'));
    expect(told).toHaveLength(20_001);
    expect(told.every(({ error }) => error !== undefined)).toBe(true);
  });

  it('finds every record, whatever stands in its quotes', async () => {
    const field = fc.oneof(fc.constantFrom(...TOWNS).map(quoted), fc.constantFrom('plain', 'a "b', ' "x" '));
    const row = fc.tuple(field, fc.integer({ min: 0, max: 99 })).map(([town, size]) => `${town},${size}`);
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 12 }), async (rows) => {
        const file = at('drawn.csv');
        const names = '"the\n""town""","size\r\nof it"';
        await writeFile(file, `${names}\n${rows.join('\n')}`);
        const lines = (await answers(file)).map(({ line }) => line);
        let line = 4;
        const expected = rows.map((text) => {
          const begun = line;
          line += text.split(/\r\n|\n|\r/).length;
          return begun;
        });
        expect(lines).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });
});
