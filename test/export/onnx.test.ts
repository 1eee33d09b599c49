import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MESSAGES } from '../../lib/export/onnx/schema.js';
import { Network, type NetworkOptions } from '../../lib/index.js';
import { exportOnnx } from '../../lib/public/export.js';
import { workFolder } from '../cli/run.js';
import { expectRefusal } from '../datasets/refusal.js';
import { byteClouds, clouds } from '../training/data.js';
import { protobufType } from './protobuf-type.js';

// scripts/check-exports.mjs checks that onnxruntime computes the same as predict().

const folder = workFolder();

const ModelProto = protobufType('ModelProto', MESSAGES);

interface Tensor {
  name: string;
  dims: number[];
  dataType: number;
  rawData: Uint8Array;
}

/** The contents of a file. */
async function contents(file: string) {
  const model = ModelProto.toObject(ModelProto.decode(await readFile(file)), {
    longs: Number,
    arrays: true,
  }) as {
    metadataProps: { key: string; value: string }[];
    graph: { node: { opType: string }[]; initializer: Tensor[]; input: object[]; output: object[] };
  };
  return {
    metadata: Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value])),
    operators: new Set(model.graph.node.map(({ opType }) => opType)),
    tensors: new Map(model.graph.initializer.map((tensor) => [tensor.name, tensor])),
    inputs: model.graph.input,
  };
}

const exported = async (name: string, options: NetworkOptions, more = {}) => {
  const file = join(folder(), `${name}.onnx`);
  const facts = await exportOnnx(new Network(options), file, more);
  return { facts, ...(await contents(file)) };
};

