import { open, stat } from 'node:fs/promises';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import {
  type AsyncBuffer,
  type ColumnData,
  type Compressors,
  type FileMetaData,
  type PageHeader,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
  type RowGroup,
  snappyUncompress,
} from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { SparseTrainError, shortened } from '../../base/errors.js';
import { optionName, say } from '../../base/wording.js';
import type { ValueTable } from '../table/value-records.js';
import { type DecimalReader, takeDecimals } from './decimals.js';
import { checkRuns, checkRunsOfPage } from './runs.js';

/**
 * The number of values that a row group may have regardless of its size: runs of equal values take almost no
 * bytes.
 */
const FREE_VALUES = 2 ** 23;

/** Further values allowed per byte of a row group. */
const VALUES_PER_BYTE = 64;

/**
 * The most bytes that one byte may expand to, by compression method; methods that are not listed get
 * deflate's limit.
 */
const MOST_INFLATION = 1100;

/** A Parquet file whose metadata have been read and checked. */
export interface ParquetFile {
  readonly name: string;
  /** The columns to read. */
  readonly columns: readonly string[];
  /** The number of rows of each row group. */
  readonly groups: readonly number[];
  /** Reads a row group; rows are counted from 1 through the whole file. */
  read(group: number): Promise<ValueTable>;
}

/**
 * Opens a Parquet file. Row groups are read one at a time; the sizes that the file claims are compared with
 * its own size before anything is allocated.
 *
 * @param ignore - names of columns that are not to be read
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS; INVALID_FILE if it is none or damaged; INVALID_DATA for columns that
 * are lists or structures
 */
export async function openParquet(
  path: string,
  name: string,
  ignore: readonly string[],
): Promise<ParquetFile> {
  const file = await asyncFile(path);
  const metadata = await guarded(name, async () => {
    if (file.byteLength < 12) throw new Error('it is too short');
    return parquetMetadataAsync(file, { geoparquet: false });
  });
  const columns = await guarded(name, async () => columnsOf(metadata, name, ignore));
  const decimals = await guarded(name, async () => takeDecimals(metadata, columns, name));
  const groups = await guarded(name, async () =>
    metadata.row_groups.map((group) => checkGroup(group, columns, file.byteLength, name)),
  );
  const optional = new Set(
    metadata.schema.flatMap(({ name: column, repetition_type: repetition }) =>
      repetition === 'REQUIRED' ? [] : column,
    ),
  );
  const starts = groups.map((_, i) => groups.slice(0, i).reduce((sum, rows) => sum + rows, 0));
  return {
    name,
    columns,
    groups,
    read: (group) =>
      guarded(name, async () => {
        await checkPages(metadata.row_groups[group] as RowGroup, columns, optional, file);
        const rows = { start: starts[group] as number, rows: groups[group] as number };
        return readGroup(file, metadata, columns, decimals, rows);
      }),
  };
}

async function asyncFile(path: string): Promise<AsyncBuffer> {
  const stats = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new SparseTrainError('FILE_NOT_FOUND', `there is no file ${path}`);
    throw new SparseTrainError('FILE_ACCESS', `${path} cannot be read (${error.code})`);
  });
  const { size } = stats;
  return {
    byteLength: size,
    async slice(start, end = size) {
      const length = Math.min(end, size) - start;
      if (!(start >= 0 && length >= 0)) throw new Error('a part of it is said to be beyond its end');
      const bytes = new Uint8Array(length);
      const handle = await open(path, 'r');
      try {
        for (let done = 0; done < length; ) {
          const { bytesRead } = await handle.read(bytes, done, length - done, start + done);
          if (bytesRead === 0) throw new Error('it has become shorter');
          done += bytesRead;
        }
      } finally {
        await handle.close();
      }
      return bytes.buffer;
    },
  };
}

/** Reports any error during reading as damage to the file. */
async function guarded<T>(name: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof SparseTrainError) throw error;
    throw new SparseTrainError(
      'INVALID_FILE',
      `${name}: no Parquet file that can be read (${(error as Error).message})`,
      {
        cause: error,
      },
    );
  }
}

