export type { DatasetInfo, DatasetOrigin, TrainTest } from './catalog/entry.js';
export {
  CsrMatrix,
  type CsrSource,
  type CsrStarts,
  type InputMatrix,
  type SparseRow,
} from './csr.js';
export type { CsvApplyOptions, CsvColumnReference, CsvFormatOptions, CsvOptions } from './csv/options.js';
export { type CsvRow, type CsvValue, csvRowEncoder } from './csv/row.js';
export type { CsvDelimiter } from './csv/scanner.js';
export {
  type CsvCategories,
  type CsvColumn,
  type CsvSchema,
  csvFeatureNames,
  parseCsvSchema,
} from './csv/schema.js';
export { applySchema, type CsvRows, type CsvTable, parseCsv, readCsv, readCsvRows } from './csv.js';
export { type AnyDataset, Dataset, type DatasetSource, type ImageShape } from './dataset.js';
export type { Downloaded, DownloadOptions, DownloadProgress } from './download/get.js';
export type { DataExample, DataStream, FormatName, LoadedData } from './formats/format.js';
export { type ReadDataOptions, readData, streamData } from './formats/read.js';
export { type IdxArray, type IdxData, type IdxPairOptions, loadIdxPair, readIdx } from './idx.js';
export { type InputArray, Matrix } from './matrix.js';
export { Random } from './random.js';
export {
  type DatasetStatus,
  datasetStatuses,
  downloadDataset,
  type LoadDatasetOptions,
  listDatasets,
  loadDataset,
} from './registry.js';
export {
  defaultScalingKind,
  describeScaling,
  fitInputScaling,
  fitTargetScaling,
  INPUT_SCALING_KINDS,
  type InputScaling,
  type InputScalingKind,
  parseInputScaling,
  parseTargetScaling,
  type TargetScaling,
} from './scaling.js';
export type { Place } from './store/places.js';
export type { ClassTargets, MultilabelTargets, Targets, ValueTargets } from './targets.js';
