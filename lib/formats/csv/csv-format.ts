import type { DataFormat } from '../format.js';
import { allBytes } from '../source.js';
import { openCsvStream } from './csv-stream.js';
import { applySchema, parseCsv, readCsv, readCsvRows } from './read.js';

/** CSV and TSV, plain or gzip. */
export const CSV: DataFormat = {
  name: 'csv',
  hasColumns: true,
  async read(source, options) {
    const { dataset, ...rest } =
      source.kind === 'path'
        ? await readCsv(source.path, options)
        : parseCsv(await allBytes(source), options, source.name);
    return { train: dataset, test: undefined, ...rest };
  },
  async apply(source, { schema }, options) {
    if (schema === undefined) {
      // Without a coding, the file's own.
      const { train } = await CSV.read(source, options);
      return { inputs: train.inputs, dataset: train };
    }
    return source.kind === 'path'
      ? readCsvRows(source.path, schema, options)
      : applySchema(await allBytes(source), schema, options, source.name);
  },
  open: openCsvStream,
};