function columnsOf(metadata: FileMetaData, name: string, ignore: readonly string[]): string[] {
  const all = parquetSchema(metadata).children;
  if (!all.every(({ element }) => typeof element.name === 'string'))
    throw new SparseTrainError('INVALID_FILE', `${name}: a column has no name`);
  const used = all.filter(({ element }) => !ignore.includes(element.name));
  const nested = used.find(
    ({ children, element }) => children.length > 0 || element.repetition_type === 'REPEATED',
  );
  if (nested !== undefined) {
    throw new SparseTrainError(
      'INVALID_DATA',
      say`${name}: column "${shortened(nested.element.name)}" holds lists or structures; leave it out with ${optionName('ignore', nested.element.name)}`,
    );
  }
  if (used.length === 0) throw new SparseTrainError('INVALID_DATA', `${name} has no columns`);
  const names = used.map(({ element }) => element.name);
  const second = names.findIndex((column, i) => names.indexOf(column) !== i);
  if (second !== -1) {
    const column = names[second] as string;
    throw new SparseTrainError(
      'INVALID_DATA',
      `${name}: columns ${names.indexOf(column) + 1} and ${second + 1} have the same name "${shortened(column)}"; rename one`,
    );
  }
  return names;
}

/** Reads the rows of a row group, after checking that it can hold that many. */
function checkGroup(group: RowGroup, columns: readonly string[], fileBytes: number, name: string): number {
  const invalid = (what: string) => new SparseTrainError('INVALID_FILE', `${name}: ${what}`);
  const rows = Number(group.num_rows);
  if (!Number.isSafeInteger(rows) || rows < 0) throw invalid(`a row group is said to have ${rows} rows`);
  for (const { meta_data: column } of chunksOf(group, columns)) {
    if (column === undefined) throw invalid('a column has no metadata');
    if (Number(column.num_values) !== rows) {
      throw invalid(`a column has ${column.num_values} values in a group of ${rows} rows`);
    }
    const { start, end } = extentOf(column);
    if (!(start >= 0 && end > start && end <= fileBytes))
      throw invalid('a column is said to be beyond its end');
  }
  if (rows * columns.length > Math.max(FREE_VALUES, VALUES_PER_BYTE * fileBytes)) {
    throw invalid(
      `a row group is said to have ${rows} rows, which a file of ${fileBytes} bytes does not hold`,
    );
  }
  return rows;
}

function chunksOf(group: RowGroup, columns: readonly string[]) {
  return group.columns.filter(({ meta_data: column }) => columns.includes(column?.path_in_schema[0] ?? ''));
}

type ColumnFacts = NonNullable<RowGroup['columns'][number]['meta_data']>;

function extentOf(column: ColumnFacts): { start: number; end: number } {
  const start = Number(column.dictionary_page_offset || column.data_page_offset);
  return { start, end: start + Number(column.total_compressed_size) };
}

/**
 * Compares the claims of the page headers with the actual sizes, because reading a page allocates the claimed
 * size.
 */
async function checkPages(
  group: RowGroup,
  columns: readonly string[],
  optional: ReadonlySet<string>,
  file: AsyncBuffer,
): Promise<void> {
  const rows = Number(group.num_rows);
  for (const { meta_data } of chunksOf(group, columns)) {
    const column = meta_data as ColumnFacts;
    const { start, end } = extentOf(column);
    const isOptional = optional.has(column.path_in_schema[0] as string);
    const view = new DataView(await file.slice(start, end));
    const reader = { view, offset: 0 };
    let values = 0;
    while (values < rows && reader.offset < view.byteLength - 1) {
      const page = parquetHeader(reader);
      const packed = page.compressed_page_size;
      const unpacked = page.uncompressed_page_size;
      if (!(packed >= 0 && reader.offset + packed <= view.byteLength)) throw new Error('a page is cut off');
      if (!(unpacked >= 0 && unpacked <= MOST_INFLATION * packed + 1024)) {
        throw new Error(`a page of ${packed} bytes is said to unpack to ${unpacked}`);
      }
      const entries = page.dictionary_page_header?.num_values ?? 0;
      const count = (page.data_page_header ?? page.data_page_header_v2)?.num_values ?? 0;
      if (!(entries >= 0 && entries <= unpacked + 1))
        throw new Error(`a dictionary is said to have ${entries} entries`);
      if (!(count >= 0 && values + count <= rows)) throw new Error('a column has more values than rows');
      checkLevels(page, count);
      checkValues(page, new Uint8Array(view.buffer, reader.offset, packed), column, isOptional);
      values += count;
      reader.offset += packed;
    }
    if (values !== rows) throw new Error(`a column has ${values} values for ${rows} rows`);
  }
}

