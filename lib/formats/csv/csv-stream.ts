import { SparseTrainError } from '../../base/errors.js';
import { inSlices } from '../../base/steps.js';
import { ExampleRows, FROM_FIRST, leftOut, streamOfParts } from '../example-rows.js';
import type { TableStream } from '../format.js';
import { bytesOf, type DataSource } from '../source.js';
import { RecordEncoder } from './encode.js';
import { gather } from './gather.js';
import { trainingLayout } from './layout.js';
import { checkIsText, LONGEST_LINE, openText } from './open-text.js';
import { type CsvOptions, checkCsvOptions } from './options.js';
import { csvTable } from './read.js';
import { TextRecords } from './text-records.js';

/** Bytes at the beginning whose records determine the columns. */
const SAMPLE_BYTES = 2 ** 22;

/** The smallest number of bytes to scan at once. */
const PIECE_BYTES = 2 ** 20;

/**
 * Opens a CSV text to read it in parts. Its first 4 MB determine the columns.
 *
 * @throws SparseTrainError as readCsv, for these 4 MB
 */
export async function openCsvStream(source: DataSource, options: CsvOptions): Promise<TableStream> {
  const pieces = bytesOf(source)[Symbol.asyncIterator]();
  try {
    return await openPieces(pieces, source.name, options);
  } catch (error) {
    await pieces.return?.(undefined);
    throw error;
  }
}

async function openPieces(
  pieces: AsyncIterator<Uint8Array>,
  name: string,
  options: CsvOptions,
): Promise<TableStream> {
  const checked = checkCsvOptions(options);
  let { bytes, ended } = await gather(pieces, Buffer.alloc(0), SAMPLE_BYTES);
  const {
    schema,
    dataset: sample,
    rowsOf,
    remarks,
  } = await inSlices(csvTable(wholeRecords(), name, checked));
  const { decimal } = schema;
  const layout = trainingLayout(schema);
  const coding = { decimal, ...leftOut(checked), advice: FROM_FIRST, canSkip: true };

  /** The records that are complete in the sample. */
  function wholeRecords(): Uint8Array {
    if (ended) return bytes;
    checkIsText(bytes, name);
    const first = new TextRecords(openText(bytes, name, checked.delimiter), {
      decimal: checked.decimal,
      isPart: true,
    });
    let records = 0;
    while (first.next()) records++;
    if (records > 0) return bytes.subarray(0, first.position);
    throw new SparseTrainError(
      'INVALID_FILE',
      `${name}: the first ${bytes.length} bytes are not a whole line`,
    );
  }

  async function* parts(): AsyncGenerator<ExampleRows, void, void> {
    let text = { ...rowsOf, bytes };
    try {
      for (;;) {
        const records = new TextRecords(text, { decimal, isPart: !ended });
        yield new ExampleRows(new RecordEncoder(records, name, schema, layout, coding), records);
        if (ended) return;
        const rest = bytes.subarray(records.position);
        if (rest.length > LONGEST_LINE) {
          throw new SparseTrainError(
            'INVALID_FILE',
            `${name}: line ${records.nextLine} goes on for more than ${LONGEST_LINE} bytes; is a quote never closed?`,
          );
        }
        ({ bytes, ended } = await gather(pieces, rest, rest.length + PIECE_BYTES));
        text = { ...text, bytes, begin: 0, line: records.nextLine };
      }
    } finally {
      await pieces.return?.(undefined);
    }
  }

  return streamOfParts({ schema, sample, remarks }, parts);
}
