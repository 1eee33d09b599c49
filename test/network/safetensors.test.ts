import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SparseTrainError } from '../../lib/index.js';
import { duplicateName } from '../../lib/network/model-file/duplicate-names.js';
import {
  parseHeader,
  readSafetensorsHeader,
  readTensor,
  type Tensor,
  writeSafetensors,
} from '../../lib/network/model-file/safetensors.js';
import { expectRefusal } from '../datasets/refusal.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sparse-train-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function written(metadata: Record<string, string>, tensors: Tensor[]): Promise<string> {
  const file = join(folder, 'file.safetensors');
  const handle = await open(file, 'w');
  await writeSafetensors(handle, metadata, tensors);
  await handle.close();
  return file;
}

const ARRAYS = {
  I8: Int8Array,
  I16: Int16Array,
  I32: Int32Array,
  I64: BigInt64Array,
  F32: Float32Array,
  F64: Float64Array,
} as const;

const tensor = fc
  .record({ dtype: fc.constantFrom(...(Object.keys(ARRAYS) as (keyof typeof ARRAYS)[])), length: fc.nat(40) })
  .chain(({ dtype, length }) =>
    fc.uint8Array({ minLength: length * 8, maxLength: length * 8 }).map((bytes) => {
      const data = new ARRAYS[dtype](bytes.slice().buffer, 0, length);
      return { dtype, shape: [length], data };
    }),
  );

describe('a safetensors file', () => {
  it('gives back what was written, aligned', async () => {
    const names = fc.uniqueArray(
      fc.string().filter((name) => name !== '__metadata__'),
      { maxLength: 6 },
    );
    const metadata = fc.dictionary(fc.string(), fc.string());
    await fc.assert(
      fc.asyncProperty(names, metadata, fc.infiniteStream(tensor), async (tensorNames, texts, stream) => {
        const tensors: Tensor[] = tensorNames.map((name) => ({ name, ...stream.next().value }));
        const file = await written(texts, tensors);
        const handle = await open(file);
        const header = await readSafetensorsHeader(handle, (await handle.stat()).size);
        expect(Object.fromEntries(header.metadata)).toEqual(Object.fromEntries(Object.entries(texts)));
        expect([...header.tensors.keys()].sort()).toEqual([...tensorNames].sort());
        for (const { name, dtype, shape, data } of tensors) {
          const place = header.tensors.get(name);
          if (place === undefined) throw new Error('missing');
          expect(place).toMatchObject({ dtype, shape });
          expect(place.start % ARRAYS[dtype].BYTES_PER_ELEMENT).toBe(0);
          const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
          expect(Buffer.from(await readTensor(handle, place))).toEqual(bytes);
        }
        await handle.close();
      }),
      { numRuns: 50 },
    );
  });

  it('is written as the format says', async () => {
    const file = await written({ a: 'b' }, [
      { name: 'x', dtype: 'I16', shape: [2], data: Int16Array.of(1, -2) },
    ]);
    const bytes = await readFile(file);
    const length = Number(bytes.readBigUInt64LE());
    expect(length % 8).toBe(0);
    expect(JSON.parse(bytes.toString('utf8', 8, 8 + length))).toEqual({
      __metadata__: { a: 'b' },
      x: { dtype: 'I16', shape: [2], data_offsets: [0, 4] },
    });
    expect([...bytes.subarray(8 + length)]).toEqual([1, 0, 254, 255]);
  });
});

describe('a header is refused', () => {
  const refuse = (header: unknown, dataBytes: number, ...parts: string[]) => {
    const bytes = typeof header === 'string' ? Buffer.from(header) : Buffer.from(JSON.stringify(header));
    return expectRefusal('INVALID_FILE', parts, () => parseHeader(bytes, 100, 100 + dataBytes));
  };
  const x = { dtype: 'I8', shape: [4], data_offsets: [0, 4] };

  it('when it is not JSON in UTF-8', async () => {
    await refuse('[1]', 0, 'does not begin with {');
    await refuse('{"a":', 0, 'not JSON');
    await refuse('', 0, '{');
    const invalid = Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d);
    await expectRefusal('INVALID_FILE', ['UTF-8'], () => parseHeader(invalid, 0, 0));
  });

  it('when a name comes twice', async () => {
    await refuse('{"x":{"dtype":"I8","shape":[0],"data_offsets":[0,0]},"\\u0078":{}}', 0, '"x" twice');
    await refuse('{"__metadata__":{"a":"1","a":"2"}}', 0, '"a" twice');
  });

  it('when tensors overlap, leave gaps or reach past the end', async () => {
    await refuse({ x, y: { ...x, data_offsets: [2, 6] } }, 6, 'overlaps');
    await refuse({ x, y: { ...x, data_offsets: [5, 9] } }, 9, 'leaves a gap');
    await refuse({ x }, 3, 'bytes 0 to 4 of 3');
    await refuse({ x }, 7, '3 bytes at its end');
    await refuse({ x: { ...x, data_offsets: [1, 5] } }, 5, 'gap');
  });

  it('when shape, type and bytes do not fit', async () => {
    await refuse({ x: { ...x, shape: [5] } }, 4, '4 bytes', '[5] of I8');
    await refuse({ x: { ...x, shape: [2 ** 40, 2 ** 40] } }, 4, 'do not fit');
    await refuse({ x: { ...x, shape: [-4] } }, 4, 'whole numbers');
    await refuse({ x: { ...x, shape: 'abc' } }, 4, 'shape');
    await refuse({ x: { ...x, dtype: 'BF16' } }, 4, '"BF16"', 'I16');
    await refuse({ x: { ...x, dtype: 'constructor' } }, 4, 'dtype');
    await refuse({ x: { ...x, data_offsets: [4, 0] } }, 4, 'bytes 4 to 0');
    await refuse({ x: { ...x, data_offsets: [0, 4.5] } }, 4, 'data_offsets');
    await refuse({ x: { ...x, data_offsets: [0] } }, 4, 'data_offsets');
    await refuse({ x: { ...x, extra: 1 } }, 4, 'unknown field "extra"');
    await refuse({ x: null }, 0, 'an object');
  });

  it('when metadata is not text', async () => {
    await refuse({ __metadata__: { a: 1 } }, 0, '"a"', 'text');
    await refuse({ __metadata__: 'a' }, 0, '__metadata__', 'an object');
  });

  it('and never anything but refused, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        fc.nat(100),
        (bytes, size) => {
          try {
            parseHeader(bytes, 0, size);
          } catch (error) {
            expect(error).toBeInstanceOf(SparseTrainError);
            expect((error as SparseTrainError).code).toBe('INVALID_FILE');
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('duplicateName', () => {
  it('finds nothing in what JSON.stringify makes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(duplicateName(JSON.stringify(value))).toBeUndefined();
      }),
    );
  });

  it('sees through escapes, nesting and braces in strings', () => {
    expect(duplicateName('{"a":{"b":1,"c":[{"b":2}]},"d":"\\"a\\":{"}')).toBeUndefined();
    expect(duplicateName('{"a":[{"b":1,"c":{},"b":2}]}')).toBe('b');
    expect(duplicateName('{"\\u0061":1,"a":2}')).toBe('a');
  });
});
