import { SparseTrainError } from '../base/errors.js';
import { inSlices } from '../base/steps.js';
import { CsrMatrix } from '../data/csr.js';
import type { AnyDataset } from '../data/dataset.js';
import type { EngineInputs, TrainJob } from '../engine/calls.js';
import { permutation } from '../engine/patterns.js';
import type { FitSummary, NetworkCore } from '../network/core.js';
import type { Checkpoint } from './checkpoint/checkpoint.js';
import { prepareCheckpoint } from './checkpoint/resume.js';
import { resolveClassWeights } from './class-weights.js';
import { type DynamicPatternRule, movingShare } from './dynamic-pattern.js';
import { EarlyStopping } from './early-stopping.js';
import { evaluateExamples } from './evaluation.js';
import { adoptExamples, checkExamples, engineTargets } from './examples.js';
import type { FitPlan } from './fit-options.js';
import { ratesOf } from './learning-rate.js';
import type { Metrics } from './metrics.js';
import type { EpochRecord, StopReason, TrainingRun } from './records.js';
import { TrainingSession } from './session.js';

/** Trains on a data set: one call of the engine per epoch. */
export async function fitDataset(
  core: NetworkCore,
  dataset: AnyDataset,
  plan: FitPlan,
): Promise<TrainingRun> {
  if (plan.augment !== undefined && dataset.inputs instanceof CsrMatrix) {
    const advice = 'give images in full (inputs.toMatrix())';
    throw new SparseTrainError(
      'INVALID_OPTION',
      `augment is given, but the inputs are sparse rows; ${advice}`,
    );
  }
  const [train, validation] =
    typeof plan.validation === 'number'
      ? await inSlices(dataset.splitSteps(plan.validation, plan.seed))
      : ([dataset, plan.validation] as const);
  checkExamples(core, train);
  if (validation !== undefined) checkExamples(core, validation);
  const classWeights = resolveClassWeights(plan.classWeights, core, train);
  const resumed =
    plan.checkpoint === undefined
      ? undefined
      : await core.turns.take(() => prepareCheckpoint(core, plan, { train, validation }));
  adoptExamples(core, train);
  if (validation !== undefined) checkExamples(core, validation);

  const facts = { kind: 'dataset', rows: train.rows, validationRows: validation?.rows } as const;
  const session = new TrainingSession(core, plan, facts, { train, validation }, resumed);
  return session.conduct(() => trainEpochs(session, train, validation, classWeights, resumed));
}

async function trainEpochs(
  session: TrainingSession,
  train: AnyDataset,
  validation: AnyDataset | undefined,
  classWeights: Float64Array | undefined,
  resumed: Checkpoint | undefined,
): Promise<TrainingRun> {
  const { core, plan, interruption } = session;
  const { epochs, learningRate, seed } = plan;
  const watch =
    plan.earlyStopping === undefined
      ? undefined
      : new EarlyStopping(plan.earlyStopping, core, plan.dynamicPattern !== undefined);
  const { inputs, scaling } = core.reader.matrix(train.inputs);
  const targets = engineTargets(core, train.targets);
  const inOrder = plan.shuffle ? undefined : Uint32Array.from({ length: train.rows }, (_, i) => i);
  let metrics: Metrics | undefined;
  let best: { metrics?: Metrics | undefined; training: FitSummary } | undefined;
  if (resumed?.watch !== undefined && watch !== undefined) {
    watch.resume(resumed.watch);
    if (resumed.watch.training !== undefined) best = { training: resumed.watch.training };
  }
  if (watch !== undefined) session.watchState = () => ({ ...watch.state, training: best?.training });
  let enough = false;
  for (let epoch = session.epochs; epoch < epochs && !enough && !interruption.stopped; epoch++) {
    await session.markBoundary();
    const presented = train.rows * epoch;
    const { rates, interval } = ratesOf(learningRate, { epoch, epochs, presented, examples: train.rows });
    const order = inOrder ?? permutation(train.rows, seed, core.training.epochs);
    const job = { inputs, scaling, targets, order, rates, rateInterval: interval, classWeights, drain: true };
    if (plan.dynamicPattern === undefined) await session.train(job);
    else await trainMoving(session, job, plan.dynamicPattern);
    if (interruption.stopped) await session.saveStopped();
    const complete = session.examples - presented === train.rows;
    const record = session.endEpoch(rates[0] as number, complete);
    metrics =
      complete && validation !== undefined
        ? await evaluateExamples(core, validation, plan.threads, interruption)
        : undefined;
    session.noteValidation(record, metrics);
    if (watch !== undefined && complete && (validation === undefined || metrics !== undefined)) {
      enough = watch.note(record.epoch, watched(record, watch.rule.metric));
      if (watch.best?.epoch === record.epoch) best = { metrics, training: core.training };
    }
    await session.announce(record);
  }
  if (interruption.stopped) await session.saveStopped();
  session.rethrow();
  if (watch !== undefined && (await core.turns.take(async () => watch.restore(interruption.stopped)))) {
    // What a checkpoint does not hold can be measured again.
    const measuredBefore = best !== undefined && 'metrics' in best;
    metrics =
      measuredBefore || validation === undefined
        ? best?.metrics
        : await evaluateExamples(core, validation, plan.threads, interruption);
    core.training = { ...core.training, loss: best?.training.loss, validation: best?.training.validation };
  }
  const early = enough && session.epochs < epochs;
  const stopped: StopReason = early ? 'early' : interruption.stopped ? 'aborted' : 'finished';
  return session.finish(stopped, metrics, watch?.best);
}

/** Trains an epoch in stretches; between them edges move. */
async function trainMoving(
  session: TrainingSession,
  job: Omit<TrainJob<EngineInputs>, 'threads' | 'batchSize' | 'augment'>,
  rule: DynamicPatternRule,
): Promise<void> {
  const rows = job.order.length;
  const { every = rows, method, samples } = rule;
  const of = session.plan.epochs * rows;
  for (let from = 0; from < rows && !session.interruption.stopped; ) {
    const before = session.examples;
    const to = Math.min(rows, from + every - (before % every));
    const isMove = (before + to - from) % every === 0;
    const share = isMove ? movingShare(rule, before + to - from, of) : 0;
    await session.train({
      ...job,
      order: job.order.subarray(from, to),
      // Example i of the epoch keeps its rate, wherever the stretch begins.
      rates: Float64Array.from({ length: to - from }, (_, i) => {
        const step = Math.floor((from + i) / job.rateInterval);
        return job.rates[Math.min(step, job.rates.length - 1)] as number;
      }),
      rateInterval: 1,
      record: share > 0 && method === 'rigl' ? samples : undefined,
    });
    if (share > 0) await session.rewire({ share, byGradient: method === 'rigl' });
    from = to;
  }
}

/** The value that early stopping looks at: the validation's if there is one. */
function watched(record: EpochRecord, metric: 'loss' | 'accuracy'): number {
  const value = record.validation === undefined ? record[metric] : record.validation[metric];
  return value ?? Number.NaN;
}
