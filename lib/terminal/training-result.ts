import type { ResolvedArithmetic } from '../network/arithmetic.js';
import type { OptimizerKind } from '../network/optimizer.js';
import type { Activation, Output } from '../network/options.js';
import type { Metrics } from '../training/metrics.js';
import type { Network } from '../training/network.js';
import type { EpochRecord, StopReason, TrainingRun } from '../training/records.js';
import type { Tuning } from '../training/tuning/tune.js';

/** A run of training and its result: plain data, as `sparse-train mnist --json` prints it. */
export interface TrainingResult {
  /** The data's name. */
  data: string;
  /** The share of test examples that are classified correctly, 0 to 1; null if unknown. */
  testAccuracy: number | null;
  /** The share of correctly classified validation examples, 0 to 1; null if unknown. */
  validationAccuracy: number | null;
  /** The number of complete passes over the training data. */
  epochs: number;
  /** The number of examples trained on, including those of an interrupted pass. */
  examples: number;
  /** Seconds of training alone. */
  trainSeconds: number;
  /** Seconds of training and of the measurements after epochs. */
  seconds: number;
  /** Examples per second of `trainSeconds`. */
  samplesPerSecond: number;
  stopped: StopReason;
  /** With early stopping: the epoch whose weights were restored. */
  bestEpoch: number | null;
  layers: readonly number[];
  edges: number;
  denseEdges: number;
  density: number;
  patterns: string[];
  activations: readonly Activation[];
  output: Output;
  arithmetic: ResolvedArithmetic;
  schedule: 'pipelined' | 'sequential';
  /** Examples per update. */
  batchSize: number;
  optimizer: OptimizerKind;
  momentum: number;
  weightDecay: number;
  /** The temperature of calibrated probabilities; null without calibration. */
  temperature: number | null;
  /** How the recipe was chosen; null if it was not searched for. */
  tuning: TuningResult | null;
  /** With a dynamic pattern: edges moved, over all epochs and junctions; otherwise null. */
  moved: number | null;
  /** The kernel set that was used: 'avx512', 'scalar' and so on. */
  isa: string;
  threads: number;
  seed: number;
  /** SHA-256 of pattern, weights and biases. */
  digest: string;
  /** Paths of the written files. */
  model: string | null;
  log: string | null;
  /** The checkpoint of an interrupted run, for --resume. */
  checkpoint: string | null;
  /** If this run was resumed: the number of examples that earlier processes trained on. */
  resumedAt: number | null;
  /** The run's id in the log. */
  run: string;
  validation: Metrics | null;
  test: Metrics | null;
  /** Which part was measured after every epoch; null for none. */
  measured: MeasuredPart;
  history: EpochRecord[];
}

/** How a recipe was chosen for a table. */
export interface TuningResult {
  /** Recipes that were tried. */
  trials: number;
  /** How often each was tried, each time without other rows. */
  folds: number;
  /** The loss on held-out rows, of the usual recipe and of the chosen one; null if training diverged. */
  usualLoss: number | null;
  loss: number;
  /** The chosen recipe; `decay` is weight decay times rows, `rate` is null for the usual one. */
  recipe: { hidden: readonly number[]; steps: number; decay: number; rate: number | null; epochs: number };
}

/** The part that is measured after every epoch. */
export type MeasuredPart = 'test' | 'validation' | null;

/** Facts that neither the network nor the run knows. */
export interface TrainingCircumstances {
  readonly data: string;
  readonly tuning: Tuning | undefined;
  readonly validation: Metrics | undefined;
  readonly test: Metrics | undefined;
  readonly measured: MeasuredPart;
  readonly model: string | undefined;
  readonly log: string | undefined;
  readonly checkpoint: string | undefined;
}

/** Gathers a {@link TrainingResult}. */
export function trainingResult(
  network: Network,
  run: TrainingRun,
  { data, tuning, validation, test, measured, model, log, checkpoint }: TrainingCircumstances,
): TrainingResult {
  const inspection = network.inspect();
  const { layers, edges, denseEdges, density, activations, output, arithmetic, schedule } = inspection;
  return {
    data,
    testAccuracy: accuracyOf(test),
    validationAccuracy: accuracyOf(validation),
    epochs: run.epochs.filter(({ complete }) => complete).length,
    examples: run.examples,
    trainSeconds: run.trainSeconds,
    seconds: run.seconds,
    samplesPerSecond: run.samplesPerSecond,
    stopped: run.stopped,
    bestEpoch: run.best?.epoch ?? null,
    layers,
    edges,
    denseEdges,
    density,
    patterns: inspection.junctions.map(({ pattern }) => pattern),
    activations,
    output,
    arithmetic,
    schedule,
    batchSize: run.batchSize,
    optimizer: inspection.optimizer.kind,
    momentum: inspection.momentum,
    weightDecay: inspection.weightDecay,
    temperature: run.temperature ?? null,
    tuning: tuning === undefined ? null : tuningResult(tuning),
    moved: movedEdges(run),
    isa: run.kernelSet,
    threads: run.threads,
    seed: network.seed,
    digest: network.digest(),
    model: model ?? null,
    log: log ?? null,
    checkpoint: checkpoint ?? null,
    resumedAt: run.checkpoint?.resumedAt ?? null,
    run: run.id,
    validation: validation ?? null,
    test: test ?? null,
    measured,
    history: run.epochs,
  };
}

function tuningResult({ tried, folds, loss, recipe }: Tuning): TuningResult {
  const usual = tried[0]?.loss ?? Number.POSITIVE_INFINITY;
  return {
    trials: tried.length,
    folds,
    usualLoss: Number.isFinite(usual) ? usual : null,
    loss,
    recipe: { ...recipe, rate: recipe.rate ?? null },
  };
}

function movedEdges({ epochs }: TrainingRun): number | null {
  const counts = epochs.flatMap(({ moved }) => moved ?? []);
  return counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0);
}

function accuracyOf(metrics: Metrics | undefined): number | null {
  return metrics === undefined || metrics.kind === 'regression' ? null : metrics.accuracy;
}
