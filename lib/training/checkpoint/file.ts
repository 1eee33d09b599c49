/**
 * The checkpoint file: safetensors with the engine's state and early stopping's best weights as tensors, and everything
 * else as JSON in the metadata, with a SHA-256 over all of it.
 */

import { createHash } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describeValue, SparseTrainError } from '../../base/errors.js';
import { writeAtomically } from '../../base/files/atomic-write.js';
import { removeLeftovers } from '../../base/files/temporary.js';
import { parseJson } from '../../base/json.js';
import { checkStored } from '../../base/options/fields.js';
import { filePath, type Kind } from '../../base/options/kinds.js';
import { parseInputScaling, parseTargetScaling } from '../../data/scaling.js';
import type { BiasArray, WeightArray } from '../../engine/arrays.js';
import {
  type Dtype,
  invalidFile,
  readSafetensorsFile,
  readTensor,
  type SafetensorsHeader,
  type Tensor,
  unusableFile,
  writeSafetensors,
} from '../../network/model-file/safetensors.js';
import type { Adopted, Checkpoint, CheckpointFacts, WatchState } from './checkpoint.js';
import { adoptedKind, identityKind, positionKind, watchKind } from './parts.js';

/** The metadata's `format`. */
const FORMAT = 'sparse-train-checkpoint';
/** The metadata's `formatVersion`; a reader refuses any other. */
const FORMAT_VERSION = '1';

/** The metadata that holds JSON. */
const TEXTS = ['identity', 'position', 'adopted', 'watch', 'date'] as const;

/** The file of the checkpoint before the newest one. */
export function previousOf(file: string): string {
  return `${file}.previous`;
}

/**
 * Writes a checkpoint; the one that it replaces becomes the previous one.
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS; the file then stays as it was
 */
export function writeCheckpoint(file: string, checkpoint: Checkpoint): Promise<void> {
  const { engine, identity, position, adopted, watch } = checkpoint;
  const { parameters = [], ...watched } = watch ?? {};
  const bytes = (name: string, data: ArrayBufferView, dtype: Dtype): Tensor => ({
    name,
    dtype,
    shape: [dtype === 'I8' ? data.byteLength : data.byteLength / (dtype === 'I16' ? 2 : 4)],
    data,
  });
  const tensors = [bytes('engine', engine, 'I8')];
  for (const [j, { weights, biases }] of parameters.entries()) {
    tensors.push(bytes(`best.${j}.weights`, weights, dtypeOf(weights)));
    tensors.push(bytes(`best.${j}.biases`, biases, dtypeOf(biases)));
  }
  const metadata: Record<string, string> = {
    format: FORMAT,
    formatVersion: FORMAT_VERSION,
    identity: JSON.stringify(identity),
    position: JSON.stringify(position, withoutLoss),
    adopted: JSON.stringify(adopted),
    watch: JSON.stringify(watch === undefined ? null : watched, withoutLoss),
    date: JSON.stringify(new Date().toISOString()),
  };
  metadata.sha256 = checksum(
    metadata,
    tensors.map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  );
  return writeAtomically(file, (handle) => writeSafetensors(handle, metadata, tensors), {
    previous: previousOf(file),
  });
}

/** Writes NaN and infinities, which JSON does not have, as text: a training that diverged has them. */
function withoutLoss(_name: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? `number ${value}` : value;
}

/** Undoes {@link withoutLoss}. */
function restoredNumber(_name: string, value: unknown): unknown {
  const [, number] = typeof value === 'string' ? (/^number (NaN|-?Infinity)$/.exec(value) ?? []) : [];
  return number === undefined ? value : Number(number);
}

function dtypeOf(array: WeightArray | BiasArray): Dtype {
  return array instanceof Int16Array ? 'I16' : array instanceof Int32Array ? 'I32' : 'F32';
}

function checksum(metadata: Readonly<Record<string, string>>, tensors: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const name of TEXTS) hash.update(`${name}\n${metadata[name]}\n`);
  for (const tensor of tensors) hash.update(`${tensor.length}\n`).update(tensor);
  return hash.digest('hex');
}

/**
 * Reads a checkpoint; if it is damaged or missing, the previous one.
 *
 * @returns undefined if there is neither
 * @throws SparseTrainError INVALID_FILE, FILE_ACCESS if neither can be used
 */
