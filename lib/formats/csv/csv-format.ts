import { inSlices } from '../../base/steps.js';
import type { DataFormat } from '../format.js';
import { allBytes } from '../source.js';
import { openCsvStream } from './csv-stream.js';
import { TextWatch } from './open-text.js';
import { checkCsvApplyOptions, checkCsvOptions } from './options.js';
import { csvRows, csvTable, readCsv, readCsvRows } from './read.js';
import { parseCsvSchema } from './schema.js';

/** CSV and TSV, plain or gzip. */
export const CSV: DataFormat = {
  name: 'csv',
  hasColumns: true,
  async read(source, options) {
    const checked = checkCsvOptions(options);
    const watch = new TextWatch(source.name, checked.maxBytes);
    const { dataset, schema, skipped, remarks } =
      source.kind === 'path'
        ? await readCsv(source.path, options)
        : await inSlices(csvTable(await allBytes(source, watch), source.name, checked));
    return { train: dataset, test: undefined, schema, skipped, remarks };
  },
  async apply(source, { schema }, options) {
    if (schema === undefined) {
      // Without a schema, the file's own columns decide.
      const { labels: _, ...asIs } = options;
      const { train, skipped, remarks } = await CSV.read(source, asIs);
      return { inputs: train.inputs, dataset: train, skipped, remarks };
    }
    if (source.kind === 'path') return readCsvRows(source.path, schema, options);
    const { maxBytes } = checkCsvApplyOptions(options);
    const bytes = await allBytes(source, new TextWatch(source.name, maxBytes));
    return inSlices(csvRows(bytes, parseCsvSchema(schema), options, source.name));
  },
  open: openCsvStream,
};
