import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { nearest, SparseTrainError } from '../../base/errors.js';
import type { Wording } from '../../base/wording.js';
import { listDatasets, loadDataset } from '../../catalog/registry.js';
import { type AnyDataset, Dataset } from '../../data/dataset.js';
import { remarkOnNameless, remarkOnNames } from '../../formats/csv/layout.js';
import { quoted } from '../../formats/csv/problems.js';
import type { CsvSchema } from '../../formats/csv/schema.js';
import type { Table } from '../../formats/format.js';
import { remarksOnLabels } from '../../formats/label-remarks.js';
import type { FormatName } from '../../formats/names.js';
import { loadPair } from '../../formats/pair.js';
import { applyToSource, formatOf, openSource } from '../../formats/read.js';
import { type DataSource, peekedSource, sourceAt } from '../../formats/source.js';
import type { Network } from '../../training/network.js';
import {
  type CsvFormatValues,
  type CsvLabelValues,
  type CsvRowValues,
  type CsvValues,
  csvApplyOptions,
  csvOptions,
  csvSettings,
  type DataValues,
  type StreamValues,
  type TestDataValues,
} from '../settings/data.js';
import { dataOf, type TrainingData } from './training-data.js';

/** The name of data from standard input, given as `-`. */
export type StandardInput = AsyncIterable<Uint8Array>;

function wrong(message: string): SparseTrainError {
  return new SparseTrainError('INVALID_OPTION', message);
}

/** Whether a word names a data set of the package. For a file of the same name, users write `./name`. */
export function isDatasetName(word: string): boolean {
  return listDatasets().some(({ name }) => name === word);
}

/** The source of the data, exactly one of: a name; a file, folder or standard input; a pair of files. */
type Source =
  | { kind: 'named'; name: string }
  | { kind: 'table'; word: string }
  | { kind: 'pair'; images: string; labels: string };

function sourceOf({ data, images, labels, format }: DataValues): Source {
  if (data === undefined && images === undefined && labels === undefined) {
    throw wrong(
      'no data were given: use --data (a file or mnist), or --images and --labels (IDX or .npy files)',
    );
  }
  if (data !== undefined) {
    if (images !== undefined) throw wrong('--data and --images are two sources of data; give one of them');
    if (labels !== undefined)
      throw wrong('--labels belongs to --images; for a column of a table use --label');
    if (!isDatasetName(data)) return { kind: 'table', word: data };
    if (format !== undefined) throw wrong(`--format applies to files, but ${data} is a data set`);
    return { kind: 'named', name: data };
  }
  if (format !== undefined)
    throw wrong('--format belongs to --data; --images and --labels are IDX or .npy files');
  if (images === undefined) throw wrong('--labels needs --images, the file with the inputs');
  if (labels === undefined) throw wrong('--images needs --labels, the file with their labels');
  return { kind: 'pair', images, labels };
}

/** A missing file may be a misspelt name of a data set. */
async function checkIsThere(file: string): Promise<void> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => error.code);
  if (found !== 'ENOENT') return;
  const near = nearest(
    file,
    listDatasets().map(({ name }) => name),
  );
  const hint = near === undefined ? '' : `; did you mean the data set "${near}"?`;
  throw new SparseTrainError('FILE_NOT_FOUND', `--data: there is no file ${file}${hint}`);
}

/** A file or folder, or `-` for standard input, with its format as given or recognised. */
async function openTable(
  word: string,
  given: FormatName | undefined,
  stdin: StandardInput | undefined,
): Promise<{ source: DataSource; format: FormatName }> {
  if (word === '-') {
    if (stdin === undefined) throw wrong('--data -: standard input cannot be read again');
    const source = await peekedSource(stdin, 'standard input');
    return { source, format: (await formatOf(source, given)).name };
  }
  await checkIsThere(word);
  const source = await sourceAt(word);
  return { source, format: (await formatOf(source, given)).name };
}

/**
 * Reads training data and, if there are any, test data.
 *
 * @param stdin - standard input, for `--data -`
 * @throws SparseTrainError INVALID_OPTION for options that do not go together; as readTable, streamTable, loadPair,
 * loadDataset
 */
export async function loadTrainingData(
  values: DataValues & TestDataValues & CsvValues & StreamValues,
  stdin?: StandardInput,
): Promise<TrainingData> {
  const source = sourceOf(values);
  checkTestOptions(values, source.kind);
  switch (source.kind) {
    case 'named':
      return dataOf(source.name, await loadDataset(source.name));
    case 'pair': {
      const train = await loadPair(source.images, source.labels, {});
      const { testImages, testLabels } = values;
      const test =
        testImages === undefined || testLabels === undefined
          ? undefined
          : await loadPair(testImages, testLabels, { classes: classesOf(train) });
      const remarks = remarksOnLabels(train, source.labels);
      const table = { train, test, schema: undefined, skipped: 0, remarks };
      return dataOf(nameOf(source.images), table);
    }
    case 'table':
      return loadTable(source.word, values, stdin);
  }
}

async function loadTable(
  word: string,
  values: DataValues & TestDataValues & CsvValues & StreamValues,
  stdin: StandardInput | undefined,
): Promise<TrainingData> {
  const { source, format: found } = await openTable(word, values.format, stdin);
  const format = await formatOf(source, found);
  if (!format.hasColumns) refuseCsvOptions(values, `${format.name} data have none`);
  const options = csvOptions(values);
  const name = word === '-' ? 'stdin' : nameOf(word);
  if (values.stream === true) {
    const stream = await openSource(source, options, found);
    const { sample, schema } = stream;
    const { test, remarks, skipped: testSkipped } = await loadTest(values, sample, schema);
    return {
      name,
      source: stream,
      isStream: true,
      isTable: false,
      train: sample,
      test,
      testSkipped,
      remarks: [...stream.remarks, ...remarks],
      get skipped() {
        return stream.skipped;
      },
    };
  }
  const table = await format.read(source, options);
  const { test = table.test, remarks, skipped } = await loadTest(values, table.train, table.schema);
  return dataOf(name, { ...table, test, remarks: [...table.remarks, ...remarks] }, skipped);
}

