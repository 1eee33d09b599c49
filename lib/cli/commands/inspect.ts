import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { SparseTrainError } from '../../base/errors.js';
import { writeText } from '../../base/files/write-text.js';
import { path, whole } from '../../base/options/kinds.js';
import { padFor } from '../../data/padding.js';
import { MAX_LAYERS } from '../../engine/limits.js';
import { describeCount, measureConnectivity, patternCount } from '../../hardware/connectivity.js';
import { LEARNER_FORMAT } from '../../network/model-file/metadata.js';
import type { TargetKind } from '../../online/head.js';
import { Learner } from '../../online/learner.js';
import { connectivitySvg, connectivityText } from '../../terminal/connectivity-text.js';
import { importanceText } from '../../terminal/importance-text.js';
import { inspectionText } from '../../terminal/inspection-text.js';
import { learnerText } from '../../terminal/learner-text.js';
import { columnImportance } from '../../training/importance.js';
import { Network } from '../../training/network.js';
import { defineCommand, type Outcome } from '../command.js';
import { loadTestData } from '../data/load.js';
import { withIsa } from '../isa.js';
import { readFormat, readProvenance } from '../model-file.js';
import type { Terminal } from '../terminal.js';

export default defineCommand({
  description:
    'Layers, edges and degrees of each junction, number formats, saturation, histograms of weights, scaling, ' +
    'classes, how the model was made, and how well its edges mix: spread, dispersion and scatter. Of a learner: its ' +
    'scores, classes and columns, and where its stream changed.',
  arguments: [
    { name: 'model', description: 'a model file that train or mnist wrote, or a learner of stream' },
  ],
  options: {
    'Columns:': {
      importance: {
        flag: '--importance',
        kind: path(),
        description:
          'rows with labels, in a file or a named data set: how much worse the network predicts them if one column is shuffled',
      },
    },
    'Picture:': {
      picture: {
        flag: '--picture',
        kind: path(),
        description: 'an SVG file for a picture of the edges of a junction',
      },
      junction: {
        flag: '--junction',
        kind: whole(1, MAX_LAYERS - 1),
        description: 'of the picture, counted from 1',
      },
    },
  },
  defaults: { junction: '1' },
  examples: [
    'sparse-train inspect sparse-train-mnist.safetensors',
    'sparse-train inspect iris.safetensors --json',
    'sparse-train inspect iris.safetensors --importance more-irises.csv',
    'sparse-train inspect sparse-train-mnist.safetensors --picture edges.svg',
  ],
  async run({ terminal, words, options }) {
    const file = words[0] as string;
    if ((await readFormat(file)) === LEARNER_FORMAT) return inspectLearner(file, options, terminal);
    const network = await Network.load(file);
    const facts = {
      file,
      bytes: (await stat(file)).size,
      digest: network.digest(),
      provenance: await readProvenance(file),
      inputs: network.scaling,
      columns: network.schema?.columns,
      ...network.inspect(),
    };
    const wirings = network.layers.slice(1).map((right, j) => {
      const { offsets, left: lefts } = network.junction(j).pattern();
      return { left: network.layers[j] as number, right, offsets, lefts };
    });
    const { picture, junction = 1, importance: rows } = options;
    const importance = rows === undefined ? undefined : await importanceOf(network, rows);
    if (picture !== undefined) {
      const wiring = wirings[junction - 1];
      if (wiring === undefined)
        throw new SparseTrainError(
          'INVALID_OPTION',
          `--junction must be a whole number from 1 to ${wirings.length}, but it is ${junction}`,
        );
      const title = `${basename(file)}: junction ${junction}, ${wiring.left} to ${wiring.right}, ${wiring.lefts.length} edges`;
      await writeText(picture, connectivitySvg(wiring, title), '--picture');
    }
    const measures = measureConnectivity(wirings);
    const counts = facts.junctions.map(({ interleaver, left, fanIn }) =>
      interleaver === undefined
        ? undefined
        : describeCount(patternCount({ ...interleaver, left, fanIn: fanIn.maximum })),
    );
    const connectivity = { ...measures, patterns: counts };
    return {
      document: {
        ...withIsa(facts),
        provenance: withIsa(facts.provenance),
        connectivity,
        importance: importance?.columns,
        picture,
      },
      text: () =>
        [
          inspectionText(facts, terminal),
          '',
          connectivityText(measures, counts, terminal),
          ...(importance === undefined
            ? []
            : ['', importanceText(importance.columns, importance.rows, terminal)]),
          ...(picture === undefined ? [] : ['', `  picture of junction ${junction}: ${picture}`]),
        ].join('\n'),
    };
  },
});

/** Measures how much the network relies on each column. */
async function importanceOf(network: Network, data: string) {
  const { dataset } = await loadTestData({ data }, network);
  const padded = padFor(network, dataset);
  return { columns: await columnImportance(network, padded), rows: padded.rows };
}

interface Given {
  readonly picture?: string | undefined;
  readonly junction?: number | undefined;
  readonly importance?: string | undefined;
}

async function inspectLearner(
  file: string,
  { picture, junction, importance }: Given,
  terminal: Terminal,
): Promise<Outcome> {
  if (importance !== undefined)
    throw new SparseTrainError(
      'INVALID_OPTION',
      `--importance is about networks that train made, and ${file} holds a learner; leave it out`,
    );
  if (picture !== undefined || junction !== undefined) {
    const flag = picture === undefined ? '--junction' : '--picture';
    throw new SparseTrainError(
      'INVALID_OPTION',
      `${flag} is about junctions, and ${file} holds a learner, which has none; leave it out`,
    );
  }
  const learner = await Learner.load<object, TargetKind | readonly TargetKind[]>(file);
  const { bytes, kernelSet, ...inspected } = learner.inspect();
  const { version, date } = await readProvenance(file);
  const facts = {
    file,
    bytesOfFile: (await stat(file)).size,
    digest: learner.digest(),
    provenance: { ...(version && { version }), ...(date && { date }) },
    ...inspected,
    bytes,
    kernelSet,
    metrics: [learner.metrics()].flat(),
  };
  const { bytesOfFile, metrics, ...rest } = facts;
  return {
    document: withIsa({ ...rest, bytes: bytesOfFile, bytesOfWeights: bytes, targets: metrics }),
    text: () => learnerText(facts, terminal),
  };
}
