/** Damaged data files of every format: a result or a SparseTrainError, never anything else. */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { encode } from 'fast-png';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { readCsv, readCsvRows } from '../../lib/formats/csv/read.js';
import { loadIdxPair } from '../../lib/formats/idx.js';
import { checkRuns } from '../../lib/formats/parquet/runs.js';
import { readTable, streamTable } from '../../lib/index.js';
import { type FormatName, readIdx } from '../../lib/public/data.js';
import { idxFile } from '../cli/tiny-files.js';
import { temporaryFolder } from '../datasets/temporary-folder.js';
import { frugally, harmless } from './harmless.js';
import { damaged, TIMEOUT, tries } from './mutations.js';

const write = temporaryFolder();

const stored = fileURLToPath(new URL('../datasets/files', import.meta.url));
const files = (ending: string) =>
  readdirSync(stored)
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(join(stored, name)));

const pictures = idxFile(0x08, [3, 2, 2], Buffer.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255]));
const labels = idxFile(0x08, [3], Buffer.from([0, 1, 0]));
const doubles = idxFile(0x0e, [3, 2], Buffer.alloc(48, 0x40));

const TEXTS = [
  'height,colour,label\n1.5,red,a\n2,"bl""ue",b\n-3e2,,a\n',
  'a;b;c\r\n1,5;2;yes\r\n3,25;;no\r\n',
  '1\t2\t0\n3\t4\t1\n',
].map((text) => Buffer.from(text));
const LINES = [
  '{"a": 1, "b": "x", "label": "yes"}\n{"a": 2.5, "b": null, "label": "no"}\n',
  '{"input": [1, 2], "label": 0}\n{"input": [3, 4], "label": 1}\n',
].map((text) => Buffer.from(text));

async function collect(path: string, format: FormatName | undefined): Promise<void> {
  const stream = await streamTable(path, { format });
  for await (const _ of stream.examples()) {
    // Only checks that it ends.
  }
}

describe('damaged files', () => {
  it.each([
    ['IDX', [pictures, labels, doubles, gzipSync(pictures)]],
    ['packed IDX', [gzipSync(pictures), gzipSync(doubles)]],
  ])(
    '%s',
    async (_, seeds) => {
      await fc.assert(
        fc.asyncProperty(damaged(...seeds), async (bytes) => {
          const path = await write('data.idx', bytes);
          await harmless(() => readIdx(path));
          await harmless(() => loadIdxPair(path, path));
        }),
        tries(120),
      );
    },
    TIMEOUT,
  );

  it(
    'CSV',
    async () => {
      await fc.assert(
        fc.asyncProperty(damaged(...TEXTS, gzipSync(TEXTS[0] as Buffer)), async (bytes) => {
          const path = await write('data.csv', bytes);
          const table = await harmless(() => readCsv(path));
          await harmless(() => readCsv(path, { task: 'regress', onMissing: 'skip', decimal: ',' }));
          await harmless(() => collect(path, 'csv'));
          if (table !== undefined) await harmless(() => readCsvRows(path, table.schema));
        }),
        tries(80),
      );
    },
    TIMEOUT,
  );

  it.each<[FormatName, Uint8Array[], number]>([
    ['ndjson', [...LINES, gzipSync(LINES[0] as Buffer)], 100],
    ['npy', [...files('.npy'), gzipSync(files('.npy')[0] as Buffer)], 300],
    ['npz', files('.npz'), 200],
    ['parquet', files('.parquet'), 120],
  ])(
    '%s',
    async (format, seeds, runs) => {
      await frugally(() =>
        fc.assert(
          fc.asyncProperty(damaged(...seeds), async (bytes) => {
            const path = await write(`data.${format}`, bytes);
            await harmless(() => readTable(path, { format }));
            await harmless(() => readTable(path));
            if (format !== 'npy' && format !== 'npz') await harmless(() => collect(path, format));
          }),
          tries(runs),
        ),
      );
    },
    TIMEOUT,
  );

  it(
    'pictures',
    async () => {
      const grey = encode({ width: 3, height: 2, channels: 1, depth: 8, data: new Uint8Array(6).fill(7) });
      const colour = encode({
        width: 2,
        height: 2,
        channels: 4,
        depth: 8,
        data: new Uint8Array(16).fill(255),
      });
      const folder = dirname(await write('here', ''));
      await mkdir(join(folder, 'pictures', 'a'), { recursive: true });
      await frugally(() =>
        fc.assert(
          fc.asyncProperty(damaged(grey, colour), async (bytes) => {
            await write(join('pictures', 'a', 'one.png'), bytes);
            await harmless(() => readTable(join(folder, 'pictures')));
          }),
          tries(120),
        ),
      );
    },
    TIMEOUT,
  );
});

