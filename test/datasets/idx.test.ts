import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadIdxPair } from '../../lib/formats/idx.js';
import { readIdx } from '../../lib/public/data.js';
import { expectRefusal } from './refusal.js';
import { temporaryFolder } from './temporary-folder.js';

const write = temporaryFolder();

/** An IDX file of the given elements as bytes. */
function idx(type: number, shape: readonly number[], elements: Uint8Array | readonly number[]): Buffer {
  const sizes = Buffer.alloc(4 * shape.length);
  for (const [i, size] of shape.entries()) sizes.writeUInt32BE(size, 4 * i);
  return Buffer.concat([Buffer.of(0, 0, type, shape.length), sizes, Uint8Array.from(elements)]);
}

describe('readIdx', () => {
  it('reads bytes, plain or gzip whatever the name', async () => {
    const bytes = idx(8, [2, 3], [1, 2, 3, 4, 5, 255]);
    const expected = { shape: [2, 3], data: Uint8Array.of(1, 2, 3, 4, 5, 255) };
    expect(await readIdx(await write('plain.gz', bytes))).toEqual(expected);
    expect(await readIdx(await write('compressed', gzipSync(bytes)))).toEqual(expected);
  });

  it('reads what gzip wrote in two members', async () => {
    const bytes = idx(8, [4], [1, 2, 3, 4]);
    const members = Buffer.concat([gzipSync(bytes.subarray(0, 6)), gzipSync(bytes.subarray(6))]);
    expect((await readIdx(await write('members', members))).data).toEqual(Uint8Array.of(1, 2, 3, 4));
  });

  it('gives bytes as a view of the one buffer that was inflated', async () => {
    const { data } = await readIdx(
      await write('big.gz', gzipSync(idx(8, [300, 1000], new Uint8Array(300_000)))),
    );
    expect(data.byteOffset).toBe(12);
    expect(data.buffer.byteLength - data.byteLength).toBeLessThan(32);
    expect(Object.getPrototypeOf(data)).toBe(Uint8Array.prototype);
  });

  it('reads each element type from big-endian', async () => {
    const check = async (type: number, bytes: Buffer, data: unknown) => {
      const file = await write(`type-${type}`, idx(type, [2], bytes));
      expect(await readIdx(file)).toEqual({ shape: [2], data });
    };
    const two = (size: number, put: (b: Buffer, i: number) => void) => {
      const b = Buffer.alloc(2 * size);
      put(b, 0);
      put(b, 1);
      return b;
    };
    const pick = <T>(values: readonly [T, T], i: number) => values[i] as T;
    await check(
      0x09,
      two(1, (b, i) => b.writeInt8(pick([-128, 127], i), i)),
      Int8Array.of(-128, 127),
    );
    await check(
      0x0b,
      two(2, (b, i) => b.writeInt16BE(pick([-2, 513], i), 2 * i)),
      Int16Array.of(-2, 513),
    );
    await check(
      0x0c,
      two(4, (b, i) => b.writeInt32BE(pick([-3, 70000], i), 4 * i)),
      Int32Array.of(-3, 70000),
    );
    await check(
      0x0d,
      two(4, (b, i) => b.writeFloatBE(pick([0.5, -2], i), 4 * i)),
      Float32Array.of(0.5, -2),
    );
    await check(
      0x0e,
      two(8, (b, i) => b.writeDoubleBE(pick([0.1, 1e300], i), 8 * i)),
      Float64Array.of(0.1, 1e300),
    );
  });

  it('reads any shape and contents, plain and gzip', async () => {
    const arrays = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 }).chain((shape) => {
      const length = shape.reduce((product, size) => product * size, 1);
      return fc.record({
        shape: fc.constant(shape),
        data: fc.uint8Array({ minLength: length, maxLength: length }),
        compressed: fc.boolean(),
      });
    });
    await fc.assert(
      fc.asyncProperty(arrays, async ({ shape, data, compressed }) => {
        const bytes = idx(8, shape, data);
        const file = await write('any', compressed ? gzipSync(bytes) : bytes);
        expect(await readIdx(file)).toEqual({ shape, data });
      }),
      { numRuns: 50 },
    );
  });
});

