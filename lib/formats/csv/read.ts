import { basename } from 'node:path';
import { SparseTrainError } from '../../base/errors.js';
import { inflate, isGzip, mostInflatedBytes, readStoredBytes } from '../../base/files/read-bytes.js';
import { count, counted } from '../../base/numbers.js';
import { path } from '../../base/options/kinds.js';
import { atOnce, inSlices, type Steps } from '../../base/steps.js';
import { optionName, say, type Wording } from '../../base/wording.js';
import type { InputMatrix } from '../../data/csr.js';
import { type AnyDataset, Dataset } from '../../data/dataset.js';
import { checkAttached } from '../../data/matrix.js';
import type { Targets } from '../../data/targets.js';
import { encodeCsv, type Gaps } from './encode.js';
import { fitColumns } from './fit-columns.js';
import { type InferredCsv, inferCsv } from './infer.js';
import { findLayout, openForSchema, trainingLayout } from './layout.js';
import { firstRecords, type PeekedRecord, TextWatch } from './open-text.js';
import {
  type CheckedCsvOptions,
  type CsvApplyOptions,
  type CsvOptions,
  checkCsvApplyOptions,
  checkCsvOptions,
} from './options.js';
import { shortened } from './problems.js';
import type { Records } from './records.js';
import { type CsvSchema, csvFeatureNames, parseCsvSchema } from './schema.js';
import { type CsvText, TextRecords } from './text-records.js';

const fileKind = path();

/** The result of reading a CSV file for training. */
export interface CsvTable {
  /**
   * The rows. Inputs are a Float32Array if that represents every number exactly, otherwise a Float64Array.
   */
  readonly dataset: AnyDataset;
  /** The encoding of the columns, to be stored with the model. */
  readonly schema: CsvSchema;
  /** Rows left out because of missing values; 0 unless `onMissing` is `'skip'`. */
  readonly skipped: number;
  /**
   * Decisions that the user may not expect, one sentence each: for example that a line of years was read as
   * data.
   */
  readonly remarks: readonly Wording[];
}

/** The result of reading a CSV file for prediction or evaluation. */
export interface CsvRows {
  /** The inputs; sparse rows if the schema has many inputs of which few are used. */
  readonly inputs: InputMatrix;
  /** Inputs and labels, or undefined if the file has no labels. */
  readonly dataset: AnyDataset | undefined;
  /** Rows left out because of missing or unknown values; 0 unless `onMissing` or `onUnknown` is `'skip'`. */
  readonly skipped: number;
  /** What was decided about the columns that may not be what was meant, a sentence each. */
  readonly remarks: readonly Wording[];
}

/**
 * Reads a CSV or TSV file, plain or gzip, as a dataset, and determines how to encode its columns. Handles
 * quoted fields, CRLF, byte order marks and blank lines. A column of numbers becomes one input, a column of
 * text one input for each different text.
 *
 * @example
 * const { dataset, schema } = await readCsv('iris.csv', { label: 'species' });
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS, UNKNOWN_OPTION, INVALID_OPTION; INVALID_FILE if it is not
 * CSV or has ragged lines; INVALID_DATA for missing values and columns of both numbers and text, by line and column
 */
export async function readCsv(file: string, options: CsvOptions = {}): Promise<CsvTable> {
  const checked = checkCsvOptions(options);
  fileKind.check('file', file);
  const { rowsOf, ...table } = await inSlices(
    csvTable(await readText(file, checked.maxBytes), basename(file), checked),
  );
  return table;
}

/**
 * Like {@link readCsv}, for text in memory.
 *
 * @param text - a string, or UTF-8 bytes
 * @param name - what messages call it
 */
export function parseCsv(
  text: string | Uint8Array,
  options: CsvOptions = {},
  name = 'the CSV text',
): CsvTable {
  const { rowsOf, ...table } = atOnce(csvTable(asBytes(text), name, checkCsvOptions(options)));
  return table;
}

/** {@link parseCsv} in steps; also returns the text from its first row on. */
export function* csvTable(
  bytes: Uint8Array,
  name: string,
  options: CheckedCsvOptions,
): Steps<CsvTable & { readonly rowsOf: CsvText }> {
  const { rowsOf, ...inferred } = yield* inferCsv(bytes, name, options);
  const { decimal } = inferred.schema;
  const records = new TextRecords(rowsOf, { decimal });
  return { ...(yield* trainingTable(records, name, inferred, { ...options, decimal })), rowsOf };
}

/** Encodes the rows of a table whose columns are known, and completes its schema. */
export function* trainingTable(
  records: Records,
  name: string,
  { schema: draft, rows, fitsFloat32, remarks }: InferredCsv,
  { decimal, onMissing, onUnknown }: Pick<CheckedCsvOptions, 'decimal' | 'onMissing' | 'onUnknown'>,
): Steps<CsvTable> {
  const { inputs, targets, weights, skipped, gaps } = yield* encodeCsv(
    records,
    name,
    draft,
    trainingLayout(draft),
    {
      rows,
      decimal,
      onMissing,
      onUnknown,
      isFitting: true,
      float32: fitsFloat32,
      advice: '',
    },
  );
  const schema = fitColumns(inputs, draft);
  return {
    dataset: datasetOf(inputs, targets as Targets, schema, weights),
    schema,
    skipped,
    remarks: [...remarks, ...remarksOnGaps(gaps, name)],
  };
}

/** Columns that a remark names. */
const MOST_NAMED = 5;

