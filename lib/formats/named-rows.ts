import { describeValue, SparseTrainError } from '../base/errors.js';
import { gather } from './csv/gather.js';
import { findHeader } from './csv/header.js';
import { checkIsText, firstRecords, LONGEST_LINE, openText } from './csv/open-text.js';
import { type CsvFormatOptions, DEFAULT_MISSING } from './csv/options.js';
import { type CsvText, TextRecords } from './csv/text-records.js';
import { saysTheSame } from './csv/value.js';
import { parseRow } from './json-numbers.js';
import { readLines } from './lines.js';
import type { FormatName } from './names.js';
import { recogniseFormat } from './recognise.js';
import { bytesOf, type DataSource, pathOf } from './source.js';

/** A row as it stands in a file: values by the names of the columns. Missing values are left out. */
export interface NamedRow {
  /** The line of a text, or the row of a table, counted from 1. */
  readonly place: number;
  readonly values: Readonly<Record<string, unknown>>;
  /** Why the row cannot be read; it has no values then. */
  readonly problem?: SparseTrainError;
}

/** The rows of a source in their order, in groups that arrived together. */
export interface NamedRows {
  /** What {@link NamedRow.place} counts. */
  readonly unit: 'line' | 'row';
  /** The names of the columns, where they stand before the rows. */
  readonly names: readonly string[] | undefined;
  batches(): AsyncGenerator<NamedRow[], void, void>;
}

/** Texts that stand for a missing value. */
const MISSING: ReadonlySet<string> = new Set(DEFAULT_MISSING);

/** Bytes of CSV text that are scanned at once. */
const PIECE = 2 ** 18;
/** Records that show whether the first one holds names. */
const PEEKED = 10;
/** Rows of a Parquet file in a group. */
const GROUP = 4096;

/**
 * Opens CSV, JSON lines or Parquet to read rows one after another, whatever their length; nothing is decided about columns.
 * In CSV, a field is a number if the number says all that its text says: `007` and digits beyond 2^53 stay texts.
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS, INVALID_FILE, INVALID_OPTION for other formats
 */
export async function openNamedRows(
  source: DataSource,
  options: CsvFormatOptions,
  format?: FormatName,
): Promise<NamedRows> {
  const found = format ?? (source.kind === 'path' ? await recogniseFormat(source.path) : source.format);
  switch (found) {
    case 'csv':
      return openCsvRows(source, options);
    case 'ndjson':
      return { unit: 'line', names: undefined, batches: () => jsonRowsOf(source) };
    case 'parquet':
      return openParquetRows(source);
    default:
      throw new SparseTrainError(
        'INVALID_OPTION',
        `${source.name} is ${found}; rows with names come from csv, ndjson and parquet`,
      );
  }
}

async function* jsonRowsOf(source: DataSource): AsyncGenerator<NamedRow[], void, void> {
  for await (const lines of readLines(bytesOf(source), source.name)) {
    const rows = lines.flatMap(({ number, text }) => {
      const json = text.replace(/^\ufeff/, '');
      return json.trim() === '' ? [] : [jsonRow(json, number, source.name)];
    });
    if (rows.length > 0) yield rows;
  }
}

function jsonRow(text: string, place: number, file: string): NamedRow {
  try {
    const values = parseRow(text);
    if (typeof values === 'object' && values !== null && !Array.isArray(values))
      return { place, values: values as Record<string, unknown> };
    return unreadable(
      place,
      `${file}: line ${place} must be an object such as { "a": 1 }, but it is ${describeValue(values)}`,
    );
  } catch (error) {
    const why = error instanceof SyntaxError ? `not JSON: ${error.message}` : (error as Error).message;
    return unreadable(place, `${file}: line ${place}: ${why}`);
  }
}

function unreadable(place: number, why: string): NamedRow {
  return { place, values: {}, problem: new SparseTrainError('INVALID_DATA', why) };
}

