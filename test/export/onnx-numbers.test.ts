import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Dataset, Network } from '../../lib/index.js';
import { type ExportInput, exportOnnx, type OnnxForm } from '../../lib/public/export.js';
import { SMALL_NAMES, smallCases } from '../../scripts/export-cases.mjs';
import { workFolder } from '../cli/run.js';
import { type OnnxModel, readOnnx } from './onnx-file.js';
import { runOnnx } from './onnx-interpreter.js';

const folder = workFolder();
const ROWS = 12;
const FORMS: Record<string, readonly OnnxForm[]> = {
  wide: ['float', 'integer', 'qdq'],
  hardware: ['integer'],
  float: ['float'],
};
const ARRAYS = { uint8: Uint8Array, int16: Int16Array, float32: Float32Array, float64: Float64Array };

async function exported(network: Network, options: object) {
  const file = join(folder(), 'numbers.onnx');
  const facts = await exportOnnx(network, file, options);
  return { facts, model: readOnnx(await readFile(file)) };
}

/** Decisions and scores of a model. */
function computed(model: OnnxModel, inputs: ArrayLike<number>) {
  const outputs = runOnnx(model, inputs);
  return {
    decisions: outputs.get('decision')?.data.map(Number),
    scores: outputs.get('scores')?.data as number[],
  };
}

/** Expects the model to give the numbers of predictBatch(). */
async function expectSameNumbers(
  network: Network,
  model: OnnxModel,
  inputs: InstanceType<(typeof ARRAYS)[ExportInput]>,
) {
  const { decisions, scores } = await network.predictBatch(inputs);
  expect(computed(model, inputs)).toEqual({ decisions: [...decisions], scores: [...scores] });
}

