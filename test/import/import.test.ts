import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { dump } from 'npyjs';
import { describe, expect, it } from 'vitest';
import { Network, type NetworkOptions } from '../../lib/index.js';
import { exportNpz, exportSafetensors } from '../../lib/public/export.js';
import { importNetwork } from '../../lib/public/import.js';
import { expectMistake, runHere, workFolder } from '../cli/run.js';
import { expectRefusal } from '../datasets/refusal.js';
import { byteClouds } from '../training/data.js';

const folder = workFolder();
const at = (name: string) => join(folder(), name);

type Arrays = Record<string, Uint8Array>;

const npy = (data: Parameters<typeof dump>[0], shape?: number[], dtype?: 'b1' | 'U3') =>
  new Uint8Array(dump(data, shape, dtype === undefined ? {} : { dtype }));

async function npz(name: string, arrays: Arrays): Promise<string> {
  const file = at(name);
  await writeFile(
    file,
    zipSync(Object.fromEntries(Object.entries(arrays).map(([key, value]) => [`${key}.npy`, value]))),
  );
  return file;
}

/** Weights of a junction as a dense matrix, a row for each right neuron, in whole units. */
function dense(network: Network, j: number): number[][] {
  const { offsets, left } = network.junction(j).pattern();
  const weights = network.junction(j).weights();
  const columns = network.layers[j] as number;
  return Array.from({ length: network.layers[j + 1] as number }, (_, r) => {
    const row = new Array<number>(columns).fill(0);
    for (let e = offsets[r] as number; e < (offsets[r + 1] as number); e++)
      row[left[e] as number] = weights[e] as number;
    return row;
  });
}