async function openParquetRows(source: DataSource): Promise<NamedRows> {
  const { openParquet } = await import('./parquet/parquet-file.js');
  const file = await openParquet(pathOf(source, 'Parquet'), source.name, []);
  async function* batches(): AsyncGenerator<NamedRow[], void, void> {
    for (const group of file.groups.keys()) {
      const table = await file.read(group);
      for (let start = 0; start < table.rows; start += GROUP) {
        yield Array.from(
          { length: Math.min(GROUP, table.rows - start) },
          (_, i): NamedRow => ({
            place: table.place(start + i),
            values: Object.fromEntries(
              table.names.map((name, column) => [name, table.value(start + i, column)]),
            ),
          }),
        );
      }
    }
  }
  return { unit: 'row', names: file.columns, batches };
}

async function openCsvRows(source: DataSource, options: CsvFormatOptions): Promise<NamedRows> {
  const pieces = bytesOf(source)[Symbol.asyncIterator]();
  try {
    return await openPieces(pieces, source, options);
  } catch (error) {
    await pieces.return?.(undefined);
    throw error;
  }
}

async function openPieces(
  pieces: AsyncIterator<Uint8Array>,
  source: DataSource,
  options: CsvFormatOptions,
): Promise<NamedRows> {
  const decimal = options.decimal ?? '.';
  // A stream that is not a file gives what has arrived, so that its first rows are answered at once.
  let { bytes, ended } = await gather(pieces, Buffer.alloc(0), source.kind === 'path' ? PIECE : 1);
  checkIsText(bytes, source.name);
  while (!ended && !bytes.includes('\n') && !bytes.includes('\r')) {
    refuseEndless(bytes, 1, source.name);
    // Twice as much each time: joining the pieces takes as long as they are together.
    ({ bytes, ended } = await gather(pieces, bytes, 2 * bytes.length));
  }
  const text = openText(bytes, source.name, options.delimiter);
  const peeked = firstRecords(text, decimal, PEEKED);
  const header = findHeader(peeked, options.header, source.name);
  const { names } = header;
  if (names.includes('__proto__'))
    throw new SparseTrainError(
      'INVALID_FILE',
      `${source.name}: no column can be called __proto__; rename it`,
    );
  const begin = header.isThere ? (peeked[0]?.next ?? text) : text;
  async function* batches(): AsyncGenerator<NamedRow[], void, void> {
    let part: CsvText = { ...text, ...begin };
    try {
      for (;;) {
        const records = new TextRecords(part, { decimal, isPart: !ended });
        const rows: NamedRow[] = [];
        while (records.next()) rows.push(csvRow(records, names, decimal, source.name));
        if (rows.length > 0) yield rows;
        if (ended) return;
        const rest = part.bytes.subarray(records.position);
        refuseEndless(rest, records.nextLine, source.name);
        // A record that is longer than a piece gets twice as much each time.
        const next = await gather(
          pieces,
          rest,
          source.kind === 'path' || rest.length > PIECE ? 2 * rest.length + PIECE : rest.length + 1,
        );
        ended = next.ended;
        part = { ...part, bytes: next.bytes, begin: 0, line: records.nextLine };
      }
    } finally {
      await pieces.return?.(undefined);
    }
  }
  return { unit: 'line', names, batches };
}

/** @throws SparseTrainError INVALID_FILE for a line that is longer than any line can be */
function refuseEndless(rest: Uint8Array, line: number, file: string): void {
  if (rest.length <= LONGEST_LINE) return;
  throw new SparseTrainError(
    'INVALID_FILE',
    `${file}: line ${line} is longer than ${LONGEST_LINE} bytes; is a quote never closed?`,
  );
}

function csvRow(records: TextRecords, names: readonly string[], decimal: '.' | ',', file: string): NamedRow {
  const { count, block, at, line } = records;
  if (count !== names.length)
    return unreadable(
      line,
      `${file}: line ${line} has ${count} fields, but there are ${names.length} columns`,
    );
  const values: Record<string, unknown> = {};
  for (let i = 0; i < count; i++) {
    const number = block[at + i] as number;
    const name = names[i] as string;
    if (!Number.isNaN(number)) {
      // Only long texts and those with a zero in front can say more than the number.
      values[name] =
        records.isShortNumber(i) || saysTheSame(number, records.text(i), decimal) ? number : records.text(i);
      continue;
    }
    const text = records.text(i);
    if (!MISSING.has(text)) values[name] = text;
  }
  return { place: line, values };
}
