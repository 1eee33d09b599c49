import type { FileHandle } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describeValue } from '../base/errors.js';
import { writeAtomically } from '../base/files/atomic-write.js';
import { removeLeftovers } from '../base/files/temporary.js';
import { parseJson } from '../base/json.js';
import { filePath } from '../base/options/kinds.js';
import { engineVersion } from '../engine/kernel-sets.js';
import type { LearnerState } from '../engine/learner.js';
import { LEARNER_FORMAT } from '../network/model-file/metadata.js';
import {
  type Dtype,
  invalidFile,
  readSafetensorsFile,
  readTensor,
  type SafetensorsHeader,
  type Tensor,
  unusableFile,
  writeSafetensors,
} from '../network/model-file/safetensors.js';
import { lengthOf, placeOf } from '../network/model-file/tensors.js';
import { DateColumn, type LevelColumn, NumberColumn } from './column.js';
import type { HeadState } from './head.js';
import type { LearnerParts } from './parts.js';
import type { RowEncoder } from './row-encoder.js';
import { RunningScale, SCALE_STATE } from './running-scale.js';

const FORMAT_VERSION = '1';

/** A column of numbers in a file; its scale is in the tensor `scales`, in the order of the columns. */
interface StoredNumber {
  readonly mark: number;
  readonly slot: number;
  readonly first: number;
  readonly equal: number;
  readonly hasScale: boolean;
}

interface StoredColumn {
  readonly name: string;
  readonly number?: StoredNumber | undefined;
  readonly levels?: readonly [level: string, slot: number][] | undefined;
  readonly words?: readonly [word: string, slot: number][] | undefined;
  readonly date?: { readonly slot: number; readonly days: StoredNumber } | undefined;
}

/** Everything about a learner that is not stored as a tensor, as JSON. */
interface Contents {
  readonly options: Readonly<Record<string, unknown>>;
  readonly rows: number;
  readonly refused: number;
  readonly names: readonly string[];
  readonly columns: readonly StoredColumn[];
  readonly heads: readonly (HeadState & { readonly learned: number; readonly outputs: number })[];
}

/**
 * Writes a learner to a file. The state is captured before this function returns.
 *
 * @param texts - further texts for the file's metadata
 */
export function writeLearner(
  parts: LearnerParts,
  file: string,
  texts: Readonly<Record<string, string>> = {},
): Promise<void> {
  filePath.check('file', file);
  const scales: Float64Array[] = [];
  const states = parts.heads.map(({ engine }) => engine.exportState());
  const contents: Contents = {
    options: parts.options,
    rows: parts.rows,
    refused: parts.slots.refused + parts.encoder.ignored,
    names: parts.slots.names,
    columns: storedColumns(parts.encoder, parts.slots.names, scales),
    heads: parts.heads.map((head, i) => {
      const { learned, outputs } = states[i] as LearnerState;
      return { ...head.toState(), learned, outputs };
    }),
  };
  const json = new Int8Array(Buffer.from(JSON.stringify(contents)));
  const tensors: Tensor[] = [
    tensor('contents', 'I8', json),
    tensor('scales', 'F64', Float64Array.from(scales.flatMap((scale) => [...scale]))),
    ...states.flatMap((state, i) => [
      tensor(`targets.${i}.shares`, 'F64', state.shares),
      tensor(`targets.${i}.memory`, 'I32', state.memory),
      tensor(`targets.${i}.inputWeights`, 'I16', state.inputWeights),
      tensor(`targets.${i}.outputWeights`, 'I16', state.outputWeights),
      tensor(`targets.${i}.outputBiases`, 'I32', state.outputBiases),
    ]),
  ];
  const metadata = {
    ...texts,
    format: LEARNER_FORMAT,
    formatVersion: FORMAT_VERSION,
    provenance: JSON.stringify({
      package: 'sparse-train',
      version: engineVersion(),
      date: new Date().toISOString(),
    }),
  };
  return writeAtomically(file, (handle) => writeSafetensors(handle, metadata, tensors));
}

function tensor(
  name: string,
  dtype: Dtype,
  data: Int8Array | Int16Array | Int32Array | Float64Array,
): Tensor {
  return { name, dtype, shape: [data.length], data };
}

function storedColumns(
  encoder: RowEncoder,
  names: readonly string[],
  scales: Float64Array[],
): StoredColumn[] {
  const stored = (column: NumberColumn | undefined): StoredNumber | undefined => {
    if (column === undefined) return undefined;
    const { mark, slot, first, equal, scale } = column;
    if (scale !== undefined) scales.push(scale.toState());
    return { mark, slot, first, equal, hasScale: scale !== undefined };
  };
  return [...encoder.columns.values()].map(({ name, number, levels, words, date }) => ({
    name,
    number: stored(number),
    levels: levels?.entries(names),
    words: words?.entries(names),
    date: date && { slot: date.slot, days: stored(date.days) as StoredNumber },
  }));
}

/**
 * Reads a learner from a file.
 *
 * @param make - makes a learner with the file's options, and returns its parts, which are then filled
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS, INVALID_FILE with the reason
 */
export async function readLearner<L>(
  file: string,
  make: (options: Readonly<Record<string, unknown>>) => { made: L; parts: LearnerParts },
): Promise<L> {
  filePath.check('file', file);
  try {
    // A folder that cannot be listed or written to is no reason not to read the file.
    await removeLeftovers(resolve(file)).catch(() => undefined);
    const { contents, scales, states } = await readSafetensorsFile(file, readContents);
    const { made, parts } = make(contents.options);
    restore(parts, contents, scales, states);
    return made;
  } catch (error) {
    // The contents have the wrong shape somewhere inside.
    const isShape = error instanceof TypeError || error instanceof RangeError;
    throw unusableFile(file, 'learner', isShape ? invalidFile('its contents are damaged', error) : error);
  }
}

