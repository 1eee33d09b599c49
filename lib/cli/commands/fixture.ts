import { join } from 'node:path';
import { SparseTrainError } from '../../base/errors.js';
import { makeFolder } from '../../base/files/make-folder.js';
import { writeText } from '../../base/files/write-text.js';
import { count, counted } from '../../base/numbers.js';
import { listOf, path, text, whole } from '../../base/options/kinds.js';
import { Random } from '../../base/random.js';
import { loadDataset } from '../../catalog/registry.js';
import { padMatrix } from '../../data/padding.js';
import { currentKernelSet, engineVersion } from '../../engine/kernel-sets.js';
import type { HardwareDesign, HardwareParameters } from '../../hardware/design.js';
import { fixtureDocument, shiftKind } from '../../hardware/fixture.js';
import { designOf, type FixtureData, makeFixture } from '../../hardware/make-fixture.js';
import { coeText, type MemoryImage, memoryImages, readmemhText } from '../../hardware/memory-images.js';
import { NetworkCore } from '../../network/core.js';
import { resolveOptions } from '../../network/options.js';
import { Network } from '../../training/network.js';
import { defineCommand } from '../command.js';
import { networkOptions, networkSettings, wholeLayers } from '../settings/network.js';
import { pick, type Settings, type Values } from '../settings/setting.js';
import { missingOption } from '../usage.js';

const designSettings = {
  model: {
    flag: '--model',
    kind: path(),
    description: 'a model file of the hardware arithmetic; replaces the options below',
  },
  layers: wholeLayers,
  ...pick(
    networkSettings,
    'fanOut',
    'density',
    'pattern',
    'parallelism',
    'activation',
    'width',
    'integerBits',
    'tableFloor',
    'cost',
    'outputActivation',
    'seed',
  ),
} as const satisfies Settings;

const runSettings = {
  data: {
    flag: '--data',
    kind: { ...text('<name>'), words: ['random'] },
    isDataset: true,
    description: 'random, or a data set whose inputs are bytes, such as mnist',
  },
  inputs: { flag: '--inputs', kind: whole(0, 1_000_000), description: 'the number of inputs to present' },
  etaShift: { flag: '--eta-shift', kind: shiftKind, description: 'k in the learning rate 2^-k' },
  halveAfter: {
    flag: '--halve-after',
    kind: listOf(whole(1, 1e9), { least: 1, placeholder: '<inputs>' }),
    description: 'the numbers of inputs after which the rate is halved, such as 25000,75000',
  },
} as const satisfies Settings;

const fileSettings = {
  out: { flag: '--out', kind: path(), description: 'the file to write', oldFlags: ['--output'] },
  memories: {
    flag: '--memories',
    kind: { ...path(), placeholder: '<folder>' },
    description:
      'a folder for memory initialisation files of the initial state: .mem for $readmemh, .coe for memory generators',
  },
} as const satisfies Settings;

type Given = Values<typeof designSettings> & Values<typeof runSettings>;

const OUT = 'fixture.json';

export default defineCommand({
  description:
    'Writes a fixture (golden vectors) for checking a design. It holds a network of the hardware arithmetic, its ' +
    'initial weights and biases, inputs, the outputs of each input, and the weights and biases after the last one: ' +
    'load the memories, present the inputs, drain, compare. "sparse-train verify" checks results in the same format.',
  options: { 'Network:': designSettings, 'Run:': runSettings, 'Files:': fileSettings },
  defaults: {
    pattern: 'clash-free-2',
    activation: 'sigmoid',
    data: 'random',
    inputs: '100',
    etaShift: '3',
    out: OUT,
    seed: '1',
  },
  examples: [
    'sparse-train fixture --layers 64,16,4 --fan-out 2,2 --parallelism 32,8 --width 10 --integer-bits 2',
    'sparse-train fixture --layers 1024,64,32 --fan-out 4,16 --data mnist --inputs 40 --memories images',
    'sparse-train fixture --model digits.safetensors --data mnist --out digits.json',
  ],
  async run({ options }) {
    const { out = OUT, memories } = options;
    const { design, parameters } =
      options.model === undefined ? fromOptions(options) : await fromModel(options.model, options);
    const data = await dataFor(design, options);
    const fixture = await makeFixture(design, parameters, data, etaShifts(options, data.labels.length));
    const origin = `sparse-train ${engineVersion()}, ${currentKernelSet()}`;
    await writeText(out, `${JSON.stringify(fixtureDocument(fixture, origin))}\n`, '--out');
    const images = memories === undefined ? [] : await writeImages(memories, design, parameters);
    const edges = parameters.weights.reduce((sum, { length }) => sum + length, 0);
    const { layers, width: bits, integerBits: whole } = design;
    return {
      document: {
        out,
        layers,
        edges,
        arithmetic: { kind: 'hardware', width: bits, integerBits: whole },
        parallelism: design.junctions.map((wiring) => wiring.parallelism ?? null),
        inputs: data.labels.length,
        memories: images.map(({ rows: _, ...image }) => image),
      },
      text: () =>
        [
          `${out}: ${layers.join('-')}, ${count(edges)} edges, ${bits} bits (1.${whole}.${bits - 1 - whole}), ${counted(data.labels.length, 'input')}`,
          ...images.map(
            ({ name, depth, fields, fieldBits, what }) =>
              `${join(memories ?? '', name)}.mem, .coe: ${count(depth)} x ${fields} x ${fieldBits} bits, ${what}`,
          ),
        ].join('\n'),
    };
  },
});

