/**
 * Trains sparse multilayer perceptrons online, in integers, on a CPU.
 *
 * @packageDocumentation
 */

export { type ErrorCode, type ErrorData, SparseTrainError } from './base/errors.js';
export type { Downloaded, DownloadOptions, DownloadProgress } from './catalog/download/get.js';
export type { DatasetInfo, DatasetOrigin, TrainTest } from './catalog/entry.js';
export { type MorseOptions, makeMorse } from './catalog/morse.js';
export {
  type DatasetStatus,
  datasetStatuses,
  downloadDataset,
  type LoadDatasetOptions,
  listDatasets,
  loadDataset,
  type NamedTable,
} from './catalog/registry.js';
export type { Place } from './catalog/store/places.js';
export { CsrMatrix, type CsrSource, type CsrStarts, type InputMatrix, type SparseRow } from './data/csr.js';
export { type AnyDataset, Dataset, type DatasetSource, type ImageShape } from './data/dataset.js';
export { type InputArray, Matrix } from './data/matrix.js';
export { padDataset } from './data/padding.js';
export type { InputScaling, InputScalingKind, TargetScaling } from './data/scaling.js';
export type { ClassTargets, MultilabelTargets, Targets, ValueTargets } from './data/targets.js';
export type { BiasArray, WeightArray } from './engine/arrays.js';
export type { KernelSet } from './engine/kernel-sets.js';
export type { PatternViolation } from './engine/patterns.js';
export type { CExport, CInput, COptions } from './export/c/export.js';
export { exportC, exportNpz, exportOnnx, exportSafetensors, exportTensorBoard } from './export/index.js';
export type { ExportInput } from './export/inputs.js';
export type { NpzExport, NpzOptions } from './export/npz.js';
export type { OnnxExport, OnnxForm, OnnxOptions } from './export/onnx/export.js';
export type { SafetensorsExport } from './export/safetensors.js';
export type { TensorBoardExport } from './export/tensorboard/export.js';
export type { CsvDelimiter } from './formats/csv/delimiter.js';
export type {
  CsvApplyOptions,
  CsvColumnReference,
  CsvFormatOptions,
  CsvOptions,
} from './formats/csv/options.js';
export {
  applySchema,
  type CsvRows,
  type CsvTable,
  parseCsv,
  readCsv,
  readCsvRows,
} from './formats/csv/read.js';
export { type CsvRow, type CsvValue, csvRowEncoder } from './formats/csv/row.js';
export { type CsvCategories, type CsvColumn, type CsvSchema, csvFeatureNames } from './formats/csv/schema.js';
export type { DataExample, Table, TableStream } from './formats/format.js';
export { type IdxArray, type IdxData, type IdxPairOptions, loadIdxPair, readIdx } from './formats/idx.js';
export type { FormatName } from './formats/names.js';
export { type ReadTableOptions, readTable, streamTable } from './formats/read.js';
export { checkPattern, type PatternToCheck, type PatternVerdict } from './hardware/check-pattern.js';
export {
  type ConnectivityMeasures,
  type Dispersion,
  type JunctionMeasures,
  measureConnectivity,
  patternCount,
  type Scatter,
} from './hardware/connectivity.js';
export type { HardwareDesign, HardwareParameters, JunctionWiring } from './hardware/design.js';
export { DEVICES, type Device } from './hardware/devices.js';
export { type Fixture, parseFixture, readFixture } from './hardware/fixture.js';
export { planHardware } from './hardware/plan/plan-hardware.js';
export type {
  Budget,
  HardwarePlan,
  JunctionPlan,
  MemoryBank,
  PlanOutcome,
  PlanRequest,
  Resource,
} from './hardware/plan/types.js';
export { type FixtureCheck, type FixtureDifference, verifyFixture } from './hardware/verify.js';
export type { PatternFamily, Wiring } from './hardware/wiring.js';
export type { ImportedJunction, ImportedNetwork, ImportOptions } from './import/import.js';
export { importNetwork } from './import/index.js';
export type { Orientation } from './import/orientation.js';
export type {
  Arithmetic,
  FloatArithmetic,
  HardwareArithmetic,
  ResolvedArithmetic,
  WideArithmetic,
} from './network/arithmetic.js';
export type { InputBatch } from './network/batch.js';
export type { TrainingSummary } from './network/core.js';
export type { InputRow, InputUnit } from './network/inputs.js';
export type {
  Degrees,
  InterleaverFacts,
  JunctionInspection,
  NetworkFormats,
  NetworkInspection,
  NumberFormat,
  ValueSummary,
} from './network/inspection.js';
export type { InterleaverName, InterleaverPattern, Vectors } from './network/interleaver.js';
export { type LocalPatternOptions, localPattern } from './network/local-pattern.js';
export type { SaveOptions } from './network/model-file/model.js';
export type { PredictBatchOptions } from './network/network-base.js';
export type { OptimizerKind, OptimizerOptions, ResolvedOptimizer } from './network/optimizer.js';
export type { Activation, NetworkOptions, Output } from './network/options.js';
export type {
  EdgeList,
  EdgesByNeuron,
  PatternKind,
  PatternOption,
  SizedPattern,
} from './network/patterns.js';
export type { Predictions } from './network/predictions.js';
export type { Threads } from './network/threads.js';
export type {
  AshaOption,
  Direction,
  HyperbandOption,
  MedianOption,
  NsgaOption,
  Objective,
  PrunerName,
  PrunerOption,
  SamplerName,
  SamplerOption,
  StudyData,
  StudyDefinition,
  StudyHardware,
  TpeOption,
} from './search/definition/definition.js';
export { createStudy, runStudy } from './search/index.js';
export type { StudyOptions } from './search/open.js';
export type { TrialRecord, TrialResult, TrialState } from './search/records.js';
export type { RunStudyOptions, StudyEvent } from './search/run.js';
export type {
  CategoricalParameter,
  Condition,
  FloatParameter,
  IntParameter,
  Parameter,
  Parameters,
  ParameterValue,
} from './search/space/parameter.js';
export type { Study, Trial, TrialOutcome } from './search/study.js';
export type { Template } from './search/template.js';
export type { TrialMeasure } from './search/trial/measures.js';
export type { AugmentationOptions } from './training/augmentation.js';
export type { CheckpointFacts } from './training/checkpoint/checkpoint.js';
export type { CheckpointOutcome } from './training/checkpoint/checkpointer.js';
export { readCheckpoint } from './training/checkpoint/file.js';
export type { CheckpointOptions } from './training/checkpoint/options.js';
export type { ClassWeights } from './training/class-weights.js';
export type { DynamicPatternOptions } from './training/dynamic-pattern.js';
export type { EarlyStoppingOptions } from './training/early-stopping.js';
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
  BestEpoch,
  CheckpointSummary,
  EpochRecord,
  Saturation,
  StopReason,
  TrainingProgress,
  TrainingRun,
} from './training/records.js';
