/**
 * Data beyond what most programs need from the main entry: rows for a trained network ({@link readRows}), the numbers of
 * an IDX file ({@link readIdx}), downloads ({@link downloadDataset}), padding ({@link padDataset}), and the types of
 * columns and targets. The main entry's `readTable` reads data to train on.
 *
 * @module sparse-train/data
 */

export type { Downloaded } from '../catalog/download/get.js';
export type { DownloadOptions, DownloadProgress } from '../catalog/download/options.js';
export type { DatasetInfo, DatasetOrigin, TrainTest } from '../catalog/entry.js';
export { type MorseOptions, makeMorse } from '../catalog/morse.js';
export { type DatasetStatus, datasetStatuses, downloadDataset } from '../catalog/registry.js';
export type { Place } from '../catalog/store/places.js';
export type { CsrSource, CsrStarts } from '../data/csr.js';
export type { ImageShape } from '../data/dataset.js';
export type { DatePart, DateUnit } from '../data/dates.js';
export { padDataset } from '../data/padding.js';
export type { InputScaling, InputScalingKind, TargetScaling } from '../data/scaling.js';
export type { ClassTargets, MultilabelTargets, Targets, ValueTargets } from '../data/targets.js';
export type { CsvDelimiter } from '../formats/csv/delimiter.js';
export type {
  CsvApplyOptions,
  CsvColumnReference,
  CsvFormatOptions,
  CsvOptions,
} from '../formats/csv/options.js';
export type { CsvRows } from '../formats/csv/read.js';
export type { CsvRow, CsvValue, RowRules, TableRow } from '../formats/csv/row.js';
export {
  type CsvCategories,
  type CsvColumn,
  csvFeatureNames,
  type NumberCoding,
} from '../formats/csv/schema.js';
export type { DataExample } from '../formats/format.js';
export { type IdxArray, type IdxData, readIdx } from '../formats/idx.js';
export type { FormatName } from '../formats/names.js';
export { type ReadRowsOptions, readRows } from '../formats/read.js';