/** Says what was filled in. */
export function remarksOnGaps({ missing, unknown }: Gaps, file: string): Wording[] {
  const remarks: Wording[] = [];
  const named = (counts: ReadonlyMap<string, number>) => {
    const all = [...counts].sort(([, a], [, b]) => b - a);
    const shown = all.slice(0, MOST_NAMED).map(([name, n]) => `${shortened(name)} ${count(n)}`);
    const more = all.length - shown.length;
    return `${shown.join(', ')}${more > 0 ? ` and ${counted(more, 'more column')}` : ''}`;
  };
  if (missing.size > 0)
    remarks.push(
      say`${file}: missing values were filled in (${named(missing)}); see ${optionName('onMissing')}`,
    );
  if (unknown.size > 0)
    remarks.push(
      say`${file}: categories that the training data did not have count as none of the known ones (${named(unknown)}); see ${optionName('onUnknown')}`,
    );
  return remarks;
}

/**
 * Reads a CSV file with the encoding of the training file. With a header, columns are found by name, in any
 * order, and other columns are ignored; without one, columns must be in the order of the training file. The
 * label's column may be left out.
 *
 * @throws SparseTrainError as {@link readCsv}, and INVALID_DATA for missing columns, for fields that are not numbers,
 * and for categories or classes that the training file did not have, by line and column
 */
export async function readCsvRows(
  file: string,
  schema: CsvSchema,
  options: CsvApplyOptions = {},
): Promise<CsvRows> {
  const { maxBytes } = checkCsvApplyOptions(options);
  fileKind.check('file', file);
  const bytes = await readText(file, maxBytes);
  return inSlices(csvRows(bytes, parseCsvSchema(schema), options, basename(file)));
}

/**
 * Like {@link readCsvRows}, for text in memory.
 *
 * @param text - a string, or UTF-8 bytes
 * @param name - what messages call it
 */
export function applySchema(
  text: string | Uint8Array,
  schema: CsvSchema,
  options: CsvApplyOptions = {},
  name = 'the CSV text',
): CsvRows {
  checkCsvApplyOptions(options);
  return atOnce(csvRows(asBytes(text), parseCsvSchema(schema), options, name));
}

/** {@link applySchema} in steps. */
export function* csvRows(
  bytes: Uint8Array,
  schema: CsvSchema,
  options: CsvApplyOptions,
  name: string,
): Steps<CsvRows> {
  const { onMissing, onUnknown, labels } = checkCsvApplyOptions(options);
  const text = openForSchema(bytes, name, schema, options);
  const decimal = options.decimal ?? schema.decimal;
  const [first] = firstRecords(text, decimal, 1) as [PeekedRecord];
  const layout = findLayout(first, name, schema, options);
  const rowsOf = layout.header ? { ...text, ...first.next } : text;
  // A record with a single field may be empty.
  const records = () => new TextRecords(rowsOf, { decimal, keepsBlankLines: layout.columns.length === 1 });
  const rows = yield* countRecords(records());
  if (rows === 0) throw new SparseTrainError('INVALID_DATA', `${name} has no rows after the header`);
  const { inputs, targets, skipped, gaps } = yield* encodeCsv(records(), name, schema, layout, {
    rows,
    decimal,
    onMissing,
    onUnknown,
    float32: false,
    advice:
      layout.header || options.header === false
        ? ''
        : say`; if line 1 holds names, say ${optionName('header', true)}`,
    canSkip: labels !== 'ignore',
  });
  const dataset = targets === undefined ? undefined : datasetOf(inputs, targets, schema);
  return { inputs, dataset, skipped, remarks: [...layout.remarks, ...remarksOnGaps(gaps, name)] };
}

/** The number of records that are counted in one step. */
const STEP_RECORDS = 8192;

function* countRecords(records: TextRecords): Steps<number> {
  let total = 0;
  while (records.next()) if (++total % STEP_RECORDS === 0) yield;
  return total;
}

/** A dataset with the names from a schema. Its numbers were checked when they were read. */
export function datasetOf(
  inputs: InputMatrix,
  targets: Targets,
  schema: CsvSchema,
  weights?: Float64Array,
): AnyDataset {
  return Dataset.ofChecked({ inputs, targets, weights, featureNames: csvFeatureNames(schema) });
}

function asBytes(text: unknown): Uint8Array {
  if (typeof text === 'string') return Buffer.from(text);
  // A proxy passes as an instance of its target, but has no memory of its own.
  if (!(text instanceof Uint8Array) || !ArrayBuffer.isView(text)) {
    throw new SparseTrainError('INVALID_OPTION', 'the CSV text must be a string or a Uint8Array');
  }
  checkAttached(text, 'the CSV text');
  return text;
}

async function readText(file: string, maxBytes: number): Promise<Uint8Array> {
  const stored = await readStoredBytes(file, new TextWatch(basename(file), maxBytes));
  if (!isGzip(stored)) return stored;
  // A gzip file ends with its inflated length, modulo 2^32. The number may be wrong, so it is only a hint
  // within the possible range.
  const trailer = new DataView(stored.buffer, stored.byteOffset + Math.max(0, stored.length - 4));
  const claimed = stored.length < 18 ? 0 : trailer.getUint32(0, true);
  const bytes = await inflate(file, stored, maxBytes, Math.min(claimed, mostInflatedBytes(stored.length)));
  if (bytes !== undefined) return bytes;
  throw new SparseTrainError(
    'INVALID_FILE',
    say`${file} inflates to more than ${maxBytes} bytes; raise ${optionName('maxBytes')} to read it`,
  );
}