describe('readIdx refuses', () => {
  const good = idx(8, [2, 3], [1, 2, 3, 4, 5, 6]);

  it.each<[what: string, parts: string[], bytes: Uint8Array]>([
    ['an empty file', ['empty'], Buffer.alloc(0)],
    ['a file of three bytes', ['3 bytes'], good.subarray(0, 3)],
    ['a file cut off in the header', ['header', '10 bytes', '12'], good.subarray(0, 10)],
    [
      'a file cut off in the elements',
      ['cut off', '2 x 3', '18 bytes', 'there are 17'],
      good.subarray(0, 17),
    ],
    ['bytes after the elements', ['2 x 3', '2 more follow'], Buffer.concat([good, Buffer.of(0, 0)])],
    ['a file of another format', ['is a PNG image'], Buffer.from('89504e470d0a1a0a', 'hex')],
    ['unknown bytes', ['not an IDX file', '89 51 4e 47'], Buffer.from('89514e470d0a1a0a', 'hex')],
    ['an unknown element type', ['element type 0a', '0d'], idx(10, [1], [0])],
    ['no dimensions', ['no dimensions'], idx(8, [], [])],
    ['an empty dimension', ['dimension 2 of 3 is 0'], idx(8, [5, 0, 5], [])],
    [
      'dimensions of 2^96 elements',
      ['4294967295 x 4294967295'],
      idx(8, [2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1], [0]),
    ],
    [
      '255 dimensions whose product is infinite',
      ['more than can be held'],
      idx(14, new Array(255).fill(2 ** 31), []),
    ],
  ])('%s, plain and gzip', async (_, parts, bytes) => {
    await expectRefusal('INVALID_FILE', ['bad.idx', ...parts], async () =>
      readIdx(await write('bad.idx', bytes)),
    );
    if (bytes.length === 0 || parts.includes('2 more follow')) return;
    await expectRefusal('INVALID_FILE', ['bad.idx', ...parts], async () =>
      readIdx(await write('bad.idx.gz', gzipSync(bytes))),
    );
  });

  it('bytes after the elements in a gzip file', async () => {
    const file = await write('trailing.gz', gzipSync(Buffer.concat([good, Buffer.of(7)])));
    await expectRefusal('INVALID_FILE', ['2 x 3', '18 bytes, but there are more'], () => readIdx(file));
  });

  it('a small gzip file that would inflate to 256 MB, without inflating it', async () => {
    const bomb = gzipSync(Buffer.concat([good, Buffer.alloc(256 * 2 ** 20)]));
    const file = await write('bomb.gz', bomb);
    const before = process.memoryUsage().arrayBuffers;
    await expectRefusal('INVALID_FILE', ['there are more'], () => readIdx(file));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 2 ** 20);
  });

  it('a small gzip file whose header claims gigabytes, without allocating them', async () => {
    const file = await write('liar.gz', gzipSync(idx(8, [60_000, 60_000], new Uint8Array(100))));
    const before = process.memoryUsage().arrayBuffers;
    await expectRefusal('INVALID_FILE', ['60000 x 60000', 'cannot hold'], () => readIdx(file));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 2 ** 20);
  });

  it('a gzip file that is cut off, damaged or not gzip after all', async () => {
    const compressed = gzipSync(
      idx(
        8,
        [5000],
        Uint8Array.from({ length: 5000 }, (_, i) => (i * i) % 251),
      ),
    );
    const cut = await write('cut.gz', compressed.subarray(0, compressed.length - 12));
    await expectRefusal('INVALID_FILE', ['cut.gz', 'cut off'], () => readIdx(cut));
    const damaged = Buffer.from(compressed);
    damaged.writeUInt32LE(damaged.readUInt32LE(damaged.length - 8) ^ 1, damaged.length - 8);
    await expectRefusal('INVALID_FILE', ['damaged'], async () => readIdx(await write('damaged.gz', damaged)));
    const fake = Buffer.from([0x1f, 0x8b, 1, 2, 3, 4]);
    await expectRefusal('INVALID_FILE', ['damaged'], async () => readIdx(await write('fake.gz', fake)));
  });

  it('no file in any damaged form other than with its own error', async () => {
    const whole = gzipSync(good);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, flip, zip) => {
          const bytes = Buffer.from(zip ? whole : good);
          const place = at % bytes.length;
          bytes[place] = (bytes[place] as number) ^ flip;
          try {
            await readIdx(await write('flipped', bytes));
          } catch (error) {
            expect(error).toMatchObject({ name: 'SparseTrainError', code: 'INVALID_FILE' });
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('a file that is not there, a folder, and no path', async () => {
    const file = await write('there', good);
    await expectRefusal('FILE_NOT_FOUND', ['nowhere.idx'], () => readIdx(`${file}-nowhere.idx`));
    await expectRefusal('FILE_NOT_FOUND', ['inside'], () => readIdx(`${file}/inside`));
    await expectRefusal('FILE_ACCESS', ['folder'], () => readIdx('test'));
    await expectRefusal('INVALID_OPTION', ['file', 'undefined'], () =>
      readIdx(undefined as unknown as string),
    );
  });
});

describe('loadIdxPair', () => {
  const images = () => write('images', idx(8, [3, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]));
  const labels = () => write('labels', idx(8, [3], [0, 2, 1]));

  it('makes a dataset of bytes with the shape of its images', async () => {
    const data = await loadIdxPair(await images(), await labels());
    expect(data.inputs.data).toBeInstanceOf(Uint8Array);
    expect([...data.inputs.row(1)]).toEqual([5, 6, 7, 8]);
    expect(data.imageShape).toEqual({ height: 2, width: 2, channels: 1 });
    expect(data.targets).toEqual({
      kind: 'classes',
      labels: Int32Array.of(0, 2, 1),
      classes: ['0', '1', '2'],
    });
  });

  it('takes the names of the classes', async () => {
    const data = await loadIdxPair(await images(), await labels(), { classes: ['a', 'b', 'c', 'd'] });
    expect(data.outputs).toBe(4);
  });

  it('takes labels of floats as values, and inputs of other types in one that holds them', async () => {
    const values = Buffer.alloc(12);
    for (const [i, value] of [0.5, 1.5, -2].entries()) values.writeFloatBE(value, 4 * i);
    const signed = await write('signed', idx(9, [3, 1], [255, 0, 1]));
    const data = await loadIdxPair(signed, await write('values', idx(13, [3], values)));
    expect(data.targets).toEqual({ kind: 'values', data: Float64Array.of(0.5, 1.5, -2), names: ['value 1'] });
    expect(data.inputs.data).toEqual(Int16Array.of(-1, 0, 1));
    expect(data.imageShape).toBeUndefined();
  });

  it('refuses files that do not fit each other', async () => {
    await expectRefusal('INVALID_DATA', ['wrong way round'], async () =>
      loadIdxPair(await labels(), await images()),
    );
    await expectRefusal('INVALID_DATA', ['3 examples', '2 labels'], async () =>
      loadIdxPair(await images(), await write('few', idx(8, [2], [0, 1]))),
    );
    await expectRefusal('INVALID_DATA', ['2 dimensions', '3 x 1'], async () =>
      loadIdxPair(await images(), await write('column', idx(8, [3, 1], [0, 1, 2]))),
    );
    await expectRefusal('INVALID_DATA', ['row 1', '2'], async () =>
      loadIdxPair(await images(), await labels(), { classes: ['a', 'b'] }),
    );
    await expectRefusal('UNKNOWN_OPTION', ['"classes"'], async () =>
      loadIdxPair(await images(), await labels(), { clases: ['a'] } as object),
    );
  });

  it('refuses floats that are not finite, with row and column', async () => {
    const floats = Buffer.alloc(16);
    floats.writeFloatBE(Number.NaN, 12);
    const file = await write('nan', idx(13, [2, 2], floats));
    const two = await write('two', idx(8, [2], [0, 1]));
    await expectRefusal('INVALID_DATA', ['row 1, column 1', 'NaN'], () => loadIdxPair(file, two));
  });
});
