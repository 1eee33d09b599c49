import { stat } from 'node:fs/promises';
import { SparseTrainError } from '../../base/errors.js';
import type { Wording } from '../../base/wording.js';
import { loadDataset } from '../../catalog/registry.js';
import type { InputMatrix } from '../../data/csr.js';
import { type InputArray, Matrix } from '../../data/matrix.js';
import { remarkOnNameless, remarkOnNames } from '../../formats/csv/layout.js';
import type { RowRules } from '../../formats/csv/row.js';
import { readIdx } from '../../formats/idx.js';
import { applyToSource } from '../../formats/read.js';
import { fileStart, looksLikeIdx, recogniseFormat } from '../../formats/recognise.js';
import { bytesOf, sourceAt } from '../../formats/source.js';
import type { Network } from '../../training/network.js';
import { isDatasetName } from '../data/load.js';
import type { Terminal } from '../terminal.js';

/** Rows to predict: all at once, or text as it arrives. */
export type PredictionSource =
  | {
      readonly kind: 'matrix';
      readonly inputs: InputMatrix;
      /** What was decided about the columns that may not be what was meant, a sentence each. */
      readonly remarks: readonly Wording[];
    }
  | { readonly kind: 'text'; readonly name: string; readonly stream: AsyncIterable<Uint8Array> };

/**
 * Opens the rows that the user named. Nothing or `-` means standard input, the name of a data set means its
 * test part; a file may be IDX, text (plain or gzip), Parquet, .npy or .npz, and a folder holds pictures.
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS, INVALID_FILE
 */
export async function openSource(
  word: string | undefined,
  network: Network,
  terminal: Terminal,
  rules: Pick<RowRules, 'onMissing' | 'onUnknown'>,
): Promise<PredictionSource> {
  if (word === undefined || word === '-') {
    const { stdin } = terminal.streams;
    if (stdin.isTTY) terminal.note('reading rows from the terminal; Ctrl-D ends them');
    return { kind: 'text', name: 'standard input', stream: stdin };
  }
  const exists = await stat(word).then(
    () => true,
    () => false,
  );
  if (!exists && isDatasetName(word))
    return { kind: 'matrix', inputs: (await loadDataset(word)).test.inputs, remarks: [] };
  const source = await sourceAt(word);
  if (source.kind === 'stream') return { kind: 'text', name: source.name, stream: source.stream };
  const format = await recogniseFormat(word);
  if (format === 'csv' && looksLikeIdx((await fileStart(word)).bytes)) {
    const remarks = remarkOnNameless(source.name, network.schema);
    return { kind: 'matrix', inputs: await readIdxInputs(word), remarks };
  }
  if (format === 'csv' || format === 'ndjson')
    return { kind: 'text', name: source.name, stream: bytesOf(source) };
  const coding = { schema: network.schema, classes: undefined };
  const { inputs, remarks } = await applyToSource(source, coding, { labels: 'ignore', ...rules }, format);
  const hasNames = format === 'parquet' && network.schema === undefined;
  return { kind: 'matrix', inputs, remarks: hasNames ? [...remarks, remarkOnNames(source.name)] : remarks };
}

async function readIdxInputs(file: string): Promise<Matrix> {
  const { shape, data } = await readIdx(file);
  if (shape.length < 2) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `${file} has one dimension, but inputs need at least two (examples x features); is it a file of labels?`,
    );
  }
  const columns = data.length / (shape[0] as number);
  const isInput = !(data instanceof Int8Array || data instanceof Int32Array);
  return new Matrix<InputArray>(isInput ? data : Float64Array.from(data), columns);
}
