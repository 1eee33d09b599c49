import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { deflateSync, gzipSync } from 'node:zlib';
import { encode } from 'fast-png';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { readPictures } from '../../lib/formats/images.js';
import { numericArray, readNpy } from '../../lib/formats/numpy/npy-format.js';
import { NpzArrays } from '../../lib/formats/numpy/npz-format.js';
import { loadPair } from '../../lib/formats/pair.js';
import { applyToSource, formatOf, readSource } from '../../lib/formats/read.js';
import { recogniseFormat } from '../../lib/formats/recognise.js';
import { sourceAt } from '../../lib/formats/source.js';
import { readTable, streamTable } from '../../lib/index.js';
import { readRows } from '../../lib/public/data.js';
import type { AnyDataset } from '../../lib/public/types.js';
import { fullRow, numbersOf } from './full-rows.js';
import { expectRefusal } from './refusal.js';
import { temporaryFolder } from './temporary-folder.js';

const FILES = fileURLToPath(new URL('files', import.meta.url));
const file = (name: string) => join(FILES, name);
const write = temporaryFolder();

function labelsOf({ targets }: AnyDataset): number[] {
  return targets.kind === 'classes' ? [...targets.labels] : [...targets.data];
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** A .npy file of bytes. */
function npy(descriptor: string, shape: string, data: Uint8Array, order = 'False'): Buffer {
  const text =
    `{'descr': '${descriptor}', 'fortran_order': ${order}, 'shape': ${shape}, }`.padEnd(117) + '\n';
  const head = Buffer.from(`\x93NUMPY\x01\x00\0\0${text}`, 'latin1');
  head.writeUInt16LE(text.length, 8);
  return Buffer.concat([head, data]);
}

describe('arrays of NumPy', () => {
  it('are read with each type of element, whatever its order of bytes', async () => {
    const types = [
      'bool',
      'uint8',
      'int8',
      'uint16',
      'int16',
      'int32',
      'uint32',
      'int64',
      'uint64',
      'float16',
      'float32',
      'float64',
    ];
    for (const type of types) {
      const { shape, data } = await readNpy(file(`${type}.npy`));
      expect([type, shape, Array.from(data as ArrayLike<number | bigint>, Number)]).toEqual([
        type,
        [2, 3],
        [0, 1, 1, 1, 0, 1],
      ]);
    }
  });

  it('are put in the order of C', async () => {
    const { shape, data } = await readNpy(file('fortran.npy'));
    expect(shape).toEqual([2, 3, 4]);
    expect([...data]).toEqual(Array.from({ length: 24 }, (_, i) => i));
  });

  it('are tables whose last column is the label, and pairs of inputs and labels', async () => {
    const table = await write(
      'table.npy',
      npy('<f8', '(4, 3)', new Uint8Array(Float64Array.of(1, 2, 0, 3, 4, 1, 5, 6, 0, 7, 8, 1).buffer)),
    );
    const { train, schema } = await readTable(table);
    expect([train.rows, train.features, labelsOf(train)]).toEqual([4, 2, [0, 1, 0, 1]]);
    expect([...numbersOf(train)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(schema?.columns.map(({ kind }) => kind)).toEqual(['number', 'number', 'class']);
    const images = await write('x.npy', npy('|u1', '(2, 2, 2)', Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)));
    const labels = await write('y.npy', npy('<i8', '(2,)', new Uint8Array(BigInt64Array.of(1n, 0n).buffer)));
    const pair = await loadPair(images, labels, {});
    expect([pair.imageShape, labelsOf(pair)]).toEqual([{ height: 2, width: 2, channels: 1 }, [1, 0]]);
    const packed = await write('x.npy.gz', gzipSync(await readFile(images)));
    const classes = ['cat', 'dog', 'emu'];
    const { train: named, test } = await readTable(packed, { labels, classes });
    expect([[...numbersOf(named)], named.targets, test]).toEqual([
      [...pair.inputs.data],
      { ...pair.targets, classes },
      undefined,
    ]);
    await expectRefusal('INVALID_OPTION', ['classes', 'labels'], () => readTable(table, { classes }));
  });

  it('are refused before anything is allocated if the header does not match the contents', async () => {
    const refuse = (bytes: Uint8Array, ...parts: string[]) =>
      expectRefusal('INVALID_FILE', parts, () => numericArray(bytes, 'it.npy'));
    await refuse(Buffer.from('PK not numpy'), 'not a .npy file');
    await refuse(npy('|u1', '(4,)', new Uint8Array(4)).subarray(0, 11), 'cut off in the header');
    await refuse(npy('<f8', '(1000000, 1000000)', new Uint8Array(8)), 'cut off', '1000000 x 1000000');
    await refuse(npy('<f8', '(9007199254740991, 9007199254740991)', new Uint8Array(8)), 'cut off');
    await refuse(npy('|u1', '(3,)', new Uint8Array(4)), 'too long');
    await refuse(npy('|u1', '(-3,)', new Uint8Array(4)), 'shape is (-3,)');
    await refuse(npy('|u1', '(0, 3)', new Uint8Array(0)), 'no elements');
    await refuse(npy('|O', '(1,)', new Uint8Array(8)), 'type |O');
    await refuse(npy('<U3', '()', new Uint8Array(12)), 'a text');
    const later = npy('|u1', '(4,)', new Uint8Array(4));
    later[6] = 4;
    await refuse(later, 'format 4');
    await refuse(npy('[("a", "<f8")]', '(1,)', new Uint8Array(8)), 'not read');
    await expectRefusal('INVALID_FILE', ['type <U1'], () => readNpy(file('text.npy')));
    const nan = new Uint8Array(Float64Array.of(1, Number.NaN, 0, 1).buffer);
    const table = await write('nan.npy', npy('<f8', '(2, 2)', nan));
    await expectRefusal('INVALID_DATA', ['row 1: column 2 is missing'], () =>
      readTable(table, { onMissing: 'error' }),
    );
  });
});

describe('.npz files', () => {
  it('have parts for training and testing by the usual names', async () => {
    const { train, test, schema } = await readTable(file('digits.npz'));
    expect([train.rows, train.features, labelsOf(train), test?.rows]).toEqual([5, 16, [0, 1, 2, 0, 1], 2]);
    expect(numbersOf(train)).toBeInstanceOf(Uint8Array);
    expect(test?.targets).toMatchObject({ classes: ['0', '1', '2'] });
    expect(schema).toBeUndefined();
    const values = await readTable(file('values.npz'));
    expect(values.train.targets).toMatchObject({ kind: 'values', data: Float64Array.of(0.5, 1.5, 2.5, 3.5) });
  });

  it('may hold texts and objects beside the numbers', async () => {
    const mixed = await write(
      'mixed.npz',
      zipSync({
        'x.npy': npy('<u2', '(3, 2)', new Uint8Array(12)),
        'y.npy': npy('|u1', '(3,)', Uint8Array.of(0, 1, 0)),
        'names.npy': npy('<U2', '(2,)', new Uint8Array(16)),
        'allow_pickle.npy': npy('|O', '(1,)', new Uint8Array(8)),
      }),
    );
    expect(labelsOf((await readTable(mixed)).train)).toEqual([0, 1, 0]);
  });

  it('are refused without such names, or where they lie about sizes', async () => {
    await expectRefusal('INVALID_DATA', ['arrays a, b', 'x_train and y_train'], () =>
      readTable(file('other.npz')),
    );
    await expectRefusal('INVALID_OPTION', ['label', 'npz'], () =>
      readTable(file('digits.npz'), { label: 'x' }),
    );
    const good = Buffer.from(zipSync({ 'x.npy': npy('|u1', '(4,)', new Uint8Array(4)) }));
    const central = good.indexOf('PK\x01\x02', 0, 'latin1');
    good.writeUInt32LE(0xfffffff0, central + 24);
    const lying = await write('lying.npz', good);
    await expectRefusal('INVALID_FILE', ['claims to have 4294967280 bytes'], () => NpzArrays.read(lying));
    // Entries that claim more bytes than the file has must overlap, and could inflate to any size.
    const two = Buffer.from(zipSync({ 'x.npy': new Uint8Array(99), 'y.npy': new Uint8Array(99) }));
    const second = two.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1'));
    two.writeUInt32LE(two.length, second + 20);
    const over = await write('over.npz', two);
    await expectRefusal('INVALID_FILE', ['more than its'], () => NpzArrays.read(over));
    const cut = await write('cut.npz', good.subarray(0, 60));
    await expectRefusal('INVALID_FILE', ['damaged or incomplete'], () => NpzArrays.read(cut));
    const empty = await write('empty.npz', zipSync({ 'readme.txt': Buffer.from('nothing') }));
    await expectRefusal('INVALID_FILE', ['no arrays'], () => NpzArrays.read(empty));
  });
});

describe('Parquet files', () => {
  it('give the same whatever their encoding, packing and row groups, and the same as CSV', async () => {
    const rows = Array.from({ length: 60 }, (_, i) => {
      const x = i / 8 - 3;
      return [x, x * 2, i * 1000, 7, ['red', 'green', 'blue'][i % 3], x > 0 ? 'yes' : 'no'].join(',');
    });
    const csv = await write('same.csv', `x,small,count,constant,colour,label\n${rows.join('\n')}\n`);
    const expected = await readTable(csv);
    for (const name of ['snappy', 'gzip', 'brotli', 'plain']) {
      const { train, schema } = await readTable(file(`${name}.parquet`));
      expect({ name, data: numbersOf(train), targets: train.targets }).toEqual({
        name,
        data: numbersOf(expected.train),
        targets: expected.train.targets,
      });
      expect(schema).toEqual(expected.schema);
      const stream = await streamTable(file(`${name}.parquet`));
      const examples = await collect(stream.examples());
      expect(examples.flatMap(({ input }) => [...fullRow(input)])).toEqual([...numbersOf(expected.train)]);
      expect(examples.map(({ label }) => label)).toEqual(labelsOf(expected.train));
    }
    const stream = Readable.from([await readFile(csv)]);
    for (const from of [file('plain.parquet'), csv, stream]) {
      const { inputs, dataset } = await readRows(from, expected.schema);
      expect([...numbersOf({ inputs })]).toEqual([...numbersOf(expected.train)]);
      expect(dataset?.targets).toEqual(expected.train.targets);
    }
    await expectRefusal('INVALID_OPTION', ['schema', 'readTable'], () => readRows(csv, undefined));
    await expectRefusal('UNKNOWN_OPTION', ['labels'], () =>
      readRows(csv, expected.schema, { label: 'x' } as object),
    );
  });

  it('have missing values and columns that are left out', async () => {
    await expectRefusal('INVALID_DATA', ['row 5: column 1 ("x") is missing'], () =>
      readTable(file('missing.parquet'), { onMissing: 'error' }),
    );
    const { train, skipped } = await readTable(file('missing.parquet'), { onMissing: 'skip' });
    expect([train.rows, skipped]).toEqual([7, 1]);
    await expectRefusal('INVALID_DATA', ['"list"', 'ignore'], () => readTable(file('nested.parquet')));
    expect((await readTable(file('nested.parquet'), { ignore: ['list'] })).train.features).toBe(1);
  });

  it('are refused where they are damaged, and never allocate what they cannot hold', async () => {
    const bytes = await readFile(file('plain.parquet'));
    const refuse = async (changed: Uint8Array) => {
      const path = await write('broken.parquet', changed);
      await expectRefusal('INVALID_FILE', ['broken.parquet'], () => readTable(path));
    };
    await refuse(bytes.subarray(0, 300));
    await refuse(
      Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(20), Buffer.from('\xff\xff\xff\x7fPAR1', 'latin1')]),
    );
    await expectRefusal('INVALID_FILE', ['zstd.parquet'], () => readTable(file('zstd.parquet')));
    // Whichever byte is changed: an error or other numbers, but no crash and no gigabytes.
    const before = process.memoryUsage().rss;
    for (let i = 4; i < bytes.length - 8; i += 37) {
      const changed = Buffer.from(bytes);
      changed[i] = (changed[i] as number) ^ 0xff;
      const path = await write('flipped.parquet', changed);
      await readTable(path).catch((error: Error & { code: string }) => {
        expect(['INVALID_FILE', 'INVALID_DATA', 'INVALID_OPTION']).toContain(error.code);
      });
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(1e9);
  });
});

describe('JSON lines', () => {
  it('are tables by the names of their keys, or lists of inputs with a label', async () => {
    const table = await write('t.ndjson', '{"a": 1, "b": "x", "y": 0}\n\n{"y": 1, "b": "z", "a": 2.5}\n');
    const { train, schema } = await readTable(table);
    expect([...numbersOf(train)]).toEqual([1, 1, 0, 2.5, 0, 1]);
    expect([labelsOf(train), schema?.columns.at(-1)?.name]).toEqual([[0, 1], 'y']);
    for (const key of ['input', 'inputs', 'features']) {
      const lists = await write(
        'l.ndjson',
        `{"${key}": [1, 2], "label": "no"}\n{"${key}": [3, 4], "label": "yes"}`,
      );
      const read = await readTable(lists);
      expect([[...numbersOf(read.train)], labelsOf(read.train)]).toEqual([
        [1, 2, 3, 4],
        [0, 1],
      ]);
    }
    const { skipped } = await readTable(
      await write('m.ndjson', '{"a":1,"y":0}\n{"a":null,"y":1}\n{"a":2,"y":1}'),
      {
        onMissing: 'skip',
      },
    );
    expect(skipped).toBe(1);
  });

  it('are refused by line', async () => {
    const refuse = async (text: string, ...parts: string[]) => {
      const path = await write('bad.ndjson', text);
      await expectRefusal('INVALID_DATA', parts, () => readTable(path, { format: 'ndjson' }));
    };
    await refuse('{"a":1,"y":0}\n{"a":1,\n', 'line 2', 'not JSON');
    await refuse('{"a":1,"y":0}\n[1,2]\n', 'line 2', 'an array of 2');
    await refuse('{"a":[1],"y":0}\n{"a":2,"y":1}', 'line 1', '"a" is an array of 1', 'ignore');
    await refuse(
      '{"input":[1,2],"label":0}\n{"input":[1],"label":1}\n',
      'line 2',
      'a list of 1',
      'a list of 2',
    );
    await refuse('{"input":[1,2],"label":0}\n{"a":1,"label":1}\n', 'line 2', 'an object', 'a list of 2');
    await refuse('', 'no rows');
  });
});

/** A grey PNG file with these compressed pixels, which may be wrong; its checksums are wrong. */
function pngOf(width: number, height: number, pixels: Buffer): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length, 0);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('folders of PNG images', () => {
  const grey = (...pixels: number[]) =>
    encode({ width: 2, height: 1, data: Uint8Array.from(pixels), channels: 1, depth: 8 });
  const folder = async (name: string, files: Record<string, Uint8Array>) => {
    const root = join(await write('anchor', ''), '..', name);
    for (const [path, bytes] of Object.entries(files)) {
      await mkdir(join(root, path, '..'), { recursive: true });
      await writeFile(join(root, path), bytes);
    }
    return root;
  };

  it('are classes by the names of their folders, in order', async () => {
    const root = await folder('pictures', {
      'dog/b.png': grey(3, 4),
      'dog/a.PNG': grey(1, 2),
      'cat/z.png': grey(5, 6),
      'cat/notes.txt': Buffer.from('not a picture'),
    });
    expect(await recogniseFormat(root)).toBe('images');
    const { train } = await readTable(root);
    expect(train.targets).toMatchObject({ classes: ['cat', 'dog'], labels: Int32Array.of(0, 1, 1) });
    expect([...numbersOf(train)]).toEqual([5, 6, 1, 2, 3, 4]);
    expect(train.imageShape).toEqual({ height: 1, width: 2, channels: 1 });
    const coding = { schema: undefined, classes: ['bird', 'cat', 'dog'] };
    const { dataset } = await applyToSource(await sourceAt(root), coding, {}, undefined);
    expect(dataset && labelsOf(dataset)).toEqual([1, 2, 2]);
  });

  it('may be in colour, of a palette, and with an alpha channel that hides nothing', async () => {
    const rgba = Uint8Array.of(1, 2, 3, 255, 4, 5, 6, 255);
    const root = await folder('colour', {
      'a/1.png': encode({ width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6), channels: 3 }),
      'b/2.png': encode({ width: 2, height: 1, data: rgba, channels: 4 }),
    });
    const { inputs, imageShape } = await readPictures(root);
    expect([[...inputs.data], imageShape.channels]).toEqual([[1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6], 3]);
    rgba[3] = 254;
    const clear = await folder('clear', {
      'a/1.png': encode({ width: 2, height: 1, data: rgba, channels: 4 }),
    });
    await expectRefusal('INVALID_FILE', ['transparent'], () => readPictures(clear));
    const deep = encode({ width: 1, height: 1, data: Uint16Array.of(500), channels: 1, depth: 16 });
    await expectRefusal('INVALID_FILE', ['16 bits'], async () =>
      readPictures(await folder('deep', { 'a/1.png': deep })),
    );
  });

  it('are read without what pixels do not need, which could inflate to any size', async () => {
    const plain = Buffer.from(grey(7, 8));
    // A decoder that inflated any of these would refuse it as damaged.
    const others = ['iCCP', 'zTXt', 'iTXt'].map((type) => {
      const data = Buffer.from('name\0\0not deflated', 'latin1');
      const length = Buffer.alloc(4);
      length.writeUInt32BE(data.length);
      return Buffer.concat([length, Buffer.from(type), data, Buffer.alloc(4)]);
    });
    const headerEnd = 33;
    const picture = Buffer.concat([plain.subarray(0, headerEnd), ...others, plain.subarray(headerEnd)]);
    const root = await folder('profiles', { 'a/1.png': picture });
    expect([...(await readPictures(root)).inputs.data]).toEqual([7, 8]);
  });

  it('are refused where sizes differ, or files are damaged or lie', async () => {
    const other = encode({ width: 1, height: 2, data: Uint8Array.of(1, 2), channels: 1 });
    const differ = await folder('differ', { 'a/1.png': grey(1, 2), 'a/2.png': other });
    await expectRefusal('INVALID_DATA', ['2.png', '1 x 2 pixels', '2 x 1 pixels'], () =>
      readPictures(differ),
    );
    const refuse = async (name: string, bytes: Uint8Array, part: string) => {
      const root = await folder(name, { 'a/1.png': bytes });
      await expectRefusal('INVALID_FILE', ['1.png', part], () => readPictures(root));
    };
    const bomb = Buffer.from(grey(1, 2));
    bomb.writeUInt32BE(100_000, 16);
    bomb.writeUInt32BE(100_000, 20);
    await refuse('bomb', bomb, '100000 x 100000 pixels');
    await refuse('cut', grey(1, 2).subarray(0, 45), 'damaged');
    await refuse('short', grey(1, 2).subarray(0, 20), 'cut off');
    await refuse('text', Buffer.from('no picture at all'), 'not a PNG');
    // The header says 8 x 8 pixels, the pixels inflate to 20 MB.
    await refuse(
      'inflated',
      pngOf(8, 8, deflateSync(Buffer.alloc(20_000_000))),
      'inflates to more than 8 x 8 pixels',
    );
    const flipped = Buffer.from(grey(1, 2));
    flipped[45] = (flipped[45] as number) ^ 1;
    await refuse('flipped', flipped, 'damaged');
    await expectRefusal('INVALID_DATA', ['no .png files'], async () =>
      readPictures(await folder('none', { 'a/x': other })),
    );
    const mixed = await folder('mixed', { 'a/1.png': grey(1, 2), '2.png': grey(1, 2) });
    await expectRefusal('INVALID_DATA', ['beside folders'], () => readPictures(mixed));
    await expectRefusal('FILE_NOT_FOUND', ['nowhere'], () => readPictures('/nowhere'));
  });
});

