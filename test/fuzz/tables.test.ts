/** Tables as people write them: headers with small mistakes, numbers as text, and damaged text through pipes. */
import { execFileSync } from 'node:child_process';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { readTextFile } from '../../lib/base/files/read-text.js';
import { openCsv } from '../../lib/cli/prediction/row-decoder.js';
import { applySchema, parseCsv } from '../../lib/formats/csv/read.js';
import { openNamedRows } from '../../lib/formats/named-rows.js';
import { NDJSON } from '../../lib/formats/ndjson.js';
import { peekedSource, sourceAt } from '../../lib/formats/source.js';
import { type Dataset, Network, readTable, SparseTrainError } from '../../lib/index.js';
import { numbersOf } from '../datasets/full-rows.js';
import { temporaryFolder } from '../datasets/temporary-folder.js';
import { harmless } from './harmless.js';
import { damaged, TIMEOUT, tries } from './mutations.js';

const write = temporaryFolder();
const stream = (text: string | Uint8Array) => Readable.from([Buffer.from(text)]);

describe('headers that are nearly right', () => {
  const { schema, dataset } = parseCsv('wide,high,label\n1,2,a\n3,4,b\n5,6,a\n');
  const network = new Network({ layers: [2, 3, 2], scaling: 'none' });
  beforeAll(() =>
    network.fit({ train: dataset, test: undefined, schema, skipped: 0, remarks: [] }, { epochs: 1 }),
  );

  const mistakes = [
    (text: string) => text.toUpperCase(),
    (text: string) => ` ${text}`,
    (text: string) => `${text}s`,
    (text: string) => text.slice(1),
    (text: string) => `\ufeff${text}`,
    (text: string) => `${text}\u200b`,
    (text: string) => text.replace('i', 'і'),
  ];
  const right = (text: string) => text;
  /** A name, unchanged or with a small mistake. */
  const name = fc
    .tuple(fc.constantFrom('wide', 'high', 'label'), fc.constantFrom(right, right, right, ...mistakes))
    .map(([text, change]) => change(text));
  const names = fc.uniqueArray(fc.oneof(name, fc.constantFrom('extra', 'NA', '', 'id')), {
    minLength: 1,
    maxLength: 5,
  });
  const mark = fc.constantFrom(',', ';', '\t', '|');
  /** Values that show which column they come from. */
  const row = (columns: readonly string[]) =>
    columns.map((column, i) => (column.trim() === 'label' ? 'a' : String(10 + i)));
  /** The expected result; undefined if the columns are not the model's. */
  const expected = (columns: readonly string[]) => {
    const at = ['wide', 'high'].map((wanted) => columns.indexOf(wanted));
    return at.includes(-1) ? undefined : at.map((i) => 10 + i);
  };
  /** The same for an object, which may lack a column, whose median is taken, but not misspell its name. */
  const ofObject = (columns: readonly string[]) => {
    const wanted = ['wide', 'high'];
    const absent = wanted.filter((column) => !columns.includes(column));
    const isMisspelt = absent.some((column) => mistakes.some((change) => columns.includes(change(column))));
    if (absent.length === wanted.length || isMisspelt) return undefined;
    return wanted.map((column, which) =>
      absent.includes(column) ? 3 + which : 10 + columns.indexOf(column),
    );
  };

  it(
    'never decide by position',
    async () => {
      const property = fc.asyncProperty(names, mark, fc.boolean(), async (columns, delimiter, quotes) => {
        // Blanks around a name and a byte order mark before the first name do not count.
        const read = columns.map((column, i) => (i === 0 ? column.replace('\ufeff', '') : column).trim());
        const head = columns.map((column) => (quotes ? `"${column}"` : column)).join(delimiter);
        const known = expected(read);
        const text = `${head}\n${row(columns).join(delimiter)}\n`;
        // A line of missing values only is a row, not a header.
        if (new Set(read).size < read.length || read.every((text) => text === '' || text === 'NA')) return;
        const rows = await harmless(() => applySchema(text, schema, { labels: 'ignore', delimiter }));
        if (rows !== undefined) expect([...numbersOf(rows)]).toEqual(known ?? 'refused');
        const opened = await harmless(() => openCsv(head, network, { delimiter }, 'text'));
        if (opened !== undefined) {
          expect(opened.isHeader).toBe(true);
          expect([...(opened.decoder.decode(row(columns).join(delimiter)) as Float64Array)]).toEqual(
            known ?? 'refused',
          );
        }
        const json = JSON.stringify(
          Object.fromEntries(columns.map((column, i) => [column, row(columns)[i]])),
        );
        const source = await peekedSource(stream(json), 'json');
        const applied = await harmless(() =>
          NDJSON.apply(source, { schema, classes: undefined }, { labels: 'ignore' }),
        );
        if (applied !== undefined) expect([...numbersOf(applied)]).toEqual(ofObject(columns) ?? 'refused');
      });
      await fc.assert(property, tries(150));
    },
    TIMEOUT,
  );
});

