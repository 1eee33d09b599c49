/**
 * The safetensors format (https://huggingface.co/docs/safetensors): 8 bytes with the length of the header,
 * little-endian; the header in JSON, with each tensor's type, shape and position; the bytes of the tensors
 * without gaps. Implements only the parts that a model file needs, and treats every file as hostile.
 */

import { type FileHandle, open } from 'node:fs/promises';
import { describeValue, SparseTrainError } from '../../base/errors.js';
import { writeFully } from '../../base/files/atomic-write.js';
import { binaryFormat, FOREIGN_START, firstTextLine, foreignContents } from '../../base/files/foreign.js';
import { parseJson } from '../../base/json.js';
import type { Wording } from '../../base/wording.js';
import { duplicateName } from './duplicate-names.js';

/** The element types of model files. */
export type Dtype = 'I8' | 'I16' | 'I32' | 'I64' | 'F32' | 'F64';

const BYTES: Readonly<Record<string, number>> = { I8: 1, I16: 2, I32: 4, I64: 8, F32: 4, F64: 8 };

/** The element types that files of other programs may have. */
export type DenseDtype = Dtype | 'BOOL' | 'U8' | 'F16' | 'BF16';

/** The element types and their sizes in bytes, for {@link parseHeader}. */
export const DENSE_DTYPES: Readonly<Record<string, number>> = { ...BYTES, BOOL: 1, U8: 1, F16: 2, BF16: 2 };

/** One tensor to be written. */
export interface Tensor {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: ArrayBufferView;
}

/** The position of a tensor in a file. */
export interface TensorPlace {
  readonly dtype: DenseDtype;
  readonly shape: readonly number[];
  /** Bytes from the beginning of the file. */
  readonly start: number;
  readonly bytes: number;
}

/** A file's header. */
export interface SafetensorsHeader {
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, TensorPlace>;
}

/** The longest header that is accepted; the format's own library has the same limit. */
const MAX_HEADER_BYTES = 100_000_000;

/** The header's key for texts about the file. */
const METADATA = '__metadata__';

/** Writes a whole file. Tensors are sorted by element size, largest first, so that all are aligned. */
export async function writeSafetensors(
  handle: FileHandle,
  metadata: Readonly<Record<string, string>>,
  tensors: readonly Tensor[],
): Promise<void> {
  const sorted = [...tensors].sort((a, b) => (BYTES[b.dtype] as number) - (BYTES[a.dtype] as number));
  const entries: Record<string, unknown> = { [METADATA]: metadata };
  let position = 0;
  for (const { name, dtype, shape, data } of sorted) {
    entries[name] = { dtype, shape, data_offsets: [position, position + data.byteLength] };
    position += data.byteLength;
  }
  const json = Buffer.from(JSON.stringify(entries));
  const length = Math.ceil(json.length / 8) * 8;
  const start = Buffer.alloc(8 + length, ' ');
  start.writeBigUInt64LE(BigInt(length));
  json.copy(start, 8);
  await writeFully(handle, start);
  for (const { data } of sorted) await writeFully(handle, data);
}

/**
 * Opens a safetensors file, reads its header, and closes the file after `read`.
 *
 * @throws SparseTrainError FILE_ACCESS for what is not a file, INVALID_FILE with the reason; errors of the file system
 */
export async function readSafetensorsFile<T>(
  file: string,
  read: (handle: FileHandle, header: SafetensorsHeader) => Promise<T>,
): Promise<T> {
  const handle = await open(file, 'r');
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) {
      const what = stats.isDirectory() ? 'a folder' : 'not a regular file';
      throw new SparseTrainError('FILE_ACCESS', `it is ${what}`);
    }
    return await read(handle, await readSafetensorsHeader(handle, stats.size));
  } finally {
    await handle.close();
  }
}

/** Codes of faults in the options or data of a file, which are faults of the file. */
const IN_FILE: readonly string[] = ['INVALID_OPTION', 'UNKNOWN_OPTION', 'INVALID_DATA', 'INVALID_FILE'];

/**
 * The error of reading a file as its user sees it; an error that is not about the file is returned unchanged.
 *
 * @param what - the kind of file: `model`
 * @param missing - what a message about a missing file calls it
 */
