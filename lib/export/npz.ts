import { writeAtomically, writeFully } from '../base/files/atomic-write.js';
import { filePath } from '../base/options/kinds.js';
import { checkOptions } from '../base/options/table.js';
import type { WeightArray } from '../engine/arrays.js';
import { engineVersion } from '../engine/kernel-sets.js';
import { npyOfArray, npyOfText } from '../formats/numpy/write-npy.js';
import { zip } from '../formats/zip/archive.js';
import { type ResolvedArithmetic, units } from '../network/arithmetic.js';
import type { Network } from '../training/network.js';
import { NPZ, type NpzOptions } from './options.js';
import { type JunctionSnapshot, type NetworkSnapshot, takeSnapshot } from './snapshot.js';

/** The result of the export. */
export interface NpzExport {
  /** One file for all junctions, or one for each. */
  files: string[];
  values: 'real' | 'integer';
  digest: string;
}

/** The placeholder for the junction's number in a path. */
const JUNCTION = '{junction}';

type Arrays = Record<string, Uint8Array>;

/**
 * Writes weights as sparse matrices (CSR, a row for each right neuron) and biases as NumPy archives: one for all
 * junctions with keys `junction.0.data` and so on, or, where the path has `{junction}` in it, one for each, which
 * scipy.sparse.load_npz reads.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION, NETWORK_BUSY, FILE_NOT_FOUND, FILE_ACCESS
 */
export async function writeNpz(network: Network, file: string, options: NpzOptions): Promise<NpzExport> {
  const { values } = checkOptions('exportNpz options', NPZ, options);
  filePath.check('file', file);
  const snapshot = takeSnapshot(network);
  const metadata = { metadata: npyOfText(JSON.stringify(description(snapshot, values))) };
  const junctions = snapshot.junctions.map((junction) =>
    junctionArrays(junction, snapshot.arithmetic, values),
  );
  const archives: [string, Arrays][] = file.includes(JUNCTION)
    ? junctions.map((arrays, j) => [file.replaceAll(JUNCTION, String(j)), { ...arrays, ...metadata }])
    : [
        [
          file,
          Object.assign(metadata, ...junctions.map((arrays, j) => withPrefix(arrays, `junction.${j}.`))),
        ],
      ];
  for (const [path, arrays] of archives) {
    const entries = Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, bytes]);
    const bytes = zip(Object.fromEntries(entries) as Arrays);
    await writeAtomically(path, (handle) => writeFully(handle, bytes));
  }
  return { files: archives.map(([path]) => path), values, digest: snapshot.digest };
}

function description({ layers, arithmetic, activations, output, digest }: NetworkSnapshot, values: string) {
  return {
    package: 'sparse-train',
    version: engineVersion(),
    layers,
    arithmetic,
    activations,
    output,
    values,
    digest,
  };
}

function withPrefix(arrays: Arrays, prefix: string): Arrays {
  return Object.fromEntries(Object.entries(arrays).map(([name, bytes]) => [prefix + name, bytes]));
}

/** The arrays of scipy.sparse.save_npz, and the biases. */
function junctionArrays(junction: JunctionSnapshot, arithmetic: ResolvedArithmetic, values: string): Arrays {
  const { leftNeurons, rightNeurons, offsets, biases } = junction;
  const { left, weights } = sortedRows(junction);
  const unit = units(arithmetic);
  const isReal = values === 'real';
  const data = isReal ? realNumbers(weights, unit.weight, arithmetic) : weights;
  return {
    data: npyOfArray(data),
    indices: npyOfArray(Int32Array.from(left)),
    indptr: npyOfArray(Int32Array.from(offsets)),
    shape: npyOfArray(BigInt64Array.of(BigInt(rightNeurons), BigInt(leftNeurons))),
    format: npyOfText('csr'),
    biases: npyOfArray(isReal ? Float64Array.from(biases, (b) => b * unit.bias) : biases),
  };
}

/** Float32 holds every integer of 24 bits; wider ones need float64. */
function realNumbers(weights: WeightArray, unit: number, arithmetic: ResolvedArithmetic) {
  const isLong = arithmetic.kind === 'hardware' && arithmetic.width > 24;
  const numbers = new (isLong ? Float64Array : Float32Array)(weights.length);
  for (let e = 0; e < weights.length; e++) numbers[e] = (weights[e] as number) * unit;
  return numbers;
}

/** The edges, sorted by left neuron within a right neuron; hardware patterns are not sorted. */
function sortedRows({ offsets, left, weights, rightNeurons }: JunctionSnapshot) {
  const order = Uint32Array.from(left.keys());
  for (let r = 0; r < rightNeurons; r++) {
    order.subarray(offsets[r], offsets[r + 1]).sort((a, b) => (left[a] as number) - (left[b] as number));
  }
  return {
    left: Uint32Array.from(order, (e) => left[e] as number),
    weights: weights.map((_, e) => weights[order[e] as number] as number),
  };
}
