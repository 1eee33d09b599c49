/**
 * Types of single options and results, for programs that name them; the main entry has those of whole calls.
 *
 * @module sparse-train/types
 */

export type { ErrorData, Problem } from '../base/errors.js';
export type { Literal, Mention, Phrase, Spelling, Wording, WordingPart } from '../base/wording.js';
export type { ClippedFeature, ClippedInputs } from '../data/clipping.js';
export type { ColumnKind } from '../data/column-kinds.js';
export type { SparseRow } from '../data/csr.js';
export type { AnyDataset } from '../data/dataset.js';
export type { BiasArray, WeightArray } from '../engine/arrays.js';
export type { KernelSet } from '../engine/kernel-sets.js';
export type {
  FloatArithmetic,
  HardwareArithmetic,
  ResolvedArithmetic,
  WideArithmetic,
} from '../network/arithmetic.js';
export type { InputUnit } from '../network/inputs.js';
export type {
  Degrees,
  InterleaverFacts,
  JunctionInspection,
  NetworkFormats,
  NumberFormat,
  ValueSummary,
} from '../network/inspection.js';
export type { InterleaverName, InterleaverPattern, Vectors } from '../network/interleaver.js';
export type { Junction } from '../network/junction.js';
export type { LocalPatternOptions } from '../network/local-pattern.js';
export type { OptimizerKind, ResolvedOptimizer } from '../network/optimizer.js';
export type { Activation, Output } from '../network/options.js';
export type { EdgeList, EdgesByNeuron, PatternKind, SizedPattern } from '../network/patterns.js';
export type { Threads } from '../network/threads.js';
export type { ClassScores, ProgressiveClassMetrics } from '../online/class-metrics.js';
export type { Drift, Learned, TargetKind, TargetValue } from '../online/head.js';
export type {
  ClassPrediction,
  LearnedOf,
  LearnerInspection,
  MetricsOf,
  NumberPrediction,
  PredictionOf,
  Row,
  Ticketing,
  TruthOf,
} from '../online/learner.js';
export type { NumberScores, ProgressiveNumberMetrics } from '../online/number-metrics.js';
export type { AugmentationOptions } from '../training/augmentation.js';
export type { CheckpointOutcome } from '../training/checkpoint/checkpointer.js';
export type { ClassWeights } from '../training/class-weights.js';
export type { DynamicPatternOptions } from '../training/dynamic-pattern.js';
export type { EarlyStoppingOptions } from '../training/early-stopping.js';
export type {
  ConstantRate,
  CosineRate,
  ExponentialRate,
  LearningRate,
  LearningRateSchedule,
  PowersOfTwoRate,
  StepRate,
} from '../training/learning-rate.js';
export type {
  ClassificationMetrics,
  ClassMetrics,
  ColumnAccuracy,
  MultilabelMetrics,
  OutputMetrics,
  PrecisionRecall,
  RegressionMetrics,
} from '../training/metrics.js';
export type { BestEpoch, CheckpointSummary, Saturation, StopReason } from '../training/records.js';
export type { TwoClassMetrics } from '../training/two-classes.js';