describe('an ONNX graph, computed as its operators are specified,', () => {
  let cases: Awaited<ReturnType<typeof smallCases>>;
  beforeAll(async () => {
    cases = await smallCases({ Network, Dataset } as never, ROWS);
  });

  it.each(SMALL_NAMES)('gives decisions and scores of predict() in every form: %s', async (name) => {
    const { network, inputs, input } = cases.find((one) => one.name === name) as (typeof cases)[number];
    const { kind } = network.arithmetic;
    for (const form of FORMS[kind] as readonly OnnxForm[]) {
      const { facts, model } = await exported(network as Network, { form, input });
      expect(facts).toMatchObject({ form, input });
      const { decisions, scores } = await network.predictBatch(inputs as Float64Array);
      const got = computed(model, inputs);
      expect({ form, decisions: got.decisions }).toEqual({ form, decisions: [...decisions] });
      if (facts.exact) expect({ form, scores: got.scores }).toEqual({ form, scores: [...scores] });
      else
        for (const [i, score] of scores.entries())
          expect(Math.abs((got.scores[i] as number) - score)).toBeLessThan(
            1e-4 * Math.max(1, Math.abs(score)),
          );
      if (form !== 'qdq') expect(facts.exact).toBe(kind !== 'float');
    }
  });

  it('reads inputs of every type like predict()', async () => {
    const numbers = Array.from(
      { length: 40 },
      (_, i) => [0, 1, 7, 128, 254, 255, 16, 3][(i * 5) % 8] as number,
    );
    const wide = { layers: [10, 6, 3] };
    const hardware = (width: number, integerBits: number) => ({
      layers: [10, 4],
      arithmetic: { kind: 'hardware', width, integerBits } as const,
    });
    for (const options of [
      wide,
      hardware(16, 4),
      hardware(8, 2),
      { ...wide, arithmetic: { kind: 'float' } as const },
    ]) {
      const network = new Network(options);
      for (const input of ['uint8', 'int16', 'float32', 'float64'] as const) {
        const { model } = await exported(network, { input });
        const inputs = ARRAYS[input].from(numbers);
        if (network.arithmetic.kind === 'float') {
          const { scores } = await network.predictBatch(inputs);
          for (const [i, score] of computed(model, inputs).scores.entries())
            expect(score).toBeCloseTo(scores[i] as number, 4);
        } else await expectSameNumbers(network, model, inputs);
      }
    }
  });

  it('clips words outside its format, and reads NaN as the smallest word', async () => {
    const network = new Network({ layers: [2, 3] });
    for (const [input, numbers] of [
      ['int16', [-32_768, 32_767, -2048, 2048]],
      ['float32', [-1e9, 1e9, Number.NaN, 7.998]],
      ['float64', [-Infinity, Infinity, 0.001953125, -0.001953125]],
    ] as const) {
      const { model } = await exported(network, { input });
      await expectSameNumbers(network, model, ARRAYS[input].from(numbers));
    }
  });

  it('decides for yes from a probability of exactly one half on', async () => {
    for (const [arithmetic, one] of [
      [{ kind: 'wide' }, 2 ** 14],
      [{ kind: 'hardware', width: 16, integerBits: 4, outputActivation: 'relu' }, 2 ** 10],
      [{ kind: 'float' }, 1],
    ] as const) {
      const network = new Network({ layers: [1, 1], output: 'sigmoid', arithmetic });
      network.junction(0).setWeights(
        network
          .junction(0)
          .weights()
          .map(() => 0),
      );
      for (const bias of [-one, -1, 0, one / 2 - 1, one / 2, one]) {
        network.junction(0).setBiases(
          network
            .junction(0)
            .biases()
            .map(() => bias),
        );
        const { model } = await exported(network, { input: 'uint8' });
        const inputs = Uint8Array.of(0);
        const { decisions } = await network.predictBatch(inputs);
        expect(computed(model, inputs).decisions).toEqual([...decisions]);
      }
    }
  });

  it('gives the sums of linear outputs that were never scaled', async () => {
    for (const form of ['float', 'integer', 'qdq'] as const) {
      const network = new Network({ layers: [4, 6, 3], output: 'linear' });
      const { model } = await exported(network, { form, input: 'uint8' });
      await expectSameNumbers(network, model, Uint8Array.of(255, 0, 17, 200, 1, 2, 3, 4));
    }
  });

  it('names its inputs, outputs and what made it', async () => {
    const network = new Network({ layers: [4, 6, 3], classes: ['p', 'q', 'r'] });
    const { model, facts } = await exported(network, { input: 'int16' });
    const value = (name: string, elemType: number, ...dim: object[]) => ({
      name,
      type: { tensorType: { elemType, shape: { dim } } },
    });
    expect(model.graph.input).toEqual([value('input', 5, { dimParam: 'rows' }, { dimValue: 4 })]);
    expect(model.graph.output).toEqual([
      value('scores', 1, { dimParam: 'rows' }, { dimValue: 3 }),
      value('decision', 7, { dimParam: 'rows' }),
    ]);
    expect(model.graph.name).toBe('sparse_train');
    expect(model.producerName).toBe('sparse-train');
    expect(model.producerVersion).toMatch(/^\d+\.\d+\.\d+/);
    expect(model.docString).toContain('bit for bit');
    expect(facts.digest).toBe(network.digest());
    expect(Object.fromEntries(model.metadataProps.map(({ key, value: text }) => [key, text]))).toMatchObject({
      'sparse-train.layers': '[4,6,3]',
      'sparse-train.digest': network.digest(),
      'sparse-train.arithmetic': JSON.stringify(network.arithmetic),
    });
    expect(new Set(model.graph.node.map(({ name }) => name)).size).toBe(model.graph.node.length);
  });

  it('needs version 18 of the operators, and version 21 for 16-bit quantised tensors', async () => {
    const network = new Network({ layers: [4, 3] });
    const versions = async (form: OnnxForm) => {
      const { irVersion, opsetImport } = (await exported(network, { form })).model;
      return { irVersion, opsetImport };
    };
    expect(await versions('float')).toEqual({ irVersion: 8, opsetImport: [{ domain: '', version: 18 }] });
    expect(await versions('integer')).toEqual({ irVersion: 8, opsetImport: [{ domain: '', version: 18 }] });
    expect(await versions('qdq')).toEqual({ irVersion: 10, opsetImport: [{ domain: '', version: 21 }] });
    const float = new Network({ layers: [4, 3], arithmetic: { kind: 'float' } });
    expect((await exported(float, {})).model.docString).toContain('may differ');
  });
});