describe('files that promise more than they hold', () => {
  const header = (text: string, version = 1) => {
    const length = Buffer.alloc(version === 1 ? 2 : 4);
    if (version === 1) length.writeUInt16LE(text.length);
    else length.writeUInt32LE(text.length);
    return Buffer.concat([
      Buffer.from('\x93NUMPY', 'latin1'),
      Buffer.from([version, 0]),
      length,
      Buffer.from(text),
    ]);
  };
  const refused = async (name: string, bytes: Uint8Array) => {
    await frugally(async () => {
      const path = await write(name, bytes);
      expect(await harmless(() => readTable(path))).toBeUndefined();
    }, 200);
  };

  it('NumPy headers whose words repeat without end', async () => {
    await refused('words.npy', header("'shape':(".repeat(400_000), 2));
  });

  it('NumPy arrays of thousands of dimensions', async () => {
    const shape = `(${'1, '.repeat(15_000)}20000, 2)`;
    const text = header(`{'descr': '|u1', 'fortran_order': True, 'shape': ${shape}, }`);
    await refused('dimensions.npy', Buffer.concat([text, Buffer.alloc(40_000)]));
  });

  it('Parquet pages whose header does not say where their values begin, or puts them beyond the page', async () => {
    const paged = readFileSync(join(stored, 'gzip.parquet'));
    // The length of the repetition levels, the sixth field of a page header of version 2, and the seventh.
    const at = paged.indexOf(Buffer.from([0x15, 0x00, 0x11]));
    expect(at).toBeGreaterThan(0);
    for (const [offset, byte] of [
      [0, 0x25],
      [1, 0x01],
    ] as const) {
      const bytes = Buffer.from(paged);
      bytes[at + offset] = byte;
      expect(await harmless(async () => readTable(await write('levels.parquet', bytes)))).toBeUndefined();
    }
  });

  it('Parquet pages with runs that are longer than they are', async () => {
    const paged = readFileSync(join(stored, 'gzip.parquet'));
    const at = paged.indexOf(Buffer.from([0x15, 0x00, 0x11]));
    const bytes = Buffer.from(paged);
    // The levels begin 63 bytes further on, where compressed values look like a run of millions.
    bytes[at + 1] = 0x7e;
    await refused('runs.parquet', bytes);
    expect(() => checkRuns(Uint8Array.of(0xfe, 0xff, 0xff, 0xff, 0x0f, 1), 1, 10)).toThrow(
      'a run of 2147483647',
    );
    expect(() => checkRuns(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f), 0, 10)).toThrow(
      'a page of 10 values',
    );
    // Ten values in two groups of eight; a run of ten; two runs.
    for (const runs of [
      [0x05, 0xff, 0x03],
      [0x14, 1],
      [0x08, 1, 0x03, 0xff],
    ])
      expect(() => checkRuns(Uint8Array.from(runs), 1, 10)).not.toThrow();
  });

  it('zip archives whose entries share their bytes', async () => {
    const array = Buffer.concat([
      header("{'descr': '|u1', 'fortran_order': False, 'shape': (4000000,), }"),
      Buffer.alloc(4_000_000),
    ]);
    const one = Buffer.from(zipSync({ 'a000.npy': array }));
    const directory = one.readUInt32LE(one.length - 6);
    const entry = one.subarray(directory, one.length - 22);
    const end = Buffer.from(one.subarray(one.length - 22));
    const count = 400;
    const entries = Array.from({ length: count }, (_, i) => {
      const copy = Buffer.from(entry);
      copy.write(`a${String(i).padStart(3, '0')}.npy`, 46);
      return copy;
    });
    end.writeUInt16LE(count, 8);
    end.writeUInt16LE(count, 10);
    end.writeUInt32LE(count * entry.length, 12);
    await refused('bomb.npz', Buffer.concat([one.subarray(0, directory), ...entries, end]));
  });
});
