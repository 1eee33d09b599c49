import { significant } from '../../base/numbers.js';
import { CsrMatrix, sliceRows } from '../../data/csr.js';
import type { AnyDataset, ImageShape } from '../../data/dataset.js';
import { padFor } from '../../data/padding.js';
import type { Targets } from '../../data/targets.js';
import type { Threads } from '../../network/threads.js';
import type { Network } from '../../training/network.js';
import type { Picture } from '../html/picture.js';
import type { TestedPart, WorstExample } from './reported-run.js';

/** The most scores in memory at a time. */
const SCORES = 2 ** 20;
/** The most inputs that are listed for an example that is not a picture. */
const INPUTS = 12;

/** A row's number and its loss. */
interface Candidate {
  readonly row: number;
  readonly loss: number;
  readonly scores: Float32Array;
  readonly decision: number;
}

/**
 * Measures a model on data and finds the examples with the largest loss.
 *
 * @param most - the most examples to keep; with classes, only misclassified examples
 * @throws SparseTrainError INVALID_DATA if the data do not fit the network
 */
export async function testedPart(
  network: Network,
  name: string,
  data: AnyDataset,
  most: number,
  threads: Threads,
): Promise<TestedPart> {
  const padded = padFor(network, data);
  const metrics = await network.evaluate(padded, { threads });
  const { inputs } = padded;
  const outputs = network.layers.at(-1) as number;
  const step = Math.max(1, Math.floor(SCORES / outputs));
  const spreads = data.targets.kind === 'values' ? valueSpreads(data) : [];
  let worst: Candidate[] = [];
  for (let start = 0; start < data.rows; start += step) {
    const end = Math.min(data.rows, start + step);
    const predictions = await network.predictBatch(sliceRows(inputs, start, end), { threads });
    for (let i = 0; i < predictions.count; i++) {
      const scores = predictions.row(i);
      const decision = predictions.decisions[i] as number;
      const loss = lossOf(data.targets, start + i, scores, decision, spreads);
      if (loss > 0) worst.push({ row: start + i, loss, scores: scores.slice(), decision });
    }
    worst = worst.sort((a, b) => b.loss - a.loss || a.row - b.row).slice(0, most);
  }
  return { data: name, metrics, worst: worst.map((candidate) => describe(data, candidate)) };
}

/** The loss of an output; 0 if the output is right. */
function lossOf(
  targets: Targets,
  row: number,
  scores: Float32Array,
  decision: number,
  spreads: readonly number[],
): number {
  switch (targets.kind) {
    case 'classes': {
      const label = targets.labels[row] as number;
      if (label === decision) return 0;
      return 1 - probabilityOf(scores, label);
    }
    case 'multilabel': {
      const { names, data } = targets;
      const misses = names.map((_, k) =>
        Math.abs((data[row * names.length + k] as number) - (scores[k] as number)),
      );
      return misses.some((miss) => miss >= 0.5) ? misses.reduce((a, b) => a + b, 0) : 0;
    }
    case 'values': {
      const { names, data } = targets;
      const errors = names.map(
        (_, k) => ((scores[k] as number) - (data[row * names.length + k] as number)) / (spreads[k] as number),
      );
      return Math.hypot(...errors);
    }
  }
}

/** A single output gives the score of the second class. */
function probabilityOf(scores: Float32Array, label: number): number {
  if (scores.length > 1) return scores[label] as number;
  return label === 1 ? (scores[0] as number) : 1 - (scores[0] as number);
}

/** The range of each output, by which errors are divided so that outputs in different units count equally. */
function valueSpreads({ targets, rows }: AnyDataset): number[] {
  if (targets.kind !== 'values') return [];
  const { names, data } = targets;
  return names.map((_, k) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let row = 0; row < rows; row++) {
      const value = data[row * names.length + k] as number;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    return high > low ? high - low : 1;
  });
}

