/**
 * Trains sparse multilayer perceptrons online, in integers, on a CPU.
 *
 * @packageDocumentation
 */
export {
  applySchema,
  type ClassTargets,
  type CsvApplyOptions,
  type CsvColumnReference,
  type CsvFormatOptions,
  type CsvOptions,
  type CsvRow,
  type CsvRows,
  type CsvSchema,
  type CsvTable,
  type CsvValue,
  csvFeatureNames,
  csvRowEncoder,
  Dataset,
  type DatasetInfo,
  type DatasetSource,
  type IdxArray,
  type IdxData,
  type IdxPairOptions,
  type ImageShape,
  type InputArray,
  type InputScaling,
  type InputScalingKind,
  type LoadDatasetOptions,
  listDatasets,
  loadDataset,
  loadIdxPair,
  Matrix,
  type MultilabelTargets,
  parseCsv,
  readCsv,
  readCsvRows,
  readIdx,
  type TargetScaling,
  type Targets,
  type TrainTest,
  type ValueTargets,
} from './datasets/index.js';
export { type ErrorCode, SparseTrainError } from './errors.js';
export type { Arithmetic, FloatArithmetic, WideArithmetic } from './network/arithmetic.js';
export type { InputBatch } from './network/batch.js';
export type { TrainingSummary } from './network/core.js';
export { InferenceNetwork, type PredictBatchOptions } from './network/inference.js';
export type { InputRow } from './network/inputs.js';
export type {
  Degrees,
  JunctionInspection,
  NetworkFormats,
  NetworkInspection,
  NumberFormat,
  ValueSummary,
} from './network/inspection.js';
export type { SaveOptions } from './network/model-file/model.js';
export type { Activation, NetworkOptions, OptimizerOptions, Output } from './network/options.js';
export type {
  EdgeList,
  EdgesByNeuron,
  PatternKind,
  PatternOption,
  SizedPattern,
} from './network/patterns.js';
export type { Predictions } from './network/predictions.js';
export type { ClassWeights } from './training/class-weights.js';
export type { BestEpoch, EarlyStoppingOptions } from './training/early-stopping.js';
export type { EvaluateOptions } from './training/evaluation.js';
export type { StreamExample } from './training/example-chunk.js';
export type { FitOptions } from './training/fit-options.js';
export type { ExampleStream } from './training/fit-stream.js';
export type {
  ConstantRate,
  CosineRate,
  ExponentialRate,
  LearningRate,
  LearningRateSchedule,
  PowersOfTwoRate,
  StepRate,
} from './training/learning-rate.js';
export type {
  ClassificationMetrics,
  ClassMetrics,
  Metrics,
  MultilabelMetrics,
  OutputMetrics,
  PrecisionRecall,
  RegressionMetrics,
} from './training/metrics.js';
export { Network } from './training/network.js';
export type {
  EpochRecord,
  Saturation,
  StopReason,
  TrainingProgress,
  TrainingRun,
} from './training/records.js';