describe('importNetwork', () => {
  it('takes matrices in the order of their names, part by part', async () => {
    const wide = npy(
      Float32Array.from({ length: 6 }, () => 1),
      [3, 2],
    );
    const high = npy(
      Float32Array.from({ length: 6 }, () => 1),
      [2, 3],
    );
    // Both orders give a network, 3 - 2 - 3 or 2 - 3 - 2.
    for (const [first, second] of [
      ['dense/kernel:0', 'dense_1/kernel:0'],
      ['dense_2/kernel:0', 'dense_10/kernel:0'],
      ['layers.2.weight', 'layers.10.weight'],
      ['dense_kernel', 'dense_1_kernel'],
      ['fc.weight', 'fc2.weight'],
    ] as const) {
      const file = await npz('order.npz', { [second]: high, [first]: wide });
      const { network, junctions } = await importNetwork(file, { orientation: 'left-right' });
      expect(junctions.map(({ matrix }) => matrix)).toEqual([first, second]);
      expect(network.layers).toEqual([3, 2, 3]);
    }
  });

  it('brings back what was exported, bit for bit', async () => {
    const variants: NetworkOptions[] = [
      { layers: [9, 20, 4], pattern: 'random', density: [0.3, 1] },
      { layers: [9, 20, 4], density: 0.5, arithmetic: { kind: 'wide', weightBits: 6 }, output: 'sigmoid' },
      { layers: [9, 20, 4], density: 0.5, arithmetic: { kind: 'float' }, activation: 'tanh' },
      {
        layers: [16, 8, 4],
        fanOut: 4,
        pattern: 'SS+MD',
        arithmetic: { kind: 'hardware', width: 32, integerBits: 4 },
      },
    ];
    for (const options of variants) {
      const source = new Network(options);
      const { layers: _, density: __, fanOut: ___, pattern: ____, ...same } = options;
      const files = [
        ...(await exportNpz(source, at('all.npz'))).files,
        ...(source.arithmetic.kind === 'float'
          ? []
          : (await exportNpz(source, at('all-int.npz'), { values: 'integer' })).files),
        ...(source.arithmetic.kind === 'hardware'
          ? []
          : (await exportSafetensors(source, at('dense.safetensors'))).files),
      ];
      for (const file of files) {
        const { network, junctions, weights } = await importNetwork(file, same);
        expect(weights).toBe('keep');
        expect(junctions.map(({ clipped, toZero }) => [clipped, toZero])).toEqual([
          [0, 0],
          [0, 0],
        ]);
        for (const j of [0, 1]) {
          expect(dense(network, j)).toEqual(dense(source, j));
          expect(network.junction(j).biases()).toEqual(source.junction(j).biases());
        }
      }
    }
  });

  it('makes networks that train on exactly these edges', async () => {
    const file = await npz('mask.npz', {
      first: npy([1, 0, 1, 0, 0, 1, 0, 1], [2, 4], 'b1'),
      second: npy([1, 1, 0, 1, 1, 1], [3, 2], 'b1'),
    });
    const { network, weights, junctions } = await importNetwork(file);
    expect(weights).toBe('draw');
    expect(junctions.map(({ matrix, edges }) => [matrix, edges])).toEqual([
      ['first', 4],
      ['second', 5],
    ]);
    expect([...network.junction(0).pattern().left]).toEqual([0, 2, 1, 3]);
    expect(
      network
        .junction(0)
        .weights()
        .some((w) => w !== 0),
    ).toBe(true);
    await network.fit(byteClouds(100), { epochs: 1 });
    expect([...network.junction(0).pattern().left]).toEqual([0, 2, 1, 3]);
  });

  it('rounds numbers to the format, and says how many were clipped or became zero', async () => {
    const file = await npz('numbers.npz', {
      'a.weight': npy(Float64Array.of(0.5, -1.99, 2, -3, 1e-9, 0), [2, 3]),
      'a.bias': npy(Float64Array.of(0.25, 1e9)),
    });
    // Eight bits, six of them after the point: -2 to 127/64.
    const { network, junctions } = await importNetwork(file, { arithmetic: { kind: 'wide', weightBits: 8 } });
    expect(junctions).toEqual([
      { matrix: 'a.weight', biases: 'a.bias', left: 3, right: 2, edges: 5, clipped: 3, toZero: 1 },
    ]);
    expect([...network.junction(0).weights()]).toEqual([32, -127, 127, -128, 0]);
    expect([...network.junction(0).biases()]).toEqual([0.25 * 2 ** 14, 2 ** 29]);
  });

  it('reads every sparse format alike, whatever the order of entries', async () => {
    const entries = fc.uniqueArray(
      fc.record({ row: fc.nat(4), col: fc.nat(6), value: fc.integer({ min: 1, max: 100 }) }),
      { minLength: 1, maxLength: 20, selector: ({ row, col }) => `${row} ${col}` },
    );
    await fc.assert(
      fc.asyncProperty(entries, async (list) => {
        const byLine = (line: 'row' | 'col', count: number) => {
          const order = Array.from({ length: count }, (_, i) => list.filter((entry) => entry[line] === i));
          const pointers = [0];
          for (const inLine of order) pointers.push((pointers.at(-1) as number) + inLine.length);
          return { flat: order.flat(), pointers };
        };
        const common = { shape: npy(BigInt64Array.of(5n, 7n)) };
        const rows = byLine('row', 5);
        const columns = byLine('col', 7);
        const files = [
          await npz('coo.npz', {
            ...common,
            format: npy(['coo'], [], 'U3'),
            data: npy(Float32Array.from(list, ({ value }) => value)),
            row: npy(Int32Array.from(list, ({ row }) => row)),
            col: npy(Int32Array.from(list, ({ col }) => col)),
          }),
          await npz('csr.npz', {
            ...common,
            data: npy(Int16Array.from(rows.flat, ({ value }) => value)),
            indices: npy(Int32Array.from(rows.flat, ({ col }) => col)),
            indptr: npy(Int32Array.from(rows.pointers)),
          }),
          await npz('csc.npz', {
            ...common,
            format: npy(['csc'], [], 'U3'),
            data: npy(Float64Array.from(columns.flat, ({ value }) => value)),
            indices: npy(BigInt64Array.from(columns.flat, ({ row }) => BigInt(row))),
            indptr: npy(Int32Array.from(columns.pointers)),
          }),
        ];
        const expected = Array.from({ length: 5 }, () => new Array<number>(7).fill(0));
        for (const { row, col, value } of list) (expected[row] as number[])[col] = value;
        for (const file of files) {
          const { network } = await importNetwork(file, { arithmetic: { kind: 'wide', weightFraction: 0 } });
          expect(dense(network, 0)).toEqual(expected);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('finds out which side is which, and takes matrices in the order of their numbers or as asked', async () => {
    const matrix = (rows: number, columns: number) =>
      npy(new Float32Array(rows * columns).fill(1), [rows, columns]);
    const keras = await npz('keras.npz', { w10: matrix(3, 2), w2: matrix(4, 3) });
    const found = await importNetwork(keras);
    expect(found.orientation).toBe('left-right');
    expect(found.network.layers).toEqual([4, 3, 2]);
    const square = await npz('square.npz', { a: npy(Float32Array.of(0, 1, 2, 3), [2, 2]) });
    const wide = { arithmetic: { kind: 'wide', weightFraction: 0 } } as const;
    expect(dense((await importNetwork(square, wide)).network, 0)).toEqual([
      [0, 1],
      [2, 3],
    ]);
    const turned = await importNetwork(square, { ...wide, orientation: 'left-right' });
    expect(dense(turned.network, 0)).toEqual([
      [0, 2],
      [1, 3],
    ]);
    const many = await npz('many.npz', { a: matrix(3, 4), b: matrix(9, 9), c: matrix(2, 3) });
    expect((await importNetwork(many, { matrices: ['a', 'c'] })).network.layers).toEqual([4, 3, 2]);
    await expectRefusal('INVALID_FILE', ['b 9 x 9', 'matrices'], () => importNetwork(many));
    await expectRefusal('INVALID_OPTION', ['"d"', 'a, b, c'], () => importNetwork(many, { matrices: ['d'] }));
    await expectRefusal('INVALID_OPTION', ['left-right'], () =>
      importNetwork(many, { matrices: ['a', 'c'], orientation: 'left-right' }),
    );
    await expectRefusal('UNKNOWN_OPTION', ['density'], () => importNetwork(many, { density: 1 } as object));
  });
});

describe('a hostile file', () => {
  const good = (): Arrays => ({
    data: npy(Float32Array.of(1, 2)),
    indices: npy(Int32Array.of(0, 1)),
    indptr: npy(Int32Array.of(0, 1, 2)),
    shape: npy(BigInt64Array.of(2n, 2n)),
  });
  const refuse = async (arrays: Arrays, ...says: string[]) =>
    expectRefusal('INVALID_FILE', ['hostile.npz', ...says], async () =>
      importNetwork(await npz('hostile.npz', arrays)),
    );

  it('is refused where its numbers contradict each other', async () => {
    await importNetwork(await npz('good.npz', good()));
    await refuse({ ...good(), indices: npy(Int32Array.of(0, 2)) }, 'outside');
    await refuse({ ...good(), indices: npy(Int32Array.of(0, -1)) }, 'outside');
    await refuse({ ...good(), indptr: npy(Int32Array.of(0, 3, 2)) }, 'indptr');
    await refuse({ ...good(), indptr: npy(Int32Array.of(0, 2)) }, 'indptr');
    await refuse({ ...good(), indptr: npy(Int32Array.of(0, 1, 3)) }, 'indptr');
    await refuse(
      { ...good(), indptr: npy(Int32Array.of(0, 2, 2)), indices: npy(Int32Array.of(1, 1)) },
      'twice',
    );
    await refuse({ ...good(), shape: npy(BigInt64Array.of(2n ** 60n, 2n)) }, 'neurons');
    await refuse({ ...good(), shape: npy(BigInt64Array.of(0n, 2n)) }, 'neurons');
    await refuse({ ...good(), data: npy(Float32Array.of(1)) }, 'from 0 to 1');
    await refuse({ ...good(), data: npy(Float32Array.of(1, Number.NaN)) }, 'finite');
    await refuse({ ...good(), format: npy(['bsr'], [], 'U3') }, 'bsr');
    await refuse({ something: npy(Float32Array.of(1)) }, 'no matrix');
  });

  it('is refused where its headers lie', async () => {
    const array = npy(Float32Array.of(1, 2, 3, 4), [2, 2]);
    const header = (text: string) => {
      const start = Buffer.from('\x93NUMPY\x01\0\0\0', 'latin1');
      start.writeUInt16LE(text.length, 8);
      return new Uint8Array(Buffer.concat([start, Buffer.from(text), new Uint8Array(array.subarray(-16))]));
    };
    const fields = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }";
    await importNetwork(await npz('good.npz', { a: header(fields) }));
    await refuse({ a: header(fields.replace('2, 2', '2, 3')) }, '2 x 3 elements of 4 bytes');
    await refuse({ a: header(fields.replace('2, 2', '99999999999, 99999999999')) }, 'bytes');
    await refuse({ a: header(fields.replace('<f4', '|O')) }, '|O');
    await refuse({ a: header('__import__("os")') }, 'header');
    await refuse({ a: array.subarray(0, 9) }, 'cut off in the header');
    await refuse({ a: array.subarray(0, 40) }, 'cut off');
  });

  it('is refused, and not inflated, where it claims more than it can hold', async () => {
    const bytes = Buffer.from(zipSync({ 'a.npy': npy(new Float32Array(4096), [64, 64]) }));
    const directory = bytes.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1'));
    bytes.writeUInt32LE(2 ** 31, directory + 24);
    await writeFile(at('bomb.npz'), bytes);
    await expectRefusal('INVALID_FILE', ['claims to have 2147483648 bytes'], () =>
      importNetwork(at('bomb.npz')),
    );
  });

  it('never does anything but be refused, wherever it is damaged', async () => {
    const whole = Buffer.from(
      zipSync(Object.fromEntries(Object.entries(good()).map(([k, v]) => [`${k}.npy`, v]))),
    );
    await exportSafetensors(new Network({ layers: [3, 2] }), at('whole.safetensors'));
    const file = at('damaged');
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), fc.boolean(), async (place, byte, cut) => {
        const damaged = Buffer.from(whole);
        damaged[place] = byte;
        await writeFile(file, cut ? damaged.subarray(0, place + 1) : damaged);
        await importNetwork(file).catch((error: { code?: string }) => {
          expect(['INVALID_FILE', 'INVALID_OPTION']).toContain(error.code);
        });
      }),
      { numRuns: 300 },
    );
  });
});

describe('sparse-train import', () => {
  it('writes a model, and says what became of the numbers', async () => {
    const file = await npz('cli.npz', { weight: npy(Float32Array.of(1, 0, 100, 0.5), [2, 2]) });
    const model = at('imported.safetensors');
    const words = [
      'import',
      file,
      '--out',
      model,
      '--arithmetic',
      'hardware',
      '--width',
      '8',
      '--integer-bits',
      '1',
    ];
    const { status, stdout, stderr } = await runHere([...words, '--json']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ layers: [2, 2], edges: 3, junctions: [{ clipped: 1 }] });
    expect([...(await Network.load(model)).junction(0).weights()]).toEqual([64, 127, 32]);
    expect((await runHere(words)).stdout).toContain("1 clipped to the format's limits");
  });

  it('refuses what it cannot use', async () => {
    const file = await npz('cli.npz', { weight: npy(Float32Array.of(1, 0, 100, 0.5), [2, 2]) });
    const out = at('refused.safetensors');
    await expectMistake(['import', file], { status: 2, code: 'MISSING_ARGUMENT', says: ['--out'] });
    await expectMistake(['import', file, '--out', file], {
      status: 1,
      code: 'FILE_ACCESS',
      says: ['--force'],
    });
    await expectMistake(['import', at('none.npz'), '--out', out], {
      status: 1,
      code: 'FILE_NOT_FOUND',
      says: ['none.npz'],
    });
    await expectMistake(['import', file, '--out', out, '--matrices', 'x'], {
      status: 2,
      code: 'INVALID_OPTION',
      says: ['--matrices', '"x"'],
    });
    await expectMistake(['import', file, '--out', out, '--layers', '3'], {
      status: 2,
      code: 'UNKNOWN_OPTION',
      says: ['--layers'],
    });
  });
});

/** A safetensors file of float32 arrays, as PyTorch writes a state dict. */
async function safetensors(
  name: string,
  shapes: Readonly<Record<string, readonly number[]>>,
): Promise<string> {
  const header: Record<string, unknown> = {};
  let end = 0;
  for (const [tensor, shape] of Object.entries(shapes)) {
    const bytes = 4 * shape.reduce((product, size) => product * size, 1);
    header[tensor] = { dtype: 'F32', shape, data_offsets: [end, end + bytes] };
    end += bytes;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const numbers = Float32Array.from({ length: end / 4 }, (_, i) => ((i % 7) - 3) / 4 || 0.5);
  await writeFile(at(name), Buffer.concat([length, text, Buffer.from(numbers.buffer)]));
  return at(name);
}

const LINEAR = { '0.weight': [8, 4], '0.bias': [8], '2.weight': [3, 8], '2.bias': [3] };
const BATCH_NORM = {
  '1.weight': [8],
  '1.bias': [8],
  '1.running_mean': [8],
  '1.running_var': [8],
  '1.num_batches_tracked': [],
};

describe('a file that holds more than matrices and biases', () => {
  it.each<[string, Record<string, readonly number[]>, string[]]>([
    [
      'batch normalisation',
      { ...LINEAR, ...BATCH_NORM },
      ['1.running_mean', '1.num_batches_tracked', 'batch normalisation', 'fold it', 'leaveOut (1)'],
    ],
    [
      'a convolution',
      { '0.weight': [8, 1, 3, 3], '0.bias': [8], '2.weight': [3, 8], '2.bias': [3] },
      ['0.weight, 0.bias', '"0.weight" (8 x 1 x 3 x 3), a convolution', 'leaveOut (0)'],
    ],
    [
      'layer normalisation',
      { ...LINEAR, 'norm.weight': [8], 'norm.bias': [8] },
      ['norm.bias', 'normalisation', 'leaveOut (norm)'],
    ],
    ['an activation with a weight', { ...LINEAR, '1.weight': [1] }, ['"1.weight" (1)', 'activation']],
    [
      'a mask apart',
      { 'a.weight_orig': [4, 4], 'a.weight_mask': [4, 4], 'a.bias': [4] },
      ['a.weight_orig', 'mask apart', 'prune.remove'],
    ],
    ['a recurrent layer', { 'r.weight_ih_l0': [8, 8], 'r.weight_hh_l0': [8, 8] }, ['a recurrent layer']],
    ['a vector beside a matrix', { ...LINEAR, '2.scale_of': [3] }, ['2.scale_of', 'leaveOut (2.scale_of)']],
  ])('is refused: %s', async (_, shapes, parts) => {
    const file = await safetensors('odd.safetensors', shapes);
    await expectRefusal('INVALID_FILE', ['odd.safetensors cannot be imported', ...parts], () =>
      importNetwork(file),
    );
  });

  it('is imported without what the caller leaves out, which is named', async () => {
    const file = await safetensors('norm.safetensors', { ...LINEAR, ...BATCH_NORM });
    const plain = await importNetwork(await safetensors('plain.safetensors', LINEAR));
    expect(plain.unused).toEqual([]);
    for (const leaveOut of [['1'], Object.keys(BATCH_NORM), 'all'] as const) {
      const { network, unused, junctions } = await importNetwork(file, { leaveOut });
      expect(unused).toEqual(Object.keys(BATCH_NORM));
      expect(network.layers).toEqual([4, 8, 3]);
      expect(junctions.map(({ biases }) => biases)).toEqual(['0.bias', '2.bias']);
    }
    await expectRefusal('INVALID_OPTION', ['leaveOut', '"2.bais"', "did you mean '2.bias'?"], () =>
      importNetwork(file, { leaveOut: ['2.bais'] }),
    );
    await expectRefusal('INVALID_FILE', ['1.running_var'], () =>
      importNetwork(file, { leaveOut: ['1.weight', '1.bias'] }),
    );
  });

  it('may hold other matrices than those that the caller names', async () => {
    const file = await safetensors('two-heads.safetensors', {
      ...LINEAR,
      'head.weight': [2, 8],
      'head.bias': [2],
    });
    const { unused, network } = await importNetwork(file, { matrices: ['0.weight', 'head.weight'] });
    expect(unused).toEqual(['2.weight', '2.bias']);
    expect(network.layers).toEqual([4, 8, 2]);
    const norm = await safetensors('norm.safetensors', { ...LINEAR, ...BATCH_NORM });
    await expectRefusal('INVALID_FILE', ['batch normalisation'], () =>
      importNetwork(norm, { matrices: ['0.weight', '2.weight'] }),
    );
  });

  it('is named on the command line, in its spelling', async () => {
    const file = await safetensors('norm.safetensors', { ...LINEAR, ...BATCH_NORM });
    const words = ['import', file, '--out', at('out.safetensors')];
    await expectMistake(words, {
      status: 1,
      code: 'INVALID_FILE',
      says: ['1.running_mean', 'leave it out with --leave-out (1)'],
    });
    const { status, stdout } = await runHere([...words, '--leave-out', '1']);
    expect(status).toBe(0);
    expect(stdout).toContain(`not used: ${Object.keys(BATCH_NORM).join(', ')}\n`);
    const json = await runHere([...words, '--leave-out', 'all', '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ unused: Object.keys(BATCH_NORM) });
  });

  it('has biases as Keras names them', async () => {
    const file = await safetensors('keras.safetensors', {
      'dense_1/kernel:0': [4, 8],
      'dense_1/bias:0': [8],
      'dense_2/kernel:0': [8, 3],
      'dense_2/bias:0': [3],
    });
    const { junctions, orientation } = await importNetwork(file);
    expect(orientation).toBe('left-right');
    expect(junctions.map(({ biases }) => biases)).toEqual(['dense_1/bias:0', 'dense_2/bias:0']);
  });
});
