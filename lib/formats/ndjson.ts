import { SparseTrainError } from '../base/errors.js';
import { inSlices } from '../base/steps.js';
import type { CsvOptions } from './csv/options.js';
import { codedRows, type ExampleRows, streamOfParts } from './example-rows.js';
import type { DataFormat, TableStream } from './format.js';
import { mayHaveSpellings, parseRow } from './json-numbers.js';
import { readLines } from './lines.js';
import { bytesOf, type DataSource } from './source.js';
import {
  applyToRows,
  type FoundRow,
  foundTable,
  refuseMisspelt,
  rowOf,
  withJsonLabel,
} from './table/found-rows.js';
import { tableSteps } from './table/table.js';

/**
 * The rows of a JSON-lines text in groups that arrived together. A row is an object of values by column name,
 * or `{ "input": [numbers], "label": ... }` (also `inputs`, `features`, and `target`, `class`, `y`); its
 * numbers get the columns `input 1`, `input 2`, ... and `label`.
 *
 * @throws SparseTrainError INVALID_DATA for lines that are none, INVALID_FILE
 */
async function* jsonRows(source: DataSource): AsyncGenerator<FoundRow[], void, void> {
  for await (const lines of readLines(bytesOf(source), source.name)) {
    const rows: FoundRow[] = [];
    for (const { number: line, text } of lines) {
      if (text.trim() === '') continue;
      try {
        const json = text.replace(/^\ufeff/, '');
        rows.push({ place: line, ...rowOf(parseRow(json)), json: mayHaveSpellings(json) ? json : undefined });
      } catch (error) {
        // What came before is good.
        if (rows.length > 0) yield rows;
        const why = error instanceof SyntaxError ? `not JSON: ${error.message}` : (error as Error).message;
        throw new SparseTrainError('INVALID_DATA', `${source.name}: line ${line}: ${why}`, { cause: error });
      }
    }
    if (rows.length > 0) yield rows;
  }
}

function originOf({ name }: DataSource) {
  return { name, unit: 'line' } as const;
}

async function allRows(source: DataSource): Promise<FoundRow[]> {
  const rows: FoundRow[] = [];
  for await (const some of jsonRows(source)) for (const row of some) rows.push(row);
  return rows;
}

/** The number of rows that determine the columns. */
const SAMPLE_ROWS = 10_000;

/** Opens JSON lines to read them in parts. The first 10,000 rows determine the columns. */
async function openJsonStream(source: DataSource, options: CsvOptions): Promise<TableStream> {
  const batches = jsonRows(source);
  const first: FoundRow[] = [];
  while (first.length < SAMPLE_ROWS) {
    const { done, value } = await batches.next();
    if (done) break;
    for (const row of value) first.push(row);
  }
  const table = foundTable(first, originOf(source));
  const { names } = table;
  const {
    schema,
    dataset: sample,
    remarks,
  } = await inSlices(tableSteps(table, withJsonLabel(options, names), source.name));
  const wanted = schema.columns.flatMap((column) => (column.kind === 'ignored' ? [] : [column.name]));
  const known = new Set(names);
  const code = (rows: readonly FoundRow[]) => {
    refuseMisspelt(rows, originOf(source), wanted, known);
    return codedRows(foundTable(rows, originOf(source), names), source.name, schema, options);
  };
  async function* parts(): AsyncGenerator<ExampleRows, void, void> {
    try {
      for (let batch: readonly FoundRow[] | undefined = first; batch !== undefined; ) {
        yield code(batch);
        const { done, value } = await batches.next();
        batch = done ? undefined : value;
      }
    } finally {
      await batches.return();
    }
  }
  return streamOfParts({ schema, sample, remarks }, parts);
}

/** JSON lines, plain or gzip, from a file or from standard input. */
export const NDJSON: DataFormat = {
  name: 'ndjson',
  hasColumns: true,
  async read(source, options) {
    const table = foundTable(await allRows(source), originOf(source));
    const { dataset, ...rest } = await inSlices(
      tableSteps(table, withJsonLabel(options, table.names), source.name),
    );
    return { train: dataset, test: undefined, ...rest };
  },
  async apply(source, { schema }, options) {
    const rows = await allRows(source);
    if (schema === undefined) {
      const table = foundTable(rows, originOf(source));
      const { dataset, skipped, remarks } = await inSlices(
        tableSteps(table, withJsonLabel({ onMissing: options.onMissing }, table.names), source.name),
      );
      return { inputs: dataset.inputs, dataset, skipped, remarks };
    }
    return applyToRows(rows, schema, options, originOf(source));
  },
  open: openJsonStream,
};
