import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { CsvSchema } from '../../datasets/csv/schema.js';
import { readCsv, readCsvRows } from '../../datasets/csv.js';
import { Dataset } from '../../datasets/dataset.js';
import { loadIdxPair } from '../../datasets/idx.js';
import { listDatasets, loadDataset } from '../../datasets/registry.js';
import { nearest, SparseTrainError } from '../../errors.js';
import type { InferenceNetwork } from '../../network/inference.js';
import {
  type CsvColumnValues,
  type CsvFormatValues,
  type CsvLabelValues,
  csvFormatOptions,
  csvOptions,
  type DataValues,
  type TestDataValues,
} from '../settings/data.js';

/** Data to train on. */
export interface TrainingData {
  /** What it is called: `mnist`, `iris` for iris.csv. */
  readonly name: string;
  readonly train: Dataset;
  readonly test: Dataset | undefined;
  /** How a CSV file became numbers. */
  readonly schema: CsvSchema | undefined;
  /** Rows of a CSV file that were left out for missing values. */
  readonly skippedRows: number;
}

type CsvValues = CsvFormatValues & CsvLabelValues & CsvColumnValues;

function wrong(message: string): SparseTrainError {
  return new SparseTrainError('INVALID_OPTION', message);
}

/** Whether a word names a data set of the package; a file of the same name is meant by `./name`. */
export function isDatasetName(word: string): boolean {
  return listDatasets().some(({ name }) => name === word);
}

/** Exactly one source of data: a name or CSV file, or a pair of IDX files. */
type Source =
  | { kind: 'named'; name: string }
  | { kind: 'csv'; file: string }
  | { kind: 'idx'; images: string; labels: string };

function sourceOf({ data, images, labels }: DataValues): Source {
  if (data === undefined && images === undefined && labels === undefined) {
    throw wrong('there are no data: give --data (a CSV file or mnist), or --images and --labels (IDX files)');
  }
  if (data !== undefined) {
    if (images !== undefined) throw wrong('--data and --images are two sources of data; give one of them');
    if (labels !== undefined) throw wrong('--labels goes with --images; a column of a CSV file is --label');
    return isDatasetName(data) ? { kind: 'named', name: data } : { kind: 'csv', file: data };
  }
  if (images === undefined) throw wrong('--labels needs --images, the IDX file of the inputs');
  if (labels === undefined) throw wrong('--images needs --labels, the IDX file of their labels');
  return { kind: 'idx', images, labels };
}

/** A file that is not there may be a data set's name misspelt. */
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

/**
 * Reads data to train on and, if there are any, to test on.
 *
 * @throws SparseTrainError INVALID_OPTION for options that do not go together; as readCsv, loadIdxPair, loadDataset
 */
export async function loadTrainingData(
  values: DataValues & TestDataValues & CsvValues,
): Promise<TrainingData> {
  const source = sourceOf(values);
  checkTestOptions(values, source.kind);
  const plain = { schema: undefined, skippedRows: 0 };
  switch (source.kind) {
    case 'named':
      return { ...plain, name: source.name, ...(await loadDataset(source.name)) };
    case 'idx': {
      const train = await loadIdxPair(source.images, source.labels);
      const { testImages, testLabels } = values;
      const classes = train.targets.kind === 'classes' ? train.targets.classes : undefined;
      const test =
        testImages === undefined || testLabels === undefined
          ? undefined
          : await loadIdxPair(testImages, testLabels, { classes });
      return { ...plain, name: nameOf(source.images), train, test };
    }
    case 'csv': {
      await checkIsThere(source.file);
      const { dataset: train, schema, skippedRows } = await readCsv(source.file, csvOptions(values));
      const test =
        values.test === undefined
          ? undefined
          : (await readCsvRows(values.test, schema, { ...csvFormatOptions(values), labels: 'require' }))
              .dataset;
      return { name: nameOf(source.file), train, test, schema, skippedRows };
    }
  }
}

/** `iris` for `data/iris.csv.gz` */
function nameOf(file: string): string {
  return basename(file)
    .replace(/\.gz$/, '')
    .replace(/(?<=.)\.[^.]*$/, '');
}

function checkTestOptions(values: TestDataValues & CsvValues, kind: Source['kind']): void {
  const { test, testImages, testLabels } = values;
  if (test !== undefined && kind !== 'csv') throw wrong('--test goes with a CSV file as --data');
  if ((testImages === undefined) !== (testLabels === undefined)) {
    throw wrong('--test-images and --test-labels go together; one is missing');
  }
  if (testImages !== undefined && kind !== 'idx') throw wrong('--test-images goes with --images');
  if (kind !== 'csv') refuseCsvOptions(values);
}

function refuseCsvOptions(values: CsvValues): void {
  const names = [
    'label',
    'task',
    'delimiter',
    'decimal',
    'header',
    'categorical',
    'ignore',
    'onMissing',
  ] as const;
  const given = names.find((name) => values[name] !== undefined);
  if (given === undefined) return;
  throw wrong(`--${given === 'onMissing' ? 'on-missing' : given} is about CSV files, and the data are none`);
}

/**
 * Reads data to measure a model on: of a named data set its test part, of a CSV file its rows, coded as those were
 * that the model was trained on.
 *
 * @throws SparseTrainError as {@link loadTrainingData}; INVALID_DATA if they do not fit the model
 */
export async function loadTestData(
  values: DataValues & CsvFormatValues & CsvLabelValues,
  network: InferenceNetwork,
): Promise<Dataset> {
  const source = sourceOf(values);
  if (source.kind !== 'csv') refuseCsvOptions(values);
  switch (source.kind) {
    case 'named':
      return (await loadDataset(source.name)).test;
    case 'idx': {
      const { classes, output } = network;
      return loadIdxPair(source.images, source.labels, {
        classes: output === 'softmax' ? classes : undefined,
      });
    }
    case 'csv': {
      await checkIsThere(source.file);
      if (network.schema === undefined)
        return withClassesOf(network, (await readCsv(source.file, csvOptions(values))).dataset);
      for (const name of ['label', 'task'] as const) {
        if (values[name] !== undefined)
          throw wrong(`--${name} is known from the training of this model; leave it out`);
      }
      const options = { ...csvFormatOptions(values), labels: 'require' } as const;
      return (await readCsvRows(source.file, network.schema, options)).dataset as Dataset;
    }
  }
}

/** Data in which a class does not occur still has the model's classes. */
function withClassesOf({ classes }: InferenceNetwork, dataset: Dataset): Dataset {
  const { targets, inputs } = dataset;
  if (targets.kind !== 'classes' || classes === undefined || classes.length < 2) return dataset;
  const labels = Array.from(targets.labels, (label) => targets.classes[label] as string);
  return Dataset.from({ inputs, labels, classes });
}