export function unusableFile(file: string, what: string, error: unknown, missing = 'file'): unknown {
  if (error instanceof SparseTrainError) {
    if (IN_FILE.includes(error.code)) {
      return new SparseTrainError('INVALID_FILE', `${file} is not a usable ${what}: ${error.message}`, {
        cause: error,
      });
    }
    if (error.code === 'FILE_ACCESS' || error.code === 'NETWORK_TOO_LARGE') {
      return new SparseTrainError(error.code, `${file} cannot be read: ${error.message}`, { cause: error });
    }
    return error;
  }
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new SparseTrainError('FILE_NOT_FOUND', `there is no ${missing} ${file}`, { cause: error });
  if (code === undefined) return error;
  return new SparseTrainError('FILE_ACCESS', `${file} cannot be read (${code})`, { cause: error });
}

/**
 * Reads and checks the header of an open file.
 *
 * @throws SparseTrainError INVALID_FILE with the reason
 */
export async function readSafetensorsHeader(
  handle: FileHandle,
  fileBytes: number,
): Promise<SafetensorsHeader> {
  if (fileBytes < 8) throw invalidFile(`it has ${fileBytes} bytes, too few for a header`);
  const lengthBytes = await readFully(handle, 0, 8);
  const length = new DataView(lengthBytes.buffer).getBigUint64(0, true);
  if (length > BigInt(fileBytes - 8)) {
    const start = await readFully(handle, 0, Math.min(fileBytes, FOREIGN_START));
    throw wrongLength(start, length, fileBytes);
  }
  if (length > BigInt(MAX_HEADER_BYTES)) {
    const start = await readFully(handle, 0, FOREIGN_START);
    throw wrongLength(start, length, fileBytes);
  }
  const header = await readFully(handle, 8, Number(length));
  return parseHeader(header, 8 + header.length, fileBytes);
}

/**
 * Checks a header.
 *
 * @param header - its bytes
 * @param dataStart - where the tensors begin in the file
 * @param fileBytes - where they must end
 * @param dtypes - the element types that they may have, with their bytes
 * @throws SparseTrainError INVALID_FILE with the reason
 */
export function parseHeader(
  header: Uint8Array,
  dataStart: number,
  fileBytes: number,
  dtypes: Readonly<Record<string, number>> = BYTES,
): SafetensorsHeader {
  const parsed = headerJson(header);
  let metadata: ReadonlyMap<string, string> = new Map();
  const tensors = new Map<string, TensorPlace>();
  for (const [name, value] of Object.entries(parsed)) {
    if (name === METADATA) metadata = checkMetadata(value);
    else tensors.set(name, checkTensor(name, value, { dataStart, fileBytes, dtypes }));
  }
  checkNoGaps(tensors, dataStart, fileBytes);
  return { metadata, tensors };
}

/** Reads a tensor's bytes into a new array. */
export async function readTensor(handle: FileHandle, place: TensorPlace): Promise<ArrayBuffer> {
  return (await readFully(handle, place.start, place.bytes)).buffer;
}

async function readFully(handle: FileHandle, start: number, bytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const result = new Uint8Array(bytes);
  for (let filled = 0; filled < bytes; ) {
    const length = Math.min(2 ** 30, bytes - filled);
    const { bytesRead } = await handle.read(result, filled, length, start + filled);
    if (bytesRead === 0) throw invalidFile('it became shorter while it was read');
    filled += bytesRead;
  }
  return result;
}

function headerJson(header: Uint8Array): object {
  if (header[0] !== 0x7b) throw invalidFile('its header does not begin with {');
  let text: string;
  let parsed: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header);
    parsed = parseJson(text);
  } catch (error) {
    throw invalidFile(`its header is not JSON in UTF-8 (${(error as Error).message})`, error);
  }
  const twice = duplicateName(text);
  if (twice !== undefined) throw invalidFile(`its header has the name ${describeValue(twice)} twice`);
  return parsed as object;
}

