import type { ImageShape } from '../../data/dataset.js';
import type { Network } from '../../training/network.js';
import { divergingPicture, type Picture, POSITIVE } from '../html/picture.js';
import type { FieldPictures, JunctionPictures, ModelPart } from './reported-run.js';

/** The largest size of a junction's picture, in cells. In larger junctions, neurons share cells. */
const COLUMNS = 784;
const ROWS = 256;
/** The most neurons whose weights are drawn as images. */
const FIELDS = 24;

/** Gathers what a report shows about a model; `image` is the shape of its inputs if they are images. */
export function modelPart(
  network: Network,
  file: string,
  bytes: number,
  image: ImageShape | undefined,
): ModelPart {
  const inspection = network.inspect();
  const { weights } = inspection.formats;
  const unit = weights.type === 'integer' ? weights.step : 1;
  return {
    file,
    bytes,
    digest: network.digest(),
    inspection,
    scaling: network.scaling,
    junctions: inspection.junctions.map((_, j) =>
      junctionPictures(network, j, unit, j === 0 ? image : undefined),
    ),
  };
}

function junctionPictures(
  network: Network,
  junction: number,
  unit: number,
  image: ImageShape | undefined,
): JunctionPictures {
  const left = network.layers[junction] as number;
  const right = network.layers[junction + 1] as number;
  const { offsets, left: lefts } = network.junction(junction).pattern();
  const weights = network.junction(junction).weights();
  const cell = [Math.ceil(left / COLUMNS), Math.ceil(right / ROWS)] as const;
  const columns = Math.ceil(left / cell[0]);
  const rows = Math.ceil(right / cell[1]);
  const counts = new Float64Array(columns * rows);
  const sums = new Float64Array(columns * rows);
  for (let r = 0; r < right; r++) {
    for (let w = offsets[r] as number; w < (offsets[r + 1] as number); w++) {
      const at = Math.floor(r / cell[1]) * columns + Math.floor((lefts[w] as number) / cell[0]);
      counts[at] = (counts[at] as number) + 1;
      sums[at] = (sums[at] as number) + (weights[w] as number) * unit;
    }
  }
  const means = sums.map((sum, at) => (counts[at] === 0 ? 0 : sum / (counts[at] as number)));
  const limit = highMagnitude(means);
  return {
    edges: countPicture(counts, columns, rows),
    weights: divergingPicture(means, columns, rows, limit),
    limit,
    cell,
    fields: image === undefined || image.channels !== 1 ? undefined : fields(network, image, unit),
  };
}

/**
 * The magnitude that gets the full colour: the 99th percentile of nonzero values, so that a few large ones do not make
 * all others pale.
 */
function highMagnitude(values: Float64Array): number {
  const sorted = values
    .filter((value) => value !== 0)
    .map(Math.abs)
    .sort();
  return sorted.at(Math.floor(0.99 * sorted.length)) ?? sorted.at(-1) ?? 0;
}

function countPicture(counts: Float64Array, width: number, height: number): Picture {
  const most = counts.reduce((a, b) => Math.max(a, b), 0);
  const data = new Uint8Array(4 * width * height);
  for (const [i, count] of counts.entries()) {
    data.set(POSITIVE, 4 * i);
    data[4 * i + 3] = count === 0 ? 0 : Math.round(70 + (185 * count) / most);
  }
  return { width, height, channels: 4, data };
}

/** The weights into the hidden neurons with the largest outgoing weights. */
function fields(network: Network, { width, height }: ImageShape, unit: number): FieldPictures {
  const pixels = width * height;
  const right = network.layers[1] as number;
  const { offsets, left } = network.junction(0).pattern();
  const weights = network.junction(0).weights();
  const reading = new Float64Array(pixels);
  const field = (neuron: number) => {
    const values = new Float64Array(pixels);
    for (let w = offsets[neuron] as number; w < (offsets[neuron + 1] as number); w++) {
      const pixel = left[w] as number;
      // Hardware layers are padded beyond the image.
      if (pixel < pixels) values[pixel] = (weights[w] as number) * unit;
    }
    return values;
  };
  for (let neuron = 0; neuron < right; neuron++) {
    for (const [pixel, value] of field(neuron).entries())
      reading[pixel] = (reading[pixel] as number) + Math.abs(value);
  }
  const outgoing = outgoingWeights(network, right);
  const chosen = Array.from({ length: right }, (_, neuron) => neuron)
    .sort((a, b) => (outgoing[b] as number) - (outgoing[a] as number))
    .slice(0, FIELDS);
  return {
    neurons: chosen.map((neuron) => {
      const values = field(neuron);
      return { neuron, picture: divergingPicture(values, width, height, highMagnitude(values)) };
    }),
    reading: divergingPicture(
      reading,
      width,
      height,
      reading.reduce((a, b) => Math.max(a, b), 0),
    ),
  };
}

/**
 * The importance of each neuron of layer 1: the sum of the magnitudes of its outgoing weights. Output neurons are all
 * equally important.
 */
function outgoingWeights(network: Network, neurons: number): Float64Array {
  const sums = new Float64Array(neurons);
  if (network.layers.length < 3) return sums;
  const { left } = network.junction(1).pattern();
  const weights = network.junction(1).weights();
  for (const [w, neuron] of left.entries())
    sums[neuron] = (sums[neuron] as number) + Math.abs(weights[w] as number);
  return sums;
}
