import { SparseTrainError } from '../base/errors.js';
import { type InputMatrix, isSparseRow, type SparseRow } from '../data/csr.js';
import { FullRows, type RowGatherer, SparseRowGatherer } from '../data/input-rows.js';
import { csvRowEncoder, type TableRow } from '../formats/csv/row.js';
import { type CsvSchema, isSparseSchema, schemaWidth } from '../formats/csv/schema.js';

/** Whether an input is an object with names, not an array of numbers or a sparse row. */
export function isTableRow(input: unknown): input is TableRow {
  if (typeof input !== 'object' || input === null || Array.isArray(input) || ArrayBuffer.isView(input))
    return false;
  return !isSparseRow(input);
}

/** Codes rows of a table as the inputs of a network that was trained on one. */
export class TableRowCoder {
  readonly #schema: CsvSchema;
  readonly #encode: (row: TableRow) => Float64Array | SparseRow<Float64Array>;

  constructor(schema: CsvSchema) {
    this.#schema = schema;
    this.#encode = csvRowEncoder(schema);
  }

  /** Whether this codes rows by the given schema. */
  isFor(schema: CsvSchema): boolean {
    return schema === this.#schema;
  }

  /** @throws SparseTrainError INVALID_DATA for values that their columns do not hold, and names that are nearly right */
  row(row: TableRow): Float64Array | SparseRow<Float64Array> {
    return this.#encode(row);
  }

  /** @throws SparseTrainError INVALID_DATA as {@link row}, with the number of the row */
  rows(rows: readonly unknown[]): InputMatrix {
    const width = schemaWidth(this.#schema);
    const gathered: RowGatherer = isSparseSchema(this.#schema)
      ? new SparseRowGatherer(width, false)
      : new FullRows(rows.length, width, false, 'inputs');
    for (let i = 0; i < rows.length; i++) {
      const inputs = this.#inRow(rows[i], i);
      if (isSparseRow(inputs))
        for (const [j, input] of inputs.indices.entries()) gathered.put(input, inputs.values[j] as number);
      else for (const [input, value] of inputs.entries()) gathered.put(input, value);
      gathered.end();
    }
    return gathered.matrix();
  }

  #inRow(row: unknown, i: number): Float64Array | SparseRow<Float64Array> {
    try {
      return this.#encode(row as TableRow);
    } catch (error) {
      if (!(error instanceof SparseTrainError)) throw error;
      throw new SparseTrainError(error.code, `inputs[${i}]: ${error.message}`, { cause: error });
    }
  }
}
