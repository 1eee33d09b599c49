import { boolean, checkedBy, number, oneOf, path } from '../../base/options/kinds.js';
import { delimiterKind } from '../../formats/csv/delimiter.js';
import {
  CSV_OPTIONS,
  type CsvApplyOptions,
  type CsvFormatOptions,
  type CsvOptions,
} from '../../formats/csv/options.js';
import { FORMAT_NAMES } from '../../formats/names.js';
import { flagsOf, type Settings, type Values } from './setting.js';

/** Which data to read. */
export const dataSettings = {
  data: {
    flag: '--data',
    kind: path(),
    placeholder: '<name|file>',
    isDataset: true,
    description:
      'a file (CSV, JSON lines, Parquet, .npy, .npz), a folder with one folder of PNG images per class, - for standard ' +
      'input, or the name of a data set, such as mnist',
  },
  format: {
    flag: '--format',
    kind: oneOf(FORMAT_NAMES, '<format>'),
    description: `the format of the file: ${FORMAT_NAMES.join(', ')}; by default recognised by its contents`,
  },
  images: {
    flag: '--images',
    kind: path(),
    description: 'a file of inputs (IDX or .npy, plain or .gz), with --labels',
  },
  labels: { flag: '--labels', kind: path(), description: 'the file of their labels (IDX or .npy)' },
} as const satisfies Settings;

/** Which data to test on. */
export const testDataSettings = {
  test: { flag: '--test', kind: path(), description: 'a file to test on, in the format of --data' },
  testImages: {
    flag: '--test-images',
    kind: path(),
    description: 'a file of inputs to test on, with --test-labels',
  },
  testLabels: { flag: '--test-labels', kind: path(), description: 'the file of their labels' },
  validation: {
    flag: '--validation',
    kind: number({ from: 0, below: 1 }),
    description: 'the share of the data to set aside for measuring after every epoch; 0 for none',
  },
} as const satisfies Settings;

/** How to read data that need not fit into memory. */
export const streamSettings = {
  stream: {
    flag: '--stream',
    kind: boolean,
    description:
      'read the data in parts (CSV, JSON lines, Parquet), once, in their order: they need not fit into memory',
  },
} as const satisfies Settings;

/** The API uses true and false where the command line uses yes and no. */
const yesOrNo = (value: unknown) => (value === true || value === 'yes' ? 'yes' : 'no');

const {
  label,
  weight,
  task,
  categorical,
  ignore,
  column,
  maxCategories,
  hashBits,
  onMissing,
  onUnknown,
  maxBytes,
  decimal,
} = flagsOf(CSV_OPTIONS);

/** Delimiters that the command line names by a word. */
const DELIMITERS: ReadonlyMap<string, string> = new Map([
  ['tab', '\t'],
  ['\\t', '\t'],
  ['space', ' '],
]);

const delimiterWord = checkedBy(
  delimiterKind.expected,
  (name, value) => (DELIMITERS.has(value as string) ? (value as string) : delimiterKind.check(name, value)),
  { placeholder: '<mark>', words: ['tab', 'space'] },
);

/** The format of a CSV file. */
export const csvFormatSettings = {
  delimiter: {
    flag: '--delimiter',
    kind: delimiterWord,
    description: `${CSV_OPTIONS.delimiter.text}, or the word tab or space`,
    otherwise: CSV_OPTIONS.delimiter.otherwise,
  },
  decimal,
  header: {
    flag: '--header',
    kind: { ...oneOf(['yes', 'no'], '<yes|no>'), toText: yesOrNo },
    description: CSV_OPTIONS.header.text,
    otherwise: CSV_OPTIONS.header.otherwise,
  },
} as const satisfies Settings;

/** The column of a CSV file that is to be learned. */
export const csvLabelSettings = { label, task } as const satisfies Settings;

/** How the columns of a CSV file become numbers. */
export const csvColumnSettings = {
  weight,
  column,
  categorical,
  ignore,
  maxCategories,
  hashBits,
} as const satisfies Settings;

/** Which rows of a CSV file are used. */
export const csvRowSettings = { onMissing, onUnknown, maxBytes } as const satisfies Settings;

/** Everything about the columns and rows of a CSV file. */
export const csvSettings = {
  ...csvLabelSettings,
  ...csvColumnSettings,
  ...csvRowSettings,
  ...csvFormatSettings,
} as const satisfies Settings;

export type StreamValues = Values<typeof streamSettings>;
export type DataValues = Values<typeof dataSettings>;
export type TestDataValues = Values<typeof testDataSettings>;
export type CsvFormatValues = Values<typeof csvFormatSettings>;
export type CsvLabelValues = Values<typeof csvLabelSettings>;
export type CsvRowValues = Values<typeof csvRowSettings>;
export type CsvValues = Values<typeof csvSettings>;

/** The API's options for the format of a CSV file. */
export function csvFormatOptions({ delimiter, decimal, header }: CsvFormatValues): CsvFormatOptions {
  return {
    delimiter: DELIMITERS.get(delimiter ?? '') ?? delimiter,
    decimal,
    header: header === undefined ? undefined : header === 'yes',
  };
}

/** The API's options for a CSV file of training data. */
export function csvOptions(values: CsvValues): CsvOptions {
  const { label, weight, task, column, categorical, ignore, maxCategories, hashBits } = values;
  const { onMissing, onUnknown, maxBytes } = values;
  const columns = { label, weight, task, column, categorical, ignore, maxCategories, hashBits };
  return { ...csvFormatOptions(values), ...columns, onMissing, onUnknown, maxBytes };
}

/** The API's options for a CSV file that is read for a model. */
export function csvApplyOptions(values: CsvFormatValues & CsvRowValues): CsvApplyOptions {
  const { onMissing, onUnknown, maxBytes } = values;
  return { ...csvFormatOptions(values), onMissing, onUnknown, maxBytes };
}
