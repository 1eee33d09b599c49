import { SparseTrainError, seenFrom } from '../base/errors.js';
import { readStoredBytes } from '../base/files/read-bytes.js';
import { parseJson } from '../base/json.js';
import { checkOptionsObject, checkValues, refuseUnknown } from '../base/options/table.js';
import { resolveArithmetic, units } from '../network/arithmetic.js';
import { invalidFile } from '../network/model-file/safetensors.js';
import { Network } from '../training/network.js';
import { parseSafetensors } from './dense-safetensors.js';
import { chooseMatrices, type FoundMatrix, findMatrices } from './matrices.js';
import { parseNpz } from './npz.js';
import { IMPORT, IMPORT_FILE, type ImportOptions } from './options.js';
import { type Orientation, orient } from './orientation.js';
import { quantise } from './quantise.js';
import type { Contents } from './stored-array.js';
import { checkLeftOut, isLeftOut, unusedArrays } from './unused.js';

/** The result for one matrix. */
export interface ImportedJunction {
  /** The matrix's name in the file. */
  matrix: string;
  /** The biases' name; undefined if there are none, or they were not requested. */
  biases: string | undefined;
  left: number;
  right: number;
  edges: number;
  /** Weights and biases that were clipped to the format's limits. */
  clipped: number;
  /** Nonzero weights and biases that became zero; their edges remain. */
  toZero: number;
}

/** An imported network, with a report on its matrices. */
export interface ImportedNetwork {
  network: Network;
  orientation: Orientation;
  weights: 'keep' | 'draw';
  junctions: ImportedJunction[];
  /** The names of all arrays in the file that were not used. */
  unused: string[];
}

/**
 * Makes a network from the matrices in an .npz or safetensors file: dense ones, whose nonzero entries are edges, or
 * scipy's CSR, CSC or COO, whose stored entries are.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION, FILE_NOT_FOUND, FILE_ACCESS, INVALID_FILE with the reason,
 * NETWORK_TOO_LARGE
 */
export async function readNetwork(file: string, options: ImportOptions): Promise<ImportedNetwork> {
  // Only the names of options are checked here; Network checks their values.
  checkOptionsObject('importNetwork options', options);
  refuseUnknown('importNetwork options', options, Object.keys(IMPORT));
  const { matrices: _m, orientation: _o, weights: _w, leaveOut: _l, ...more } = options;
  const {
    matrices: wanted,
    orientation: way,
    weights: wish,
    leaveOut = [],
  } = checkValues(IMPORT_FILE, { ...options });
  const bytes = await readStoredBytes(file);
  try {
    const contents = isZip(bytes) ? parseNpz(bytes, 'the archive') : parseSafetensors(bytes);
    checkLeftOut(contents, leaveOut);
    const found = findMatrices(contents);
    const isNamed = (name: string) => leaveOut === 'all' || !isLeftOut(name, leaveOut);
    const chosen = chooseMatrices(found, wanted, isNamed);
    const unused = unusedArrays(contents, chosen, { found, isChosen: wanted !== undefined, leaveOut });
    const { orientation, matrices, layers } = orient(chosen, way);
    const weights = wish ?? (matrices.every(({ isMask }) => isMask) ? 'draw' : 'keep');
    const network = new Network({
      ...more,
      layers: [...layers],
      pattern: matrices.map(({ matrix: { offsets, left } }) => ({ offsets, left })),
    });
    const scale = weights === 'keep' ? storedUnits(contents) : undefined;
    const junctions = matrices.map((matrix, j) => takeOver(network, j, matrix, scale));
    return { network, orientation, weights, junctions, unused };
  } catch (error) {
    throw inFile(file, error);
  }
}

/** The first bytes of a zip archive; as the length of a safetensors header they would be 67 MB. */
function isZip(bytes: Uint8Array): boolean {
  return [0x50, 0x4b, 3, 4].every((byte, i) => bytes[i] === byte);
}

interface StoredUnits {
  readonly weight: number;
  readonly bias: number;
}

/** The unit of the file's numbers: 1, unless this package wrote them as integers and recorded their format. */
function storedUnits({ texts }: Contents): StoredUnits {
  const { package: by, values, arithmetic } = metadata(texts.get('metadata'));
  if (by !== 'sparse-train' || values !== 'integer') return { weight: 1, bias: 1 };
  try {
    return units(resolveArithmetic(arithmetic));
  } catch (error) {
    throw invalidFile(`its metadata have no known arithmetic: ${(error as Error).message}`, error);
  }
}

/** The description that this package writes into an archive; a file of another program may hold anything there. */
function metadata(text = '{}'): Readonly<Record<string, unknown>> {
  try {
    return Object(parseJson(text)) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function takeOver(
  network: Network,
  j: number,
  { name, matrix, bias }: FoundMatrix,
  stored: StoredUnits | undefined,
): ImportedJunction {
  const { rows, columns, left, values } = matrix;
  const facts = { matrix: name, left: columns, right: rows, edges: left.length };
  if (stored === undefined) return { ...facts, biases: undefined, clipped: 0, toZero: 0 };
  const { arithmetic } = network;
  const real = stored.weight === 1 ? values : values.map((value) => value * stored.weight);
  const weights = quantise(name, real, network.junction(j).weights(), 'weight', arithmetic);
  network.junction(j).setWeights(weights.numbers);
  let { clipped, toZero } = weights;
  if (bias !== undefined) {
    const numbers = Float64Array.from(bias.numbers, (value) => value * stored.bias);
    const biases = quantise(bias.name, numbers, network.junction(j).biases(), 'bias', arithmetic);
    network.junction(j).setBiases(biases.numbers);
    clipped += biases.clipped;
    toZero += biases.toZero;
  }
  return { ...facts, biases: bias?.name, clipped, toZero };
}

function inFile(file: string, error: unknown): unknown {
  if (!(error instanceof SparseTrainError) || error.code !== 'INVALID_FILE') return error;
  return seenFrom(`${file} cannot be imported: `, error);
}
