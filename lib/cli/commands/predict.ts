import { once } from 'node:events';
import { counted } from '../../base/numbers.js';
import { boolean, oneOf } from '../../base/options/kinds.js';
import { printableJson } from '../../base/printable.js';
import { render, type Wording } from '../../base/wording.js';
import { Network } from '../../training/network.js';
import { defineCommand, MODEL } from '../command.js';
import { CsvWriter } from '../prediction/csv-writer.js';
import { predictSource } from '../prediction/predict.js';
import type { Prediction } from '../prediction/prediction.js';
import { openSource } from '../prediction/source.js';
import { csvFormatOptions, csvFormatSettings } from '../settings/data.js';
import { commandSpelling, type Settings } from '../settings/setting.js';
import { trainingSettings } from '../settings/training.js';
import type { Terminal } from '../terminal.js';

const predictSettings = {
  from: {
    flag: '--from',
    kind: oneOf(['auto', 'ndjson', 'csv']),
    description:
      'the format of text input: ndjson (an object or array on each line), csv, or auto (decided by the first line)',
  },
  to: {
    flag: '--to',
    kind: oneOf(['ndjson', 'csv']),
    description: 'the format of the output: ndjson or csv',
  },
  scores: {
    flag: '--scores',
    kind: boolean,
    description: 'print the score of every output, not only the decision',
  },
  onMissing: {
    flag: '--on-missing',
    kind: oneOf(['impute', 'error'], '<action>'),
    description: 'what to do about a missing value: impute as in training, or error for its row',
  },
  onUnknown: {
    flag: '--on-unknown',
    kind: oneOf(['other', 'error'], '<action>'),
    description:
      'what to do about a category that the training data did not have: other (none of the known ones), or error for its row',
  },
} as const satisfies Settings;

export default defineCommand({
  description:
    'Rows come from standard input or from a file: CSV with the columns of the training file, JSON lines with ' +
    'their names (or arrays of values), IDX, Parquet, NumPy or PNG images. Prints one line per row as soon as the row arrives. A row that ' +
    'cannot be read gives an error that names its line; the other rows are still predicted, and the exit status is 1.',
  arguments: [
    MODEL,
    {
      name: 'input',
      description:
        'a file or folder of pictures, - for standard input (the default), or a data set such as mnist',
      optional: true,
      completes: { paths: 'files', hasDatasets: true },
    },
  ],
  options: {
    'Prediction:': { ...predictSettings, threads: trainingSettings.threads },
    'CSV files:': csvFormatSettings,
  },
  defaults: { from: 'auto', to: 'ndjson', onMissing: 'impute', onUnknown: 'other', threads: 'auto' },
  examples: [
    'sparse-train predict sparse-train-mnist.safetensors mnist | head -3',
    `echo '{"petal length": 4.9, "petal width": 1.8}' | sparse-train predict iris.safetensors`,
    'sparse-train predict iris.safetensors new.csv --to csv --scores > decided.csv',
  ],
  async run({ terminal, words: [file, input], options }) {
    const network = await Network.load(file as string);
    const { from = 'auto', to = 'ndjson', scores = false, threads = 'auto' } = options;
    const { onMissing = 'impute', onUnknown = 'other' } = options;
    const rules = { onMissing, onUnknown };
    const source = await openSource(input, network, terminal, rules);
    const all: Prediction[] = [];
    const csv = new CsvWriter();
    let count = 0;
    let errors = 0;
    const spelling = commandSpelling({ ...csvFormatSettings, ...predictSettings });
    const onRemark = (remark: Wording) => terminal.note(render(remark, spelling));
    const csvOptions = csvFormatOptions(options);
    const predictOptions = { from, csv: csvOptions, rules, scores, threads, onRemark, spelling };
    for await (const predictions of predictSource(network, source, predictOptions)) {
      count += predictions.length;
      errors += reportErrors(predictions, to === 'csv' && !options.json, terminal);
      if (options.json) all.push(...predictions);
      else await write(to === 'csv' ? csv.write(predictions) : toNdjson(predictions), terminal);
    }
    if (errors > 0) terminal.note(`${errors} of ${counted(count, 'row')} could not be read`);
    const document = { model: file, rows: count, errors, predictions: all };
    return { document, text: () => '', status: errors > 0 ? 1 : 0 };
  },
});

/** Counts errors. CSV has no place for them, so they go to standard error. */
function reportErrors(predictions: readonly Prediction[], aloud: boolean, terminal: Terminal): number {
  let errors = 0;
  for (const prediction of predictions) {
    if (!('error' in prediction)) continue;
    errors++;
    if (aloud && 'line' in prediction) terminal.error(`line ${prediction.line}: ${prediction.error.message}`);
  }
  return errors;
}

function toNdjson(predictions: readonly Prediction[]): string {
  return predictions.map((prediction) => `${printableJson(prediction)}\n`).join('');
}

/** Writes, and waits until the reader has taken the text. */
async function write(text: string, { streams: { stdout } }: Terminal): Promise<void> {
  if (!stdout.write(text)) await once(stdout, 'drain');
}
