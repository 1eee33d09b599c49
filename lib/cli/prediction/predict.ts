import { SparseTrainError } from '../../base/errors.js';
import type { Spelling, Wording } from '../../base/wording.js';
import { type InputMatrix, sliceRows } from '../../data/csr.js';
import { padFor } from '../../data/padding.js';
import { USUAL_DELIMITERS } from '../../formats/csv/delimiter.js';
import { namedDelimiter } from '../../formats/csv/open-text.js';
import type { CsvFormatOptions } from '../../formats/csv/options.js';
import { remarksOnGaps } from '../../formats/csv/read.js';
import { RecordLines } from '../../formats/csv/record-lines.js';
import { GapCounter, type RowRules } from '../../formats/csv/row.js';
import { readLines } from '../../formats/lines.js';
import type { Threads } from '../../network/threads.js';
import type { Network } from '../../training/network.js';
import { judge, type Place, type Prediction, scoresByName } from './prediction.js';
import { jsonDecoder, looksLikeJson, openCsv, type RowDecoder } from './row-decoder.js';
import type { PredictionSource } from './source.js';

/** How rows are read and what is printed. */
export interface PredictOptions {
  /** The format of text lines. */
  readonly from: 'auto' | 'ndjson' | 'csv';
  readonly csv: CsvFormatOptions;
  /** What is an error for the row instead of being filled in. */
  readonly rules: Pick<RowRules, 'onMissing' | 'onUnknown'>;
  /** Whether all scores are printed. */
  readonly scores: boolean;
  readonly threads: Threads;
  /** Is given what was decided about the columns that may not be what was meant. */
  readonly onRemark: (remark: Wording) => void;
  /** How the user writes options. */
  readonly spelling: Spelling;
}

/** Rows of a matrix per call of predictBatch(). */
const ROWS = 1024;

/**
 * Predicts rows one by one, and the lines of a text as soon as they arrive. A row that cannot be read gives
 * an error instead of a prediction.
 *
 * @throws SparseTrainError if nothing can be read at all: the source's errors, INVALID_DATA for columns that are not
 * those of the model
 */
export async function* predictSource(
  network: Network,
  source: PredictionSource,
  options: PredictOptions,
): AsyncGenerator<Prediction[], void, void> {
  const verdict = judge(network);
  const tell = (place: Place, scores: Float32Array): Prediction => ({
    ...place,
    ...verdict(scores),
    ...(options.scores ? { scores: scoresByName(network, scores) } : {}),
  });
  if (source.kind === 'matrix') {
    for (const remark of source.remarks) options.onRemark(remark);
    yield* predictMatrix(network, padFor(network, source.inputs), options.threads, tell);
  } else yield* predictText(network, source, options, tell);
}

type Tell = (place: Place, scores: Float32Array) => Prediction;

async function* predictMatrix(
  network: Network,
  inputs: InputMatrix,
  threads: Threads,
  tell: Tell,
): AsyncGenerator<Prediction[], void, void> {
  for (let start = 0; start < inputs.rows; start += ROWS) {
    const end = Math.min(inputs.rows, start + ROWS);
    const batch = await network.predictBatch(sliceRows(inputs, start, end), { threads });
    yield Array.from({ length: end - start }, (_, i) => tell({ row: start + i + 1 }, batch.row(i)));
  }
}

async function* predictText(
  network: Network,
  { name, stream }: Extract<PredictionSource, { kind: 'text' }>,
  { from, csv: given, rules: strict, onRemark, spelling }: PredictOptions,
  tell: Tell,
): AsyncGenerator<Prediction[], void, void> {
  let csv = given;
  const gaps = new GapCounter();
  const rules = { ...strict, gaps };
  const scores = new Float32Array(network.layers.at(-1) as number);
  let decoder: RowDecoder | undefined;
  const records = new RecordLines();
  function answer(ended: boolean): Prediction[] {
    const predictions: Prediction[] = [];
    for (let record = records.next(ended); record !== undefined; record = records.next(ended)) {
      const { line, text } = record;
      if (decoder === undefined) {
        if (text.trim() === '') continue;
        const named = namedDelimiter(text);
        if (named !== undefined) {
          csv = { ...csv, delimiter: csv.delimiter ?? named };
          continue;
        }
        const isJson = from === 'auto' ? looksLikeJson(text) : from === 'ndjson';
        const opened = isJson ? undefined : openCsv(text, network, { ...csv, ...rules }, name);
        for (const remark of opened?.remarks ?? []) onRemark(remark);
        decoder = opened?.decoder ?? jsonDecoder(network, rules);
        records.delimiters = opened && [opened.delimiter];
        if (opened?.isHeader) continue;
      }
      try {
        const row = decoder.decode(text);
        if (row !== undefined) predictions.push(tell({ line }, network.predict(row, scores)));
      } catch (error) {
        if (!(error instanceof SparseTrainError)) throw error;
        const { code } = error;
        predictions.push({ line, error: { code, message: error.toData(spelling).message } });
        if (record.lines > 1 && !decoder.isRow(text)) records.split(record);
      }
    }
    return predictions;
  }
  for await (const lines of readLines(stream, name)) {
    if (decoder === undefined) {
      const first = lines.find(({ text }) => text.trim() !== '');
      const isJson = from === 'auto' ? looksLikeJson(first?.text ?? '') : from === 'ndjson';
      // Which delimiter it is shows only when the first record is whole.
      const usual = csv.delimiter === undefined ? USUAL_DELIMITERS : [csv.delimiter];
      records.delimiters = isJson ? undefined : usual;
    }
    records.add(lines);
    const predictions = answer(false);
    if (predictions.length > 0) yield predictions;
  }
  const last = answer(true);
  if (last.length > 0) yield last;
  for (const remark of remarksOnGaps(gaps, name)) onRemark(remark);
}
