import { count } from '../../base/numbers.js';
import { boolean, oneOf, path } from '../../base/options/kinds.js';
import type { ImportedNetwork } from '../../import/import.js';
import { importNetwork } from '../../import/index.js';
import { IMPORT_FILE, type ImportOptions } from '../../import/options.js';
import { someNames } from '../../import/unused.js';
import { defineCommand } from '../command.js';
import { checkModelOutput } from '../model-file.js';
import { networkOptions, networkSettings } from '../settings/network.js';
import { flagsOf, type Settings } from '../settings/setting.js';
import { missingOption } from '../usage.js';

// The file determines layers and edges.
const { layers: _l, density: _d, fanOut: _f, pattern: _p, parallelism: _z, ...ownSettings } = networkSettings;

const fileSettings = {
  out: { flag: '--out', kind: path(), description: 'the model file to write', oldFlags: ['--output'] },
  ...flagsOf(IMPORT_FILE),
  force: {
    flag: '--force',
    kind: boolean,
    description: 'replace an existing file even if it is not a model of sparse-train',
  },
} as const satisfies Settings;

const outputSettings = {
  outputLayer: {
    flag: '--output-layer',
    kind: oneOf(['softmax', 'sigmoid', 'linear'], '<kind>'),
    description: 'softmax (one class), sigmoid (any labels) or linear (numbers)',
    option: 'output',
  },
} as const satisfies Settings;

export default defineCommand({
  description:
    'From an .npz file (dense arrays, or scipy.sparse CSR, CSC or COO) or a safetensors file: entries other than zero ' +
    'become edges, their numbers the initial weights, rounded to the format. docs/export.md says how matrices are found.',
  arguments: [{ name: 'file', description: 'an .npz or .safetensors file' }],
  options: { 'Files:': fileSettings, 'Network:': { ...outputSettings, ...ownSettings } },
  defaults: {
    outputLayer: 'softmax',
    activation: 'relu',
    arithmetic: 'wide',
    bits: '16',
    seed: '1',
  },
  examples: [
    'sparse-train import pruned.npz --out pruned.safetensors',
    'sparse-train import torch.safetensors --matrices fc1.weight,fc2.weight --out network.safetensors',
    'sparse-train import masks.npz --weights draw --weight-bits 8 --out network.safetensors',
  ],
  async run({ words, options }) {
    const file = words[0] as string;
    const { out: output, matrices, orientation, weights, force = false, outputLayer, ...rest } = options;
    const { leaveOut, ...given } = rest;
    if (output === undefined) throw missingOption('--out', 'the model file to write');
    await checkModelOutput(output, force);
    const { layers: _, ...network } = networkOptions(given, []);
    const wished = { ...network, output: outputLayer, matrices, orientation, weights, leaveOut };
    const imported = await importNetwork(file, withoutEdges(wished));
    await imported.network.save(output);
    return { document: describe(file, output, imported), text: () => shown(output, imported) };
  },
});

/** The network options without the ones that select edges. */
function withoutEdges<T extends ImportOptions>(options: T): ImportOptions {
  const edges = ['density', 'fanOut', 'pattern', 'parallelism'];
  return Object.fromEntries(Object.entries(options).filter(([name]) => !edges.includes(name)));
}

function describe(
  from: string,
  model: string,
  { network, orientation, weights, junctions, unused }: ImportedNetwork,
) {
  const edges = junctions.reduce((sum, junction) => sum + junction.edges, 0);
  return {
    from,
    model,
    layers: network.layers,
    edges,
    orientation,
    weights,
    junctions,
    unused,
    digest: network.digest(),
  };
}

function shown(model: string, { orientation, weights, junctions, unused }: ImportedNetwork): string {
  const lines = junctions.map(({ matrix, biases, left, right, edges, clipped, toZero }) => {
    const notes = [
      ...(biases === undefined ? [] : [`biases ${biases}`]),
      ...(weights === 'draw' ? ['weights drawn'] : []),
      ...(clipped === 0 ? [] : [`${count(clipped)} clipped to the format's limits`]),
      ...(toZero === 0 ? [] : [`${count(toZero)} rounded to zero`]),
    ];
    return `${matrix}: ${left} to ${right}, ${count(edges)} edges${notes.map((note) => `, ${note}`).join('')}`;
  });
  const left = unused.length === 0 ? [] : [`not used: ${someNames(unused, 20)}`];
  return [
    ...lines,
    ...left,
    `${model}: rows are ${orientation === 'right-left' ? 'right' : 'left'} neurons`,
  ].join('\n');
}