interface Read {
  readonly contents: Contents;
  readonly scales: Float64Array;
  readonly states: readonly LearnerState[];
}

async function readContents(handle: FileHandle, header: SafetensorsHeader): Promise<Read> {
  const format = header.metadata.get('format');
  if (format !== LEARNER_FORMAT) {
    throw invalidFile(
      format === 'sparse-train'
        ? 'it holds a network, not a learner'
        : 'it is a safetensors file, but no learner of sparse-train',
    );
  }
  const version = header.metadata.get('formatVersion');
  if (version !== FORMAT_VERSION) {
    throw invalidFile(
      `its format version is ${describeValue(version)}, but this release reads only "${FORMAT_VERSION}"; update sparse-train`,
    );
  }
  const bytes = (name: string, dtype: Dtype) =>
    readTensor(handle, placeOf(header, name, dtype, lengthOf(header, name)));
  const contents = parseContents(Buffer.from(await bytes('contents', 'I8')).toString('utf8'));
  const states: LearnerState[] = [];
  for (const [i, { learned, outputs }] of contents.heads.entries()) {
    states.push({
      learned,
      outputs,
      shares: new Float64Array(await bytes(`targets.${i}.shares`, 'F64')),
      memory: new Int32Array(await bytes(`targets.${i}.memory`, 'I32')),
      inputWeights: new Int16Array(await bytes(`targets.${i}.inputWeights`, 'I16')),
      outputWeights: new Int16Array(await bytes(`targets.${i}.outputWeights`, 'I16')),
      outputBiases: new Int32Array(await bytes(`targets.${i}.outputBiases`, 'I32')),
    });
  }
  return { contents, scales: new Float64Array(await bytes('scales', 'F64')), states };
}

function parseContents(text: string): Contents {
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (error) {
    throw invalidFile(`its contents are not JSON (${(error as Error).message})`, error);
  }
  const { options, rows, refused, names, columns, heads } = (json ?? {}) as Partial<Contents>;
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  const isWhole =
    typeof options === 'object' &&
    options !== null &&
    isCount(rows) &&
    isCount(refused) &&
    Array.isArray(names) &&
    names.every((name) => typeof name === 'string') &&
    Array.isArray(columns) &&
    Array.isArray(heads);
  if (!isWhole) throw invalidFile('its contents are damaged');
  return json as Contents;
}

function restore(
  parts: LearnerParts,
  contents: Contents,
  scales: Float64Array,
  states: readonly LearnerState[],
): void {
  const { slots, encoder, heads } = parts;
  if (contents.heads.length !== heads.length)
    throw invalidFile('it has another number of targets than its options say');
  // In pieces, because a call cannot take a list of arbitrary length as its arguments.
  for (let i = 1; i < contents.names.length; i += 4096) slots.add(contents.names.slice(i, i + 4096), false);
  if (slots.names.length !== contents.names.length)
    throw invalidFile('it has more names than its options allow');
  slots.refused = contents.refused;
  const slotOf = (slot: unknown): number => {
    if (Number.isSafeInteger(slot) && (slot as number) >= 0 && (slot as number) < slots.names.length)
      return slot as number;
    throw invalidFile('a column has a slot that does not exist');
  };
  let scale = 0;
  const restoreNumber = (column: NumberColumn, { mark, slot, first, equal, hasScale }: StoredNumber) => {
    column.mark = slotOf(mark);
    column.slot = slotOf(slot);
    if (column.slot !== 0) slotOf(column.slot + NumberColumn.slots - 1);
    column.first = first;
    column.equal = equal;
    if (!hasScale) return;
    const state = scales.slice(scale, scale + SCALE_STATE);
    scale += SCALE_STATE;
    if (state.length !== SCALE_STATE || !((state[0] as number) >= 1))
      throw invalidFile('the scale of a column is missing');
    column.scale = new RunningScale(column.name);
    column.scale.restore(state);
  };
  for (const stored of contents.columns) {
    const column = encoder.restoreColumn(String(stored.name));
    if (stored.number) {
      column.number = new NumberColumn(column.name);
      restoreNumber(column.number, stored.number);
    }
    if (stored.levels)
      column.levels = restoreLevels(encoder.restoreLevels(column.name, '='), stored.levels, slotOf);
    if (stored.words)
      column.words = restoreLevels(encoder.restoreLevels(column.name, '~'), stored.words, slotOf);
    if (stored.date) {
      column.date = new DateColumn(column.name);
      column.date.slot = slotOf(stored.date.slot);
      if (column.date.slot !== 0) slotOf(column.date.slot + DateColumn.slots - 1);
      restoreNumber(column.date.days, stored.date.days);
    }
  }
  for (const [i, head] of heads.entries()) {
    head.restore(contents.heads[i] as HeadState);
    head.engine.importState(states[i] as LearnerState);
  }
  parts.rows = contents.rows;
}

function restoreLevels(
  column: LevelColumn,
  stored: readonly [string, number][],
  slotOf: (slot: unknown) => number,
): LevelColumn {
  for (const [level, slot] of stored) column.restore(String(level), slotOf(slot));
  return column;
}