function checkMetadata(value: unknown): ReadonlyMap<string, string> {
  if (!isRecord(value))
    throw invalidFile(`its ${METADATA} must be an object, but it is ${describeValue(value)}`);
  const metadata = new Map<string, string>();
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== 'string') {
      throw invalidFile(`its metadata ${describeValue(name)} must be text, but it is ${describeValue(text)}`);
    }
    metadata.set(name, text);
  }
  return metadata;
}

/** The type and shape that a tensor's entry must have. */
interface Frame {
  readonly dataStart: number;
  readonly fileBytes: number;
  readonly dtypes: Readonly<Record<string, number>>;
}

function checkTensor(name: string, value: unknown, { dataStart, fileBytes, dtypes }: Frame): TensorPlace {
  const what = `tensor ${describeValue(name)}`;
  if (!isRecord(value)) throw invalidFile(`${what} must be an object, but it is ${describeValue(value)}`);
  const { dtype, shape, data_offsets: offsets, ...rest } = value;
  const strange = Object.keys(rest)[0];
  if (strange !== undefined) throw invalidFile(`${what} has an unknown field ${describeValue(strange)}`);
  if (typeof dtype !== 'string' || !Object.hasOwn(dtypes, dtype)) {
    throw invalidFile(
      `${what} has dtype ${describeValue(dtype)}; what can be read is ${Object.keys(dtypes).join(', ')}`,
    );
  }
  if (!Array.isArray(shape) || shape.length > 8 || !shape.every(isCount)) {
    throw invalidFile(`${what} must have a shape of whole numbers`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw invalidFile(`${what} must have two data_offsets`);
  }
  const [begin, end] = offsets as [number, number];
  if (begin > end || end > fileBytes - dataStart) {
    throw invalidFile(`${what} would stand at bytes ${begin} to ${end} of ${fileBytes - dataStart}`);
  }
  const elements = (shape as number[]).reduce((product, size) => product * size, 1);
  if (elements * (dtypes[dtype] as number) !== end - begin) {
    throw invalidFile(
      `${what} has ${end - begin} bytes, which do not fit its shape [${shape.join(', ')}] of ${dtype}`,
    );
  }
  return {
    dtype: dtype as DenseDtype,
    shape: shape as number[],
    start: dataStart + begin,
    bytes: end - begin,
  };
}

function checkNoGaps(tensors: ReadonlyMap<string, TensorPlace>, dataStart: number, fileBytes: number): void {
  const places = [...tensors].sort(([, a], [, b]) => a.start - b.start || a.bytes - b.bytes);
  let position = dataStart;
  for (const [name, { start, bytes }] of places) {
    if (start !== position) {
      const what = start < position ? 'overlaps the one before' : 'leaves a gap before it';
      throw invalidFile(`tensor ${describeValue(name)} ${what}`);
    }
    position += bytes;
  }
  if (position !== fileBytes)
    throw invalidFile(`${fileBytes - position} bytes at its end belong to no tensor`);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The reason why a file is invalid; the caller adds the file's name. */
export function invalidFile(reason: Wording, cause?: unknown): SparseTrainError {
  return new SparseTrainError('INVALID_FILE', reason, cause === undefined ? undefined : { cause });
}

/** Says why a file cannot be safetensors whose first 8 bytes give a header that is too long for it, or for any. */
export function wrongLength(start: Uint8Array, length: bigint, fileBytes: number): SparseTrainError {
  const foreign = foreignContents(start);
  if (foreign !== undefined) return invalidFile(`it is ${foreign}`);
  const format = binaryFormat(start);
  // A header of JSON shows that it is safetensors, but damaged or cut off.
  if (format !== undefined && start[8] !== 0x7b) return invalidFile(`it is ${format}`);
  const line = firstTextLine(start);
  if (line === undefined && length + 8n <= BigInt(fileBytes))
    return invalidFile(`its header is ${length} bytes long; at most ${MAX_HEADER_BYTES} are read`);
  return invalidFile(
    line === undefined
      ? `its header would be ${length} bytes long, but only ${fileBytes - 8} follow in the file`
      : `it is a text, such as CSV or JSON, that starts with ${JSON.stringify(line)}, not a safetensors file`,
  );
}