describe('an ONNX file', () => {
  it('says which form it has and whether it is exact', async () => {
    const layers = [4, 6, 3];
    const wide = await exported('wide', { layers });
    expect(wide.metadata).toMatchObject({ 'sparse-train.form': 'float', 'sparse-train.exact': 'true' });
    expect(wide.metadata['sparse-train.digest']).toBe(new Network({ layers }).digest());
    expect(wide.operators).toContain('MatMul');

    const integer = await exported('integer', { layers }, { form: 'integer' });
    expect(integer.metadata).toMatchObject({ 'sparse-train.form': 'integer', 'sparse-train.exact': 'true' });
    expect(integer.operators).toContain('MatMulInteger');
    expect(integer.operators).not.toContain('MatMul');

    const float = await exported('float', { layers, arithmetic: { kind: 'float' } });
    expect(float.metadata).toMatchObject({ 'sparse-train.form': 'float', 'sparse-train.exact': 'false' });
    expect(float.facts.exact).toBe(false);
  });

  it('holds the weights unchanged, and absent edges as 0', async () => {
    const options: NetworkOptions = {
      layers: [5, 4],
      pattern: {
        edges: [
          [1, 0],
          [4, 2],
          [0, 3],
        ],
      },
    };
    const { tensors } = await exported('edges', options);
    const network = new Network(options);
    const expected = new Array<number>(20).fill(0);
    const weights = network.junction(0).weights();
    expected[1 * 4 + 0] = weights[0] as number;
    expected[4 * 4 + 2] = weights[1] as number;
    expected[0 * 4 + 3] = weights[2] as number;
    const { rawData, dims } = tensors.get('weights_0') as Tensor;
    expect(dims).toEqual([5, 4]);
    expect([...new Int16Array(Uint8Array.from(rawData).buffer)]).toEqual(expected);
  });

  it('has quantised tensors in the form qdq, and says whether float32 holds all of their sums', async () => {
    const export8 = async (weight: number) => {
      const network = new Network({
        layers: [8, 2, 2],
        arithmetic: { kind: 'wide', weightBits: 16, weightFraction: 4 },
      });
      network.junction(0).setWeights(new Int16Array(16).fill(weight));
      const file = join(folder(), 'qdq.onnx');
      const facts = await exportOnnx(network, file, { form: 'qdq', input: 'uint8' });
      return { facts, ...(await contents(file)) };
    };
    // Hidden sums and half a unit: 2 * 8 * 255 * 4112 + 1 = 2^24 - 255; one more is too many.
    const just = await export8(4112);
    expect(just.metadata).toMatchObject({ 'sparse-train.form': 'qdq', 'sparse-train.exact': 'true' });
    for (const operator of ['QuantizeLinear', 'DequantizeLinear', 'MatMul'])
      expect(just.operators).toContain(operator);
    const beyond = await export8(4113);
    expect(beyond.facts.exact).toBe(false);
    expect(beyond.metadata['sparse-train.exact']).toBe('false');
    const network = new Network({ layers: [8, 2], arithmetic: { kind: 'float' } });
    await expectRefusal('INVALID_OPTION', ['qdq', 'float'], () =>
      exportOnnx(network, join(folder(), 'qdq.onnx'), { form: 'qdq' }),
    );
  });

  it('counts products of one sign together where inputs cannot be negative', async () => {
    const network = new Network({
      layers: [8, 1, 2],
      arithmetic: { kind: 'wide', weightBits: 16, weightFraction: 0 },
    });
    network
      .junction(0)
      .setWeights(Int16Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? 16_000 : -16_000)));
    const typeFor = async (input: 'uint8' | 'int16') => {
      const file = join(folder(), 'signs.onnx');
      await exportOnnx(network, file, { input });
      return (await contents(file)).tensors.get('biases_0')?.dataType;
    };
    expect(await typeFor('uint8')).toBe(1);
    expect(await typeFor('int16')).toBe(11);
  });

  it('adds in float32 only where no sum can leave the numbers that float32 holds exactly', async () => {
    const FLOAT = 1;
    const DOUBLE = 11;
    const type = async (name: string, weight: number) => {
      const network = new Network({
        layers: [8, 1, 2],
        arithmetic: { kind: 'wide', weightBits: 16, weightFraction: 0 },
      });
      network.junction(0).setWeights(new Int16Array(8).fill(weight));
      const file = join(folder(), `${name}.onnx`);
      await exportOnnx(network, file, { input: 'uint8' });
      return (await contents(file)).tensors.get('biases_0')?.dataType;
    };
    // 8 edges of bytes: 8 * 255 * 8224 = 2^24 - 256; one more is too many.
    expect(await type('just', 8224)).toBe(FLOAT);
    expect(await type('beyond', 8225)).toBe(DOUBLE);
  });

  it('reads by default the kind of inputs that the network was trained on', async () => {
    const bytes = new Network({ layers: [4, 3] });
    await bytes.fit(byteClouds(50), { epochs: 1 });
    expect((await exportOnnx(bytes, join(folder(), 'bytes.onnx'))).input).toBe('uint8');
    const numbers = new Network({ layers: [4, 3] });
    await numbers.fit(clouds(50), { epochs: 1 });
    const file = join(folder(), 'numbers.onnx');
    expect((await exportOnnx(numbers, file)).input).toBe('float32');
    expect((await contents(file)).tensors.get('input_scale')?.dims).toEqual([4]);
    expect((await exportOnnx(bytes, file, { input: 'int16' })).input).toBe('int16');
  });

  it('refuses forms that the arithmetic does not have, and matrices beyond what its files hold', async () => {
    const file = join(folder(), 'refused.onnx');
    const hardware = new Network({
      layers: [8, 4],
      arithmetic: { kind: 'hardware', width: 8, integerBits: 2 },
    });
    await expectRefusal('INVALID_OPTION', ['integer', 'hardware'], () =>
      exportOnnx(hardware, file, { form: 'float' }),
    );
    const network = new Network({ layers: [2, 2] });
    await expectRefusal('INVALID_OPTION', ['form'], () =>
      exportOnnx(network, file, { form: 'double' as 'float' }),
    );
    await expectRefusal('INVALID_OPTION', ['input'], () =>
      exportOnnx(network, file, { input: 'int8' as 'uint8' }),
    );
    const large = new Network({ layers: [40_000, 40_000], pattern: { edges: [[0, 0]] } });
    await expectRefusal('INVALID_OPTION', ['dense', '.npz'], () => exportOnnx(large, file));
    await expectRefusal('FILE_NOT_FOUND', ['folder'], () =>
      exportOnnx(network, join(folder(), 'no', 'such.onnx')),
    );
  });
});