export async function readNewest(file: string): Promise<Checkpoint | undefined> {
  let failure: unknown;
  for (const candidate of [file, previousOf(file)]) {
    try {
      return (await readFile(candidate)).checkpoint;
    } catch (error) {
      const missing = error instanceof SparseTrainError && error.code === 'FILE_NOT_FOUND';
      if (!missing) failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  return undefined;
}

/**
 * Says how far the training of a checkpoint had come. If the file is damaged or missing, the previous one is read.
 *
 * @throws SparseTrainError (by rejection) FILE_NOT_FOUND, FILE_ACCESS, INVALID_FILE
 */
export async function readCheckpoint(file: string): Promise<CheckpointFacts> {
  filePath.check('file', file);
  let failure: unknown;
  for (const candidate of [file, previousOf(file)]) {
    try {
      const { checkpoint, date } = await readFile(candidate);
      const { run, epochs, examples } = checkpoint.position;
      return { run, epochs: epochs.length, examples, date };
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

/** The bytes at the beginning that identify a checkpoint. */
const START = 256;

/** Whether a file is empty or begins as a checkpoint does; it may be damaged or of another version. */
export async function isCheckpoint(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(START), 0, START, 0);
    return bytesRead === 0 || buffer.toString('latin1', 0, bytesRead).includes(`"format":"${FORMAT}"`);
  } finally {
    await handle.close();
  }
}

/** Removes the checkpoint and the previous one, once their training is over. */
export async function removeCheckpoint(file: string): Promise<void> {
  for (const path of [file, previousOf(file)]) {
    await unlink(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
  await removeLeftovers(resolve(file));
}

async function readFile(file: string): Promise<{ checkpoint: Checkpoint; date: string }> {
  try {
    return await readSafetensorsFile(file, async (handle, header) => {
      const { metadata } = header;
      if (metadata.get('format') !== FORMAT) throw invalidFile('its metadata has no such format');
      if (metadata.get('formatVersion') !== FORMAT_VERSION) {
        const version = describeValue(metadata.get('formatVersion'));
        throw invalidFile(
          `its format version is ${version}, but this release reads only "${FORMAT_VERSION}"`,
        );
      }
      const names = tensorNames(header);
      const tensors: ArrayBuffer[] = [];
      for (const name of names) tensors.push(await readTensor(handle, placeOf(header, name)));
      const texts = Object.fromEntries(TEXTS.map((name) => [name, text(metadata, name)]));
      const expected = checksum(
        texts,
        tensors.map((tensor) => new Uint8Array(tensor)),
      );
      if (metadata.get('sha256') !== expected) throw invalidFile('its contents do not fit its checksum');
      return parse(texts, header, names, tensors);
    });
  } catch (error) {
    throw unusableFile(file, 'checkpoint', error, 'checkpoint');
  }
}

/** The names of the tensors, in the order in which they were written. */
function tensorNames(header: SafetensorsHeader): string[] {
  const junctions = [...header.tensors.keys()].filter((name) => name.endsWith('.weights')).length;
  const names = ['engine'];
  for (let j = 0; j < junctions; j++) names.push(`best.${j}.weights`, `best.${j}.biases`);
  if (names.length !== header.tensors.size)
    throw invalidFile('it has tensors that are not part of a checkpoint');
  return names;
}

function placeOf(header: SafetensorsHeader, name: string) {
  const place = header.tensors.get(name);
  if (place === undefined) throw invalidFile(`tensor "${name}" is missing`);
  return place;
}

function text(metadata: ReadonlyMap<string, string>, name: string): string {
  const value = metadata.get(name);
  if (value === undefined) throw invalidFile(`its metadata "${name}" is missing`);
  return value;
}

function parse(
  texts: Readonly<Record<string, string>>,
  header: SafetensorsHeader,
  names: readonly string[],
  tensors: readonly ArrayBuffer[],
): { checkpoint: Checkpoint; date: string } {
  const json = (name: string): unknown => {
    try {
      return parseJson(texts[name] as string, restoredNumber);
    } catch (error) {
      throw invalidFile(`its metadata "${name}" is not JSON (${(error as Error).message})`, error);
    }
  };
  const watch = json('watch');
  const arrays = tensors.map((tensor, i) => typed(tensor, placeOf(header, names[i] as string).dtype));
  const parameters: WatchState['parameters'][number][] = [];
  for (let i = 1; i < arrays.length; i += 2) {
    parameters.push({ weights: arrays[i] as WeightArray, biases: arrays[i + 1] as BiasArray });
  }
  const part = <T>(kind: Kind<T>, value: unknown, name: string): T =>
    checkStored(kind, value, 'its metadata: ', name);
  const checkpoint: Checkpoint = {
    identity: part(identityKind, json('identity'), 'identity'),
    position: part(positionKind, json('position'), 'position'),
    adopted: part(adoptedKind, json('adopted'), 'adopted'),
    watch: watch === null ? undefined : { ...part(watchKind, watch, 'watch'), parameters },
    engine: new Uint8Array(tensors[0] as ArrayBuffer),
  };
  return { checkpoint, date: String(json('date')) };
}

function typed(bytes: ArrayBuffer, dtype: string): WeightArray | Uint8Array {
  if (dtype === 'I16') return new Int16Array(bytes);
  if (dtype === 'I32') return new Int32Array(bytes);
  if (dtype === 'F32') return new Float32Array(bytes);
  if (dtype === 'I8') return new Uint8Array(bytes);
  throw invalidFile(`it has a tensor of ${dtype}`);
}

/** Checks a checkpoint's scaling against the size of the network. */
export function checkAdopted(adopted: Adopted, inputs: number, outputs: number): Adopted {
  const { scaling, unit, targetScaling, classes } = adopted;
  return {
    scaling: scaling === undefined ? undefined : parseInputScaling(scaling, inputs),
    unit,
    targetScaling: targetScaling === undefined ? undefined : parseTargetScaling(targetScaling, outputs),
    classes,
  };
}
