import type { FileHandle } from 'node:fs/promises';
import type { BiasArray, WeightArray } from '../../engine/arrays.js';
import type { ResolvedArithmetic } from '../arithmetic.js';
import type { EdgesByNeuron } from '../patterns.js';
import {
  type Dtype,
  invalidFile,
  readTensor,
  type SafetensorsHeader,
  type TensorPlace,
} from './safetensors.js';

/** Names of the tensors of junction j. */
export const tensorNames = (j: number) => ({
  weights: `junction.${j}.weights`,
  biases: `junction.${j}.biases`,
  offsets: `junction.${j}.offsets`,
  left: `junction.${j}.left`,
});

/** The types in which weights are stored: float32, or the narrowest integer of 8, 16 or 32 bits that fits. */
export function weightType(arithmetic: ResolvedArithmetic): Dtype {
  if (arithmetic.kind === 'float') return 'F32';
  const bits = bitsOf(arithmetic);
  return bits <= 8 ? 'I8' : bits <= 16 ? 'I16' : 'I32';
}

/** The bits of an integer weight. */
function bitsOf(arithmetic: Exclude<ResolvedArithmetic, { kind: 'float' }>): number {
  return arithmetic.kind === 'hardware' ? arithmetic.width : arithmetic.weightBits;
}

/** The type in which biases are stored. */
export function biasType(arithmetic: ResolvedArithmetic): Dtype {
  return arithmetic.kind === 'float' ? 'F32' : 'I32';
}

/** The limit of biases of the wide arithmetic, in units of their lowest bit. */
const BIAS_LIMIT = 2 ** 29;

/** The position of a tensor that must be a list of numbers of one type. */
export function placeOf(header: SafetensorsHeader, name: string, dtype: Dtype, length: number): TensorPlace {
  const place = header.tensors.get(name);
  if (place === undefined) throw invalidFile(`tensor "${name}" is missing`);
  const { shape } = place;
  if (place.dtype !== dtype || shape.length !== 1 || shape[0] !== length) {
    throw invalidFile(
      `tensor "${name}" must be ${dtype} [${length}], but it is ${place.dtype} [${shape.slice(0, 8).join(', ')}]`,
    );
  }
  return place;
}

/** The length of a tensor that must be a list, read before its expected length is known. */
export function lengthOf(header: SafetensorsHeader, name: string): number {
  const shape = header.tensors.get(name)?.shape;
  if (shape === undefined) throw invalidFile(`tensor "${name}" is missing`);
  if (shape.length !== 1)
    throw invalidFile(`tensor "${name}" must have one dimension, but it has ${shape.length}`);
  return shape[0] as number;
}

/**
 * Reads weights and checks that they fit their format. Any float is accepted, because training that diverges
 * leaves infinities and NaN.
 */
export async function readWeights(
  handle: FileHandle,
  place: TensorPlace,
  arithmetic: ResolvedArithmetic,
  name: string,
): Promise<WeightArray> {
  const bytes = await readTensor(handle, place);
  if (arithmetic.kind === 'float') return new Float32Array(bytes);
  const weights =
    place.dtype === 'I8'
      ? Int16Array.from(new Int8Array(bytes))
      : place.dtype === 'I16'
        ? new Int16Array(bytes)
        : new Int32Array(bytes);
  const limit = 2 ** (bitsOf(arithmetic) - 1);
  return within(weights, -limit, limit - 1, name);
}

/** Reads biases and checks that they fit their format. */
export async function readBiases(
  handle: FileHandle,
  place: TensorPlace,
  arithmetic: ResolvedArithmetic,
  name: string,
): Promise<BiasArray> {
  const bytes = await readTensor(handle, place);
  if (arithmetic.kind === 'float') return new Float32Array(bytes);
  const isWide = arithmetic.kind === 'wide';
  const limit = isWide ? BIAS_LIMIT : 2 ** (arithmetic.width - 1);
  return within(new Int32Array(bytes), -limit, isWide ? limit : limit - 1, name);
}

/** Reads edges that are stored one by one. The engine checks that they form a valid pattern. */
export async function readEdges(
  handle: FileHandle,
  header: SafetensorsHeader,
  j: number,
  right: number,
): Promise<EdgesByNeuron> {
  const names = tensorNames(j);
  const edges = lengthOf(header, names.left);
  const offsetsPlace = placeOf(header, names.offsets, 'I64', right + 1);
  const left = new Int32Array(await readTensor(handle, placeOf(header, names.left, 'I32', edges)));
  const offsets = Float64Array.from(new BigInt64Array(await readTensor(handle, offsetsPlace)), Number);
  within(left, 0, 2 ** 31 - 1, names.left);
  within(offsets, 0, edges, names.offsets);
  return { offsets, left: new Uint32Array(left.buffer) };
}

function within<T extends Int16Array | Int32Array | Float64Array>(
  values: T,
  low: number,
  high: number,
  name: string,
): T {
  for (const [i, value] of values.entries()) {
    if (value < low || value > high) {
      throw invalidFile(`tensor "${name}" has ${value} at ${i}, outside its format's ${low} to ${high}`);
    }
  }
  return values;
}