/** Checks where the values of a page begin; hyparquet would read a page whose header does not say it without an end. */
function checkLevels(
  { compressed_page_size: packed, uncompressed_page_size: unpacked, data_page_header_v2: page }: PageHeader,
  count: number,
): void {
  if (page === undefined) return;
  const { repetition_levels_byte_length: repetition, definition_levels_byte_length: definition } = page;
  if (!(repetition >= 0 && definition >= 0 && repetition + definition <= Math.min(packed, unpacked)))
    throw new Error(`the levels of a page are said to have ${repetition} and ${definition} bytes`);
  if (!(page.num_nulls >= 0 && page.num_nulls <= count))
    throw new Error(`${page.num_nulls} of the ${count} values of a page are said to be missing`);
}

/** Checks the runs of a page of data, which hyparquet would write whatever their lengths. */
function checkValues(page: PageHeader, packed: Uint8Array, column: ColumnFacts, isOptional: boolean): void {
  const { data_page_header: first, data_page_header_v2: second, uncompressed_page_size: unpacked } = page;
  const header = first ?? second;
  if (header === undefined) return;
  const { encoding, num_values: count } = header;
  const levels =
    second === undefined ? 0 : second.repetition_levels_byte_length + second.definition_levels_byte_length;
  if (second !== undefined && isOptional)
    checkRuns(packed.subarray(second.repetition_levels_byte_length), 1, count);
  const hasRuns = encoding.includes('DICTIONARY') || encoding === 'RLE';
  if (!hasRuns && !(second === undefined && isOptional)) return;
  const isPlain = column.codec === 'UNCOMPRESSED' || second?.is_compressed === false;
  const values = packed.subarray(levels);
  const bytes = isPlain ? values : COMPRESSORS[column.codec]?.(values, unpacked - levels);
  // hyparquet refuses methods that are not known here.
  if (bytes === undefined) return;
  checkRunsOfPage({
    bytes,
    version: second === undefined ? 1 : 2,
    encoding,
    isBoolean: column.type === 'BOOLEAN',
    isOptional,
    count,
  });
}

/**
 * The decompressors that hyparquet does not include, from Node's zlib. Each is limited to the length that the
 * page claims.
 */
const COMPRESSORS: Compressors = {
  SNAPPY: (input, length) => {
    const output = new Uint8Array(length);
    snappyUncompress(input, output);
    return output;
  },
  GZIP: (input, length) => gunzipSync(input, { maxOutputLength: Math.max(1, length) }),
  BROTLI: (input, length) => brotliDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
};

async function readGroup(
  file: AsyncBuffer,
  metadata: FileMetaData,
  columns: readonly string[],
  decimals: ReadonlyMap<string, DecimalReader>,
  { start, rows }: { start: number; rows: number },
): Promise<ValueTable> {
  const values = new Map<string, unknown[]>(columns.map((name) => [name, new Array(rows)]));
  const onChunk = ({ columnName, columnData, rowStart }: ColumnData) => {
    const column = values.get(columnName);
    const read = decimals.get(columnName);
    for (let i = 0; i < columnData.length; i++) {
      const row = rowStart + i - start;
      if (column === undefined || row < 0 || row >= rows) continue;
      column[row] = read === undefined ? columnData[i] : read(columnData[i]);
    }
  };
  await parquetRead({
    file,
    metadata,
    columns: [...columns],
    rowStart: start,
    rowEnd: start + rows,
    onChunk,
    compressors: COMPRESSORS,
  });
  // Values are delivered in a microtask after the last one has been read.
  await new Promise((resolve) => setImmediate(resolve));
  const lists = columns.map((name) => values.get(name) as unknown[]);
  return {
    names: columns,
    header: true,
    rows,
    unit: 'row',
    value: (row, column) => lists[column]?.[row],
    place: (row) => start + row + 1,
  };
}

/** Several tables with the same columns, one after another. */
export function joined(tables: readonly ValueTable[]): ValueTable {
  const [first] = tables;
  if (first === undefined || tables.length === 1) return first as ValueTable;
  const starts: number[] = [];
  let rows = 0;
  for (const table of tables) {
    starts.push(rows);
    rows += table.rows;
  }
  let current = 0;
  /** Rows are requested in order, so the table is the same as for the previous row or one nearby. */
  const find = (row: number): ValueTable => {
    while (row < (starts[current] as number)) current--;
    while (current + 1 < tables.length && row >= (starts[current + 1] as number)) current++;
    return tables[current] as ValueTable;
  };
  return {
    ...first,
    rows,
    value: (row, column) => find(row).value(row - (starts[current] as number), column),
    place: (row) => find(row).place(row - (starts[current] as number)),
  };
}
