/**
 * A model file is a safetensors file: weights and biases are tensors, everything else is text in the
 * metadata. A pattern is stored as the parameters of its generator, with a digest that shows whether this
 * release still generates the same pattern, or as its edges, or as both.
 */

import type { FileHandle } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describeValue } from '../../base/errors.js';
import { writeAtomically } from '../../base/files/atomic-write.js';
import { fileVersion } from '../../base/files/file-version.js';
import { removeLeftovers } from '../../base/files/temporary.js';
import { filePath, oneOf } from '../../base/options/kinds.js';
import { type OptionsOf, option } from '../../base/options/table.js';
import { inSlices } from '../../base/steps.js';
import { warn } from '../../base/warning.js';
import type { BiasArray, WeightArray } from '../../engine/arrays.js';
import type { NetworkCore } from '../core.js';
import { type JunctionArrays, junctionDigests, networkDigest, patternDigest } from '../digest.js';
import { describeInterleaver } from '../interleaver.js';
import { type NetworkOptions, resolveOptions } from '../options.js';
import type { EdgesByNeuron, ResolvedPattern } from '../patterns.js';
import { type ModelMetadata, modelMetadata, parseMetadata, type StoredPattern } from './metadata.js';
import {
  invalidFile,
  readSafetensorsFile,
  type SafetensorsHeader,
  type Tensor,
  unusableFile,
  writeSafetensors,
} from './safetensors.js';
import {
  biasType,
  lengthOf,
  placeOf,
  readBiases,
  readEdges,
  readWeights,
  tensorNames,
  weightType,
} from './tensors.js';

/** The options of {@link Network.save}. */
export const SAVE = {
  /**
   * 'compact' (the default) stores generated patterns as the parameters of their generator; 'edges' also
   * stores all edges, for readers in other languages and for later releases whose generators may differ.
   */
  pattern: option(oneOf(['compact', 'edges']), {
    text: 'compact (generated patterns are stored as parameters of their generator) or edges (all edges are stored as well)',
    default: 'compact',
  }),
};

/** Options of {@link Network.save}. */
export interface SaveOptions extends OptionsOf<typeof SAVE> {}

/**
 * The most edges that a file may request from a generator when it also stores `edges`. Without this limit a
 * small file could make a reader allocate far more memory than the file's size.
 */
function mostAskedFor(edges: number): number {
  return 4 * edges + 1024;
}

/**
 * Writes a network. Copies its state before this function returns, and computes digests with pauses for other events;
 * the file is complete when the promise settles.
 *
 * @param texts - further texts for the file's metadata
 * @throws SparseTrainError NETWORK_BUSY, FILE_NOT_FOUND, FILE_ACCESS
 */
export async function writeModel(
  core: NetworkCore,
  file: string,
  options: SaveOptions,
  texts: Readonly<Record<string, string>> = {},
): Promise<void> {
  core.drain();
  const { engine, options: network } = core;
  const { arithmetic } = network;
  const tensors: Tensor[] = [];
  const patterns: StoredPattern[] = [];
  const junctions: JunctionArrays[] = [];
  for (const [j, wished] of network.patterns.entries()) {
    const names = tensorNames(j);
    const { weights, biases, pattern } = {
      weights: engine.weights(j),
      biases: engine.biases(j),
      pattern: engine.pattern(j),
    };
    const stored = storedPattern(wished, weights.length);
    const dtype = weightType(arithmetic);
    const data = dtype === 'I8' ? new Int8Array(weights) : weights;
    tensors.push({ name: names.weights, dtype, shape: [weights.length], data });
    tensors.push({ name: names.biases, dtype: biasType(arithmetic), shape: [biases.length], data: biases });
    if (stored === 'custom' || options.pattern === 'edges') tensors.push(...edgeTensors(pattern, j));
    patterns.push(stored);
    junctions.push({ weights, biases, pattern });
  }
  const describe = modelMetadata(core, patterns);
  const digests = await inSlices(junctionDigests(junctions));
  const metadata = { ...texts, ...describe(digests.patterns, digests.network) };
  return replaceModel(core, file, (handle) => writeSafetensors(handle, metadata, tensors));
}

/** Writes the file, and warns if another process has written it since this network was read from it or saved to it. */
async function replaceModel(
  core: NetworkCore,
  file: string,
  write: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const path = typeof file === 'string' ? resolve(file) : '';
  const known = core.fileVersions.get(path);
  const found = known === undefined ? undefined : await fileVersion(path);
  await writeAtomically(file, write);
  core.fileVersions.set(path, await fileVersion(path));
  if (found !== undefined && found !== known) {
    const advice = 'that model is lost; give every process a file of its own';
    warn('REPLACED_ANOTHER', `${file} had been written by another process, and has been replaced: ${advice}`);
  }
}

function storedPattern(wished: ResolvedPattern, edges: number): StoredPattern {
  if (wished.kind === 'dense' || wished.kind === 'custom') return wished.kind;
  if (wished.kind === 'interleaver') return describeInterleaver(wished);
  return wished.edges <= mostAskedFor(edges) ? { kind: wished.kind, edges: wished.edges } : 'custom';
}

function edgeTensors(pattern: EdgesByNeuron, j: number): Tensor[] {
  const names = tensorNames(j);
  const { offsets, left } = pattern;
  const wide = BigInt64Array.from(offsets, BigInt);
  return [
    { name: names.offsets, dtype: 'I64', shape: [wide.length], data: wide },
    { name: names.left, dtype: 'I32', shape: [left.length], data: left },
  ];
}