describe('numbers as text', () => {
  const digits = fc.stringMatching(/^\d{1,3}$|^9007199254740\d{3}$|^\d{15,25}$|^0{1,3}\d{0,2}$/);
  const spelled = fc
    .tuple(
      fc.constantFrom('', '', '-', '+'),
      digits,
      fc.constantFrom('', '', '.0', '.5', '.', 'e2', 'E-2', '.50e1', '000'),
    )
    .map((parts) => parts.join(''));

  /** The exact value as a reduced fraction of powers of ten. */
  function value(text: string): string {
    const [, sign = '', whole = '', part = '', power = '0'] =
      /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text) ?? [];
    let number = BigInt(whole + part);
    let exponent = Number(power) - part.length;
    if (number === 0n) return '0';
    while (number % 10n === 0n) {
      number /= 10n;
      exponent++;
    }
    return `${sign === '-' ? '-' : ''}${number}e${exponent}`;
  }

  const isJson = (text: string) => {
    try {
      return typeof JSON.parse(text) === 'number';
    } catch {
      return false;
    }
  };

  it(
    'never merge as labels or categories, and are found again',
    async () => {
      const property = fc.asyncProperty(
        fc.uniqueArray(spelled, { minLength: 2, maxLength: 6 }),
        fc.constantFrom<'CSV' | 'JSON texts' | 'JSON numbers'>('CSV', 'JSON texts', 'JSON numbers'),
        async (spellings, format) => {
          const texts = format === 'JSON numbers' ? spellings.filter(isJson) : spellings;

          const all = [...texts, ...texts];
          const lines =
            format === 'CSV'
              ? ['x,id', ...all.map((text, i) => `${i},${text}`)]
              : all.map((text, i) => `{"x":${i},"id":${format === 'JSON numbers' ? text : `"${text}"`}}`);
          for (const options of [
            { label: 'id', task: 'classify' } as const,
            { label: 'x', task: 'regress', categorical: 'id' } as const,
          ]) {
            const table = await harmless(() => readTable(stream(`${lines.join('\n')}\n`), options));
            if (table === undefined) continue;
            const column = table.schema?.columns.find(({ name }) => name === 'id');
            const codes =
              table.train.targets.kind === 'classes'
                ? [...table.train.targets.labels]
                : all.map((_, i) => (table.train as Dataset).inputs.row(i).indexOf(1));
            expect(column).toBeDefined();
            for (const [i, a] of texts.entries()) {
              expect(codes[i]).toBe(codes[i + texts.length]);
              for (const [j, b] of texts.entries())
                if (value(a) !== value(b)) expect(codes[i], `${a} and ${b}`).not.toBe(codes[j]);
            }
          }
        },
      );
      await fc.assert(property, tries(150));
    },
    TIMEOUT,
  );

  it(
    'are read as Number() reads them where they are inputs',
    () => {
      const property = fc.property(fc.array(spelled, { minLength: 1, maxLength: 20 }), (texts) => {
        const table = parseCsv(['x,y', ...texts.map((text, i) => `${text},${i}`)].join('\n'), {
          task: 'regress',
          header: true,
        });
        expect([...numbersOf(table.dataset)]).toEqual(texts.map(Number));
      });
      fc.assert(property, tries(150));
    },
    TIMEOUT,
  );
});

describe.runIf(process.platform === 'linux')('pipes', () => {
  const texts = [
    'a,b,label\n1.5,red,a\n2,"bl""ue",b\n-3e2,red,a\n',
    'sep=;\r\na;b;label\r\n1;2;yes\r\n3;4;no\r\n',
    '\ufeff{"a": 1, "label": "yes"}\n{"a": 2.5, "label": "no"}\n',
    '{"learningRate": 0.1}',
  ].map((text) => Buffer.from(text));

  /** Writes the bytes to the pipe once a reader has opened it. */
  async function through<T>(fifo: string, bytes: Uint8Array, read: () => Promise<T>): Promise<T> {
    const writing = open(fifo, 'w').then(async (handle) => {
      // A reader that needs no more closes its end.
      await handle.writeFile(bytes).catch(() => undefined);
      await handle.close();
    });
    try {
      return await read();
    } finally {
      // Releases the writer if nobody has opened the pipe.
      const reader = await open(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
      await writing;
      await reader.close();
    }
  }

  /** A result, or the code of the refusal. */
  async function outcome<T>(action: () => Promise<T>): Promise<unknown> {
    try {
      return await action();
    } catch (error) {
      if (error instanceof SparseTrainError && error.code !== 'INTERNAL') return error.code;
      throw error;
    }
  }

  it(
    'give what a file with the same bytes gives',
    async () => {
      const folder = dirname(await write('here', ''));
      const fifo = join(folder, 'fifo');
      execFileSync('mkfifo', [fifo]);
      const table = async (path: string) => {
        const { train, schema } = await readTable(path, { onMissing: 'skip' });
        return { rows: train.rows, inputs: [...numbersOf(train)], columns: schema?.columns };
      };
      const rows = async (path: string) => {
        const named = await openNamedRows(await sourceAt(path), {});
        const all: unknown[] = [];
        for await (const batch of named.batches())
          for (const { place, values, problem } of batch) all.push({ place, values, problem: problem?.code });
        return { names: named.names, all };
      };
      const property = fc.asyncProperty(
        damaged(...texts),
        fc.constantFrom(table, rows, readTextFile),
        async (bytes, read) => {
          const path = await write('same', bytes);
          const fromFile = await outcome<unknown>(() => read(path));
          // A pipe may be endless, so it is refused at the first byte that is not text; a journal may contain such
          // bytes.
          if (typeof fromFile === 'string' && /[\0\ufffd]/.test(fromFile)) return;
          expect(await outcome<unknown>(() => through<unknown>(fifo, bytes, () => read(fifo)))).toEqual(
            fromFile,
          );
        },
      );
      await fc.assert(property, tries(120));
    },
    TIMEOUT,
  );
});
