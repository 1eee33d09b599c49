import { SparseTrainError } from '../../base/errors.js';
import { ExampleRows, FROM_FIRST, streamOfParts } from '../example-rows.js';
import type { DataStream } from '../format.js';
import { bytesOf, type DataSource } from '../source.js';
import { quickRecords } from './block-scanner.js';
import { RecordEncoder } from './encode.js';
import { trainingLayout } from './layout.js';
import { type CsvOptions, checkCsvOptions } from './options.js';
import { parseCsv } from './read.js';
import { CsvScanner, checkIsText, detectDelimiter } from './scanner.js';
import type { CsvSchema } from './schema.js';

/** Bytes from whose records the columns are found out. */
const SAMPLE_BYTES = 2 ** 22;

/** Bytes that are scanned at once, at least. */
const PIECE_BYTES = 2 ** 20;

/** The longest record. */
const MOST_CARRIED = 2 ** 26;

/**
 * Opens a CSV text to read it in parts. Its first 4 MB tell what the columns are.
 *
 * @throws SparseTrainError as readCsv, for these 4 MB
 */
export async function openCsvStream(source: DataSource, options: CsvOptions): Promise<DataStream> {
  const checked = checkCsvOptions(options);
  const pieces = bytesOf(source)[Symbol.asyncIterator]();
  let { bytes, ended } = await gather(pieces, new Uint8Array(0), SAMPLE_BYTES);
  checkIsText(bytes, source.name);
  const first = new CsvScanner(
    bytes,
    checked.delimiter ?? detectDelimiter(bytes, source.name) ?? ',',
    source.name,
    !ended,
  );
  while (first.next());
  const whole = ended ? bytes : bytes.subarray(0, first.position);
  if (whole.length === 0 && bytes.length > 0) {
    throw new SparseTrainError(
      'INVALID_FILE',
      `${source.name}: the first ${bytes.length} bytes are no whole line`,
    );
  }
  const { schema, dataset: sample } = parseCsv(whole, options, source.name);
  const skipMissing = checked.onMissing === 'skip';

  async function* parts(): AsyncGenerator<ExampleRows, void, void> {
    let line = 1;
    let isFirst = true;
    try {
      for (;;) {
        const scanner = new CsvScanner(bytes, schema.delimiter, source.name, !ended);
        if (isFirst && schema.header) scanner.next();
        if (!isFirst) scanner.seek(0, line);
        isFirst = false;
        yield codedRecords(scanner, bytes, source.name, schema, skipMissing);
        if (ended) return;
        line = scanner.nextLine;
        const rest = bytes.subarray(scanner.position);
        if (rest.length > MOST_CARRIED) {
          throw new SparseTrainError(
            'INVALID_FILE',
            `${source.name}: line ${line} goes on for more than ${MOST_CARRIED} bytes; is a quote never closed?`,
          );
        }
        ({ bytes, ended } = await gather(pieces, rest, rest.length + PIECE_BYTES));
      }
    } finally {
      await pieces.return?.(undefined);
    }
  }

  return streamOfParts({ schema, sample }, parts);
}

/** What has been carried over, and more of a stream: `wanted` bytes at least, or all. */
async function gather(
  pieces: AsyncIterator<Uint8Array>,
  carried: Uint8Array,
  wanted: number,
): Promise<{ bytes: Uint8Array; ended: boolean }> {
  const parts = [carried];
  let length = carried.length;
  while (length < wanted) {
    const { done, value } = await pieces.next();
    if (done) return { bytes: Buffer.concat(parts), ended: true };
    parts.push(value);
    length += value.length;
  }
  return { bytes: Buffer.concat(parts), ended: false };
}

function codedRecords(
  scanner: CsvScanner,
  bytes: Uint8Array,
  name: string,
  schema: CsvSchema,
  skipMissing: boolean,
): ExampleRows {
  const { decimal, columns } = schema;
  const records = quickRecords(scanner, bytes, columns.length, decimal.charCodeAt(0));
  const options = { decimal, skipMissing, advice: FROM_FIRST };
  const encoder = new RecordEncoder(records, name, schema, trainingLayout(schema), options);
  return new ExampleRows(encoder, records);
}