function describe(data: AnyDataset, candidate: Candidate): WorstExample {
  const { row } = candidate;
  const { imageShape, inputs } = data;
  const values = inputs instanceof CsrMatrix ? undefined : inputs.row(row);
  const listed = imageShape === undefined ? listedInputs(data, row) : [];
  return {
    row,
    ...verdict(data.targets, candidate),
    picture: imageShape === undefined || values === undefined ? undefined : imageOf(values, imageShape),
    inputs: listed.slice(0, INPUTS),
    inputsLeftOut: Math.max(0, listed.length - INPUTS),
  };
}

/**
 * The inputs of a row by name. Neighbours named `column=a`, `column=b` and so on that hold a single 1 among zeros in
 * this row are the categories of one column: they become one input with that category. None of them is 1 for a
 * category that the training data did not have.
 */
function listedInputs(
  { inputs: matrix, featureNames, features }: AnyDataset,
  row: number,
): (readonly [string, number | string])[] {
  if (matrix instanceof CsrMatrix) {
    const { indices, values } = matrix.row(row);
    return Array.from(indices, (i, k) => [featureNames?.[i] ?? `input ${i + 1}`, Number(values[k])]);
  }
  const inputs = matrix.row(row);
  const names = featureNames ?? Array.from({ length: features }, (_, i) => `input ${i + 1}`);
  const listed: (readonly [string, number | string])[] = [];
  for (let i = 0; i < names.length; ) {
    const name = names[i] as string;
    const prefix = featureNames === undefined ? undefined : /^(.*?)=/.exec(name)?.[0];
    let end = i + 1;
    while (prefix !== undefined && names[end]?.startsWith(prefix)) end++;
    const group = Array.from({ length: end - i }, (_, k) => Number(inputs[i + k]));
    const isCategory = end - i > 1 && group.every((value) => value === 0 || value === 1);
    if (prefix === undefined || !isCategory || group.filter(Boolean).length > 1) {
      for (const [k, value] of group.entries()) listed.push([names[i + k] as string, value]);
    } else {
      const chosen = group.indexOf(1);
      listed.push([
        prefix.slice(0, -1),
        chosen < 0 ? '–' : (names[i + chosen] as string).slice(prefix.length),
      ]);
    }
    i = end;
  }
  return listed;
}

function verdict(
  targets: Targets,
  { row, scores, decision }: Candidate,
): Pick<WorstExample, 'truth' | 'said' | 'probabilities'> {
  switch (targets.kind) {
    case 'classes': {
      const label = targets.labels[row] as number;
      return {
        truth: targets.classes[label] as string,
        said: targets.classes[decision] ?? String(decision),
        probabilities: [probabilityOf(scores, label), probabilityOf(scores, decision)],
      };
    }
    case 'multilabel': {
      const { names, data } = targets;
      const marked = (is: (k: number) => boolean) => names.filter((_, k) => is(k)).join(', ') || 'none';
      return {
        truth: marked((k) => data[row * names.length + k] === 1),
        said: marked((k) => (scores[k] as number) >= 0.5),
        probabilities: undefined,
      };
    }
    case 'values': {
      const { names, data } = targets;
      const list = (value: (k: number) => number) => names.map((_, k) => significant(value(k), 4)).join(', ');
      return {
        truth: list((k) => data[row * names.length + k] as number),
        said: list((k) => scores[k] as number),
        probabilities: undefined,
      };
    }
  }
}

/** Bytes are used as pixels; other numbers are scaled from black, the image's lowest, to white, its highest. */
function imageOf(inputs: ArrayLike<number>, { width, height, channels }: ImageShape): Picture | undefined {
  if (channels !== 1 && channels !== 3 && channels !== 4) return undefined;
  if (inputs instanceof Uint8Array) return { width, height, channels, data: inputs.slice() };
  const values = Array.from(inputs);
  const low = Math.min(...values);
  const high = Math.max(...values);
  const scale = high > low ? 255 / (high - low) : 0;
  const data = Uint8Array.from(values, (value) => Math.round((value - low) * scale));
  return { width, height, channels, data };
}
