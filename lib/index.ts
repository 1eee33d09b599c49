/**
 * Trains sparse multilayer perceptrons online, in integers, on a CPU. {@link Network} trains on a data set or a stream and
 * predicts; {@link Learner} learns from rows with named fields as they come. {@link readTable} and {@link loadDataset} give
 * data to train on. Every foreseeable failure is a {@link SparseTrainError}.
 *
 * @module sparse-train
 */

export { type ErrorCode, SparseTrainError } from './base/errors.js';
export { type LoadDatasetOptions, listDatasets, loadDataset, type NamedTable } from './catalog/registry.js';
export { CsrMatrix, type InputMatrix } from './data/csr.js';
export { Dataset, type DatasetSource } from './data/dataset.js';
export { type InputArray, Matrix } from './data/matrix.js';
export { csvRowEncoder } from './formats/csv/row.js';
export type { CsvSchema } from './formats/csv/schema.js';
export type { Table, TableStream } from './formats/format.js';
export { type ReadTableOptions, readTable, streamTable } from './formats/read.js';
export type { Arithmetic } from './network/arithmetic.js';
export type { InputBatch } from './network/batch.js';
export type { TrainingSummary } from './network/core.js';
export type { InputRow } from './network/inputs.js';
export type { NetworkInspection } from './network/inspection.js';
export { localPattern } from './network/local-pattern.js';
export type { SaveOptions } from './network/model-file/model.js';
export type { PredictBatchOptions } from './network/network-base.js';
export type { OptimizerOptions } from './network/optimizer.js';
export type { NetworkOptions } from './network/options.js';
export type { PatternOption } from './network/patterns.js';
export type { Predictions } from './network/predictions.js';
export { Learner } from './online/learner.js';
export type { LearnerOptions } from './online/options.js';
export type { CheckpointFacts } from './training/checkpoint/checkpoint.js';
export { readCheckpoint } from './training/checkpoint/file.js';
export type { CheckpointOptions } from './training/checkpoint/options.js';
export type { EvaluateOptions } from './training/evaluation.js';
export type { StreamExample } from './training/example-chunk.js';
export type { FitOptions } from './training/fit-options.js';
export type { ExampleStream } from './training/fit-stream.js';
export type { Metrics } from './training/metrics.js';
export { Network } from './training/network.js';
export type { EpochRecord, TrainingProgress, TrainingRun } from './training/records.js';