/** The data of --test, encoded like the training data. */
async function loadTest(
  values: TestDataValues & CsvFormatValues & CsvRowValues,
  train: AnyDataset,
  schema: CsvSchema | undefined,
): Promise<{ test: AnyDataset | undefined; skipped: number; remarks: readonly Wording[] }> {
  if (values.test === undefined) return { test: undefined, skipped: 0, remarks: [] };
  const coding = { schema, classes: classesOf(train) };
  const options = { ...csvApplyOptions(values), labels: 'require' } as const;
  const source = await sourceAt(values.test);
  const { dataset, skipped, remarks } = await applyToSource(source, coding, options, undefined);
  if (dataset !== undefined) return { test: dataset, skipped, remarks };
  throw new SparseTrainError('INVALID_DATA', `${values.test} has no labels`);
}

function classesOf({ targets }: AnyDataset): readonly string[] | undefined {
  return targets.kind === 'classes' ? targets.classes : undefined;
}

/** Returns `iris` for `data/iris.csv.gz`. */
function nameOf(file: string): string {
  return basename(file)
    .replace(/\.gz$/, '')
    .replace(/(?<=.)\.[^.]*$/, '');
}

function checkTestOptions(
  { test, testImages, testLabels, stream, ...values }: TestDataValues & CsvValues & StreamValues,
  kind: Source['kind'],
): void {
  if (test !== undefined && kind !== 'table') throw wrong('--test needs a file as --data');
  if ((testImages === undefined) !== (testLabels === undefined)) {
    throw wrong('--test-images and --test-labels belong together; one is missing');
  }
  if (testImages !== undefined && kind !== 'pair') throw wrong('--test-images needs --images');
  if (stream === true && kind !== 'table') throw wrong('--stream needs a file as --data');
  if (kind !== 'table') refuseCsvOptions(values, 'the data have none');
}

function refuseCsvOptions(values: CsvValues, why: string): void {
  for (const [name, { flag }] of Object.entries(csvSettings))
    if (values[name as keyof CsvValues] !== undefined) throw wrong(`${flag} is about columns, and ${why}`);
}

/** Data to measure a model on. */
export interface TestData {
  readonly dataset: AnyDataset;
  /** Rows left out because of missing or unknown values. */
  readonly skipped: number;
  /** What was decided about the columns that may not be what was meant, a sentence each. */
  readonly remarks: readonly Wording[];
}

/**
 * Reads data to measure a model on. Of a named data set it takes the test part; rows of a table are encoded
 * like the model's training data.
 *
 * @throws SparseTrainError as {@link loadTrainingData}; INVALID_DATA if they do not fit the model
 */
export async function loadTestData(
  values: DataValues & CsvFormatValues & CsvLabelValues & CsvRowValues,
  network: Network,
  stdin?: StandardInput,
): Promise<TestData> {
  const source = sourceOf(values);
  if (source.kind !== 'table') refuseCsvOptions(values, 'the data have none');
  const classes = network.output === 'softmax' ? network.classes : undefined;
  switch (source.kind) {
    case 'named':
      return { dataset: (await loadDataset(source.name)).test, skipped: 0, remarks: [] };
    case 'pair':
      return {
        dataset: await loadPair(source.images, source.labels, { classes }),
        skipped: 0,
        remarks: remarkOnNameless(source.images, network.schema),
      };
    case 'table': {
      const { source: table, format: found } = await openTable(source.word, values.format, stdin);
      const format = await formatOf(table, found);
      if (!format.hasColumns) refuseCsvOptions(values, `${format.name} data have none`);
      if (network.schema === undefined && format.hasColumns) {
        return testTable(network, await format.read(table, csvOptions(values)), table.name);
      }
      for (const name of ['label', 'task'] as const) {
        if (values[name] !== undefined)
          throw wrong(`--${name} is known from the training of this model; leave it out`);
      }
      const options = { ...csvApplyOptions(values), labels: 'require' } as const;
      const coding = { schema: network.schema, classes };
      const { dataset, skipped, remarks } = await format.apply(table, coding, options);
      if (dataset !== undefined) return { dataset, skipped, remarks };
      throw new SparseTrainError('INVALID_DATA', `${table.name} has no labels`);
    }
  }
}

/**
 * A table for a model that was not trained on one: its columns of numbers are the inputs.
 *
 * @throws SparseTrainError INVALID_DATA for columns of text, whose numbers such a model does not know
 */
function testTable(network: Network, { train, schema, skipped, remarks }: Table, name: string): TestData {
  const text = schema?.columns.find(({ kind }) => kind === 'category');
  if (text !== undefined) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `${name}: column ${quoted(text.name)} holds text, but the model was not trained on a table and knows only numbers`,
    );
  }
  return {
    dataset: withClassesOf(network, train),
    skipped,
    remarks: schema?.header ? [...remarks, remarkOnNames(name)] : remarks,
  };
}

/** Even if a class does not occur in the data, the data have all classes of the model. */
function withClassesOf({ classes }: Network, dataset: AnyDataset): AnyDataset {
  const { targets, inputs } = dataset;
  if (targets.kind !== 'classes' || classes === undefined || classes.length < 2) return dataset;
  const labels = Array.from(targets.labels, (label) => targets.classes[label] as string);
  return Dataset.from({ inputs, labels, classes });
}