describe('a format', () => {
  it('is found out by contents, whatever the name', async () => {
    const cases: [string, Uint8Array | string][] = [
      ['csv', 'a,b\n1,2\n'],
      ['csv', gzipSync('a,b\n1,2\n')],
      ['ndjson', ' \n{"a": 1}'],
      ['ndjson', gzipSync('\ufeff{"a": 1}')],
      ['parquet', await readFile(file('plain.parquet'))],
      ['npy', await readFile(file('int8.npy'))],
      ['npz', await readFile(file('digits.npz'))],
    ];
    for (const [format, contents] of cases) {
      expect(await recogniseFormat(await write('thing.dat', contents))).toBe(format);
    }
  });

  it('can be given, and is then believed', async () => {
    const text = await write('list.txt', '[1,2],x\n');
    await expectRefusal('INVALID_DATA', ['list.txt'], () => readTable(text));
    expect((await formatOf(await sourceAt(text), 'csv')).name).toBe('csv');
    await expectRefusal('INVALID_FILE', ['not a .npy'], async () =>
      readSource(await sourceAt(text), {}, 'npy'),
    );
    await expectRefusal('INVALID_OPTION', ['npz'], () => streamTable(file('digits.npz')));
  });
});

describe('streams', () => {
  const rows = 120_000;
  const text = `id,value,"label"\n${Array.from({ length: rows }, (_, i) =>
    i % 1000 === 3 ? `"${i}",${i / 8},"b"` : `${i},${i / 8},${i % 2 ? 'a' : 'b'}`,
  ).join('\r\n')}`;

  it('of CSV give every row once, in order, wherever pieces end', async () => {
    for (const contents of [text, gzipSync(text)]) {
      const stream = await streamTable(await write('long.csv', contents));
      let row = 0;
      for await (const { input: given, label } of stream.examples()) {
        const input = fullRow(given);
        if (input[0] !== row || input[1] !== row / 8) expect.fail(`row ${row} is ${input}`);
        if (label !== (row % 2 && row % 1000 !== 3 ? 0 : 1)) expect.fail(`row ${row} has the label ${label}`);
        row++;
      }
      expect(row).toBe(rows);
      expect(stream.sample.rows).toBeLessThanOrEqual(rows);
    }
  });

  it('of CSV give the line of each fault, even late in the file, and skip rows if requested', async () => {
    const late = text.replace('119000,14875,b', '119000,,b');
    const path = await write('late.csv', late.repeat(1) + text.slice(text.indexOf('\r\n')).repeat(3));
    const consume = async (options: object) => {
      const stream = await streamTable(path, options);
      let count = 0;
      for await (const _ of stream.examples()) count++;
      return [count, stream.skipped];
    };
    await expectRefusal('INVALID_DATA', ['line 119002', '"value"'], () => consume({ onMissing: 'error' }));
    const [count, skipped] = await consume({ onMissing: 'skip' });
    expect(skipped).toBe(1);
    expect(count).toBeGreaterThan(3 * rows);
    const open = await write('open.csv', `${text}\r\n1,"2,a\r\n`);
    await expectRefusal('INVALID_FILE', ['never closed'], async () => {
      for await (const _ of (await streamTable(open)).examples());
    });
  });

  it('of CSV refuse a class that comes only after the first rows', async () => {
    const path = await write(
      'new-class.csv',
      `${text}\r\n1,2,c\r\n`.replace('\r\n1,2,c', `${text.slice(16).repeat(2)}\r\n1,2,c`),
    );
    await expectRefusal('INVALID_DATA', ['"c"', 'first rows'], async () => {
      for await (const _ of (await streamTable(path)).examples());
    });
  });

  it('of JSON lines give every row', async () => {
    const lines = Array.from({ length: 25_000 }, (_, i) => JSON.stringify({ input: [i, -i], label: i % 3 }));
    const stream = await streamTable(await write('long.ndjson', lines.join('\n')));
    const examples = await collect(stream.examples());
    expect(examples).toHaveLength(25_000);
    expect(examples[24_999]).toEqual({ input: Float64Array.of(24_999, -24_999), label: 24_999 % 3 });
  });
});

describe('options of reading', () => {
  it.each([null, 'csv', 7, [1]])('are no %j', async (options) => {
    const path = file('text.npy');
    await expectRefusal('INVALID_OPTION', ['readTable options'], () => readTable(path, options as never));
    await expectRefusal('INVALID_OPTION', ['streamTable options'], () => streamTable(path, options as never));
  });
});