interface Start {
  readonly design: HardwareDesign;
  readonly parameters: HardwareParameters;
}

function fromOptions(options: Given): Start {
  if (options.layers === undefined) {
    throw missingOption(
      '--layers',
      'neurons of all layers, input first, such as 1024,64,32; or --model, a model file',
    );
  }
  const { pattern: given = 'clash-free-2' } = options;
  const resolved = resolveOptions({
    ...networkOptions({ ...options, arithmetic: 'hardware', pattern: given }, options.layers),
    // With one output, targets are flags (0 or 1) everywhere else. A fixture stores labels, and with one
    // output all labels are 0.
    output: options.layers.at(-1) === 1 ? 'sigmoid' : 'softmax',
  });
  return startOf(new NetworkCore(resolved));
}

async function fromModel(file: string, given: Given): Promise<Start> {
  // The seed also determines the random data.
  const { model: _model, seed: _seed, ...others } = designSettings;
  for (const [key, { flag }] of Object.entries(others)) {
    if (given[key as keyof typeof others] === undefined) continue;
    throw new SparseTrainError('INVALID_OPTION', `${flag} is known from the model; leave it out`);
  }
  return startOf((await OpenNetwork.load(file)).parts);
}

/** A network that gives access to its engine. */
class OpenNetwork extends Network {
  get parts(): NetworkCore {
    return this.core;
  }
}

function startOf(core: NetworkCore): Start {
  const { engine } = core;
  core.drain();
  const junctions = Array.from({ length: core.junctionCount }, (_, j) => j);
  return {
    design: designOf(core.options, (j) => engine.pattern(j)),
    parameters: {
      weights: junctions.map((j) => engine.weights(j)),
      biases: junctions.map((j) => engine.biases(j)),
    },
  };
}

async function dataFor(
  design: HardwareDesign,
  { data = 'random', inputs: wanted = 100, seed: given = 1 }: Given,
): Promise<FixtureData> {
  const columns = design.layers[0] as number;
  const outputs = design.layers.at(-1) as number;
  if (data === 'random') {
    const random = new Random(given);
    return {
      inputs: Uint8Array.from({ length: wanted * columns }, () => random.below(256)),
      labels: Array.from({ length: wanted }, () => random.below(outputs)),
    };
  }
  const { train } = await loadDataset(data);
  const { inputs, targets } = train;
  if (!(inputs.data instanceof Uint8Array) || targets.kind !== 'classes') {
    throw new SparseTrainError(
      'INVALID_OPTION',
      `--data: the inputs of ${data} are not bytes, but a fixture holds bytes`,
    );
  }
  if (targets.classes.length > outputs) {
    throw new SparseTrainError(
      'INVALID_OPTION',
      `--data: ${data} has ${targets.classes.length} classes, but the network only ${outputs} outputs`,
    );
  }
  const rows = Math.min(wanted, train.rows);
  const few = rows === 0 ? undefined : padMatrix(train.slice(0, rows).inputs, columns);
  return {
    inputs: few === undefined ? new Uint8Array(0) : Uint8Array.from(few.data),
    labels: Array.from(targets.labels.subarray(0, rows)),
  };
}

function etaShifts({ etaShift = 3, halveAfter = [] }: Given, inputs: number): number[] {
  return Array.from({ length: inputs }, (_, i) =>
    Math.min(31, etaShift + halveAfter.filter((boundary) => boundary <= i).length),
  );
}

async function writeImages(
  folder: string,
  design: HardwareDesign,
  parameters: HardwareParameters,
): Promise<MemoryImage[]> {
  await makeFolder(folder, `--memories: ${folder}`);
  const images = memoryImages(design, parameters);
  for (const image of images) {
    await writeText(join(folder, `${image.name}.mem`), readmemhText(image), '--memories');
    await writeText(join(folder, `${image.name}.coe`), coeText(image), '--memories');
  }
  const manifest = images.map(({ rows: _, ...facts }) => facts);
  await writeText(join(folder, 'memories.json'), `${JSON.stringify(manifest, null, 2)}\n`, '--memories');
  return images;
}