/** The contents of a model file, read and checked as far as possible without a network. */
interface Model {
  /** Of the file, before it was read. */
  readonly version: string | undefined;
  readonly metadata: ModelMetadata;
  readonly options: NetworkOptions;
  /** The same network, with the edges from the file for patterns that this release generates differently. */
  readonly optionsWithEdges: NetworkOptions | undefined;
  readonly weights: readonly WeightArray[];
  readonly biases: readonly BiasArray[];
}

/**
 * Reads a network.
 *
 * @param make - makes the network with the file's options; only the caller knows its class
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS, INVALID_FILE with the reason, NETWORK_TOO_LARGE
 */
export async function readModel<T>(
  file: string,
  make: (options: NetworkOptions) => T,
  coreOf: (network: T) => NetworkCore,
): Promise<T> {
  filePath.check('file', file);
  try {
    // A folder that cannot be listed or written to is no reason not to read the model.
    await removeLeftovers(resolve(file)).catch(() => undefined);
    const model = await readContents(file);
    let network = make(model.options);
    if (
      changedPattern(coreOf(network), model.metadata) !== undefined &&
      model.optionsWithEdges !== undefined
    ) {
      network = make(model.optionsWithEdges);
    }
    restore(coreOf(network), model);
    coreOf(network).fileVersions.set(resolve(file), model.version);
    return network;
  } catch (error) {
    throw unusableFile(file, 'model', error);
  }
}

async function readContents(file: string): Promise<Model> {
  const version = await fileVersion(file);
  return readSafetensorsFile(file, async (handle, header) => {
    const metadata = parseMetadata(header.metadata);
    const layers = metadata.options.layers;
    const edges: (EdgesByNeuron | undefined)[] = [];
    for (const [j, pattern] of metadata.patterns.entries()) {
      const stored = pattern === 'custom' || header.tensors.has(tensorNames(j).left);
      edges.push(stored ? await readEdges(handle, header, j, layers[j + 1] as number) : undefined);
    }
    checkSizes(header, metadata, edges);
    const pattern = metadata.patterns.map((stored, j) =>
      stored === 'custom' ? (edges[j] as EdgesByNeuron) : stored,
    );
    const withEdges = metadata.patterns.map((stored, j) => (stored === 'dense' ? stored : edges[j]));
    const complete = withEdges.every((option) => option !== undefined);
    const options = { ...metadata.options, pattern };
    const { arithmetic } = resolveOptions(options);
    const weights: Model['weights'][number][] = [];
    const biases: Model['biases'][number][] = [];
    for (let j = 0; j < pattern.length; j++) {
      const names = tensorNames(j);
      const weightsAt = placeOf(
        header,
        names.weights,
        weightType(arithmetic),
        lengthOf(header, names.weights),
      );
      const biasesAt = placeOf(header, names.biases, biasType(arithmetic), layers[j + 1] as number);
      weights.push(await readWeights(handle, weightsAt, arithmetic, names.weights));
      biases.push(await readBiases(handle, biasesAt, arithmetic, names.biases));
    }
    return {
      version,
      metadata,
      options,
      optionsWithEdges: complete ? { ...metadata.options, pattern: withEdges } : undefined,
      weights,
      biases,
    };
  });
}

/**
 * Refuses a file whose options describe a network that its tensors do not fill, before allocating anything
 * for the network.
 */
function checkSizes(
  header: SafetensorsHeader,
  metadata: ModelMetadata,
  explicit: readonly (EdgesByNeuron | undefined)[],
): void {
  const { layers } = metadata.options;
  const known = new Set<string>();
  for (const [j, pattern] of metadata.patterns.entries()) {
    const names = tensorNames(j);
    const edges = lengthOf(header, names.weights);
    const right = layers[j + 1] as number;
    if (lengthOf(header, names.biases) !== right) {
      throw invalidFile(
        `tensor "${names.biases}" must have ${describeValue(right)} entries, one per right neuron`,
      );
    }
    const stored = explicit[j];
    const dense = (layers[j] as number) * right;
    const fits =
      pattern === 'dense'
        ? edges === dense
        : pattern === 'custom'
          ? edges === stored?.left.length
          : pattern.kind === 'interleaver'
            ? edges === (layers[j] as number) * pattern.fanOut
            : pattern.edges <= mostAskedFor(edges) && edges <= dense;
    if (!fits)
      throw invalidFile(`tensor "${names.weights}" has ${edges} weights, which do not fit the pattern`);
    known.add(names.weights).add(names.biases);
    if (stored !== undefined) known.add(names.offsets).add(names.left);
  }
  for (const name of header.tensors.keys()) {
    if (!known.has(name))
      throw invalidFile(`it has a tensor ${describeValue(name)} that is not part of a model`);
  }
}

/** The first junction whose generated pattern differs from the one in the file. */
function changedPattern(core: NetworkCore, metadata: ModelMetadata): number | undefined {
  const changed = metadata.patternDigests.findIndex((digest, j) => {
    return patternDigest(core.engine.pattern(j)) !== digest;
  });
  return changed < 0 ? undefined : changed;
}

function restore(core: NetworkCore, model: Model): void {
  const { metadata, weights, biases } = model;
  const changed = changedPattern(core, metadata);
  if (changed !== undefined) {
    throw invalidFile(
      `the pattern of junction ${changed} differs from the saved one: the file is damaged or comes from a ` +
        `release with another generator (saving with { pattern: 'edges' } there makes a file that works here)`,
    );
  }
  for (let j = 0; j < weights.length; j++) {
    core.engine.setWeights(j, weights[j] as WeightArray, 'INVALID_FILE');
    core.engine.setBiases(j, biases[j] as BiasArray, 'INVALID_FILE');
  }
  const digest = networkDigest(core.engine, weights.length);
  if (digest !== metadata.digest) {
    throw invalidFile('its weights or biases differ from the saved ones (their digest differs)');
  }
  metadata.restore(core);
}
