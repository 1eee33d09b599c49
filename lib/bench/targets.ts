import { seconds as duration, percent, perSecond, significant } from '../base/numbers.js';
import { batchTargets } from './batch-targets.js';
import type { AccuracyRow, BenchResult, Contender, Limits, OnlineRow } from './result.js';
import type { BaselineDocument, BaselineRow, Named } from './result-files.js';
import type { Summary } from './statistics.js';
import { quantity } from './statistics.js';
import type { Target } from './target.js';

/** The forms of a GPU's work that are told apart, weakest first, with the modes of the result files. */
export const GPU_FORMS: readonly { readonly form: string; readonly modes: readonly string[] }[] = [
  { form: 'PyTorch eager', modes: ['eager'] },
  { form: 'PyTorch, gradients by hand', modes: ['eager-manual'] },
  { form: 'torch.compile', modes: ['compile'] },
  { form: 'CUDA graph', modes: ['cuda-graph', 'compile-graph'] },
  { form: 'hand-written kernels', modes: ['triton-graph', 'persistent-kernel'] },
];

/** A row of a result file, and on which GPU it was taken. */
export interface GpuRow extends BaselineRow {
  readonly gpu: string;
}

/** Rows of all GPUs. */
export function gpuRows(baselines: readonly Named<BaselineDocument>[]): GpuRow[] {
  return baselines.flatMap(({ document }) => {
    const { gpu } = document.machine;
    return gpu === undefined ? [] : document.rows.map((row) => ({ ...row, gpu }));
  });
}

/** All targets of the plan, in its order. */
export function targetsOf(result: BenchResult, baselines: readonly Named<BaselineDocument>[]): Target[] {
  const gpu = gpuRows(baselines);
  return [
    ...againstPyTorch(result),
    ...againstGpu(result, gpu),
    ...accuracyAgainstPyTorch(result),
    ...accuracyAgainstGpu(result, gpu),
    peakShare(result),
    avx2AgainstAvx512(result),
    ...threads(result),
    prediction(result),
    learnCall(result),
    memory(result),
    ...batchTargets(result),
  ];
}

/** Met, or missed by how much. */
export function outcomeOf({ score }: Target): string {
  if (score === undefined) return 'not measured';
  if (score >= 1) return score >= 1.005 ? `met, ${significant(score, 3)}x the goal` : 'met';
  return `missed by ${percent(1 - score, score > 0.9 ? 1 : 0)}`;
}

function againstPyTorch({ online }: BenchResult): Target[] {
  const what = 'online training, the default of `mnist`, against PyTorch on the CPU at batch 1';
  const goal = 100;
  const rivals = (online?.versus?.others ?? []).filter(
    ({ name, batch, threads }) => name === 'pytorch-cpu' && batch === 1 && threads === 1,
  );
  const strongest = rivals.toSorted((a, b) => a.ratio.median - b.ratio.median)[0];
  const eager = rivals.find(({ mode }) => mode === 'eager');
  const one = (title: string, rival: typeof strongest): Target => ({
    what: `${what}, ${title}`,
    goal: `${goal}x`,
    measured: rival && `${times(rival.ratio)} (${perSecond(rival.samplesPerSecond.median)})`,
    score: rival && rival.ratio.median / goal,
  });
  return [
    one('eager (as most write it)', eager),
    one(`its strongest form${strongest?.mode === undefined ? '' : ` (${strongest.mode})`}`, strongest),
  ];
}

function againstGpu({ online }: BenchResult, rows: readonly GpuRow[]): Target[] {
  const goal = 35;
  const ours = online?.versus?.ours;
  return GPU_FORMS.map(({ form, modes }): Target => {
    const best = fastestRow(rows, modes, 'samples-per-second', 1, ours?.layers);
    const ratio = ours && best ? ours.samplesPerSecond.median / (best.samplesPerSecond as number) : undefined;
    return {
      what: `online training against a datacentre GPU at batch 1: ${form}`,
      goal: `${goal}x`,
      measured:
        ratio === undefined
          ? undefined
          : `${significant(ratio)}x (${gpuName(best)}: ${perSecond(best?.samplesPerSecond ?? 0)})`,
      score: ratio && ratio / goal,
      ...(best === undefined ? { remark: 'nobody has measured this yet' } : {}),
    };
  });
}

/** The row with the most samples per second, or the fewest seconds. */
export function fastestRow(
  rows: readonly GpuRow[],
  modes: readonly string[],
  measure: BaselineRow['measure'],
  batch?: number,
  layers?: readonly number[],
): GpuRow | undefined {
  const speed = ({ samplesPerSecond, seconds }: GpuRow) =>
    samplesPerSecond ?? 1 / (seconds ?? Number.POSITIVE_INFINITY);
  return rows
    .filter(
      (row) =>
        row.measure === measure &&
        modes.includes(row.mode ?? '') &&
        (batch === undefined || row.batch === batch) &&
        (layers === undefined || row.layers.join() === layers.join()),
    )
    .toSorted((a, b) => speed(b) - speed(a))[0];
}

function accuracyAgainstPyTorch({ timeToAccuracy }: BenchResult): Target[] {
  const ours = bestOf((timeToAccuracy?.ours ?? []).filter(({ threads }) => threads === 1));
  const theirs = bestOf((timeToAccuracy?.others ?? []).filter(({ name }) => name === 'pytorch-cpu'));
  const shown = (row: AccuracyRow) => {
    const { name, mode, layers, batch, threads: count } = row;
    const what =
      name === 'sparse-train' ? `recipe ${mode}` : `batch ${batch}, ${count} thread${count === 1 ? '' : 's'}`;
    return `${duration(row.seconds?.median ?? 0)} by ${layers.join('-')}, ${what}`;
  };
  const goal = 4;
  const ratio =
    ours && theirs ? (theirs.seconds as Summary).median / (ours.seconds as Summary).median : undefined;
  const stretch = 0.1;
  return [
    {
      what: 'time to 97 % on MNIST, training alone, against PyTorch on the CPU at its best settings (any threads)',
      goal: `${goal}x faster`,
      measured:
        ratio && ours && theirs
          ? `${significant(ratio)}x (${shown(ours)} against ${shown(theirs)})`
          : undefined,
      score: ratio && ratio / goal,
    },
    {
      what: 'the stretch: time to 97 % on one core',
      goal: duration(stretch),
      measured: ours && shown(ours),
      score: ours && stretch / (ours.seconds as Summary).median,
    },
  ];
}

/** The row that reached the target with most seeds soonest. */
export function bestOf<T extends AccuracyRow>(rows: readonly T[]): T | undefined {
  return rows
    .filter(({ seconds, reached, seeds }) => seconds !== undefined && reached > seeds / 2)
    .toSorted((a, b) => (a.seconds as Summary).median - (b.seconds as Summary).median)[0];
}

function accuracyAgainstGpu({ timeToAccuracy }: BenchResult, rows: readonly GpuRow[]): Target[] {
  const ours = bestOf((timeToAccuracy?.ours ?? []).filter(({ threads }) => threads === 1));
  return GPU_FORMS.map(({ form, modes }): Target => {
    const best = fastestRow(rows, modes, 'time-to-accuracy');
    const ratio = ours && best ? (best.seconds as number) / (ours.seconds as Summary).median : undefined;
    return {
      what: `time to 97 % against a datacentre GPU at its best batch size: ${form}`,
      goal: 'faster',
      measured:
        ratio && best && ours
          ? `${significant(ratio)}x (${duration((ours.seconds as Summary).median)} against ${duration(best.seconds as number)}, ${gpuName(best)}, batch ${best.batch})`
          : undefined,
      score: ratio,
      ...(best === undefined ? { remark: 'nobody has measured this yet' } : {}),
    };
  });
}

function peakShare({ online, limits, machine }: BenchResult): Target {
  const goal = 0.3;
  const limit = limits?.find(({ kernelSet }) => kernelSet === machine.kernelSet);
  const shares = (online?.networks ?? [])
    .filter(
      ({ kernelSet, threads, edges }) =>
        kernelSet === machine.kernelSet && threads === 1 && edges >= 8000 && edges <= 100_000,
    )
    .map((row) => (3 * edgesPerSecond(row)) / (limit?.dotProducts ?? Number.NaN));
  const least = Math.min(...shares);
  const known = shares.length > 0 && limit !== undefined;
  return {
    what: `trained edges/s of networks of 8 k to 100 k edges, 3 multiply-accumulates each, ${machine.kernelSet}`,
    goal: `${percent(goal, 0)} of the int16 dot-product peak`,
    measured: known ? `${percent(least, 0)} to ${percent(Math.max(...shares), 0)}` : undefined,
    score: known ? least / goal : undefined,
    remark: 'judged by the worst; edges of pixels that are zero count, though they are skipped',
  };
}

/** Edges trained per second. */
export function edgesPerSecond({ edges, microseconds }: OnlineRow): number {
  return (1e6 * edges) / microseconds.median;
}

/** Multiply-accumulates per second over the dot-product peak of as many cores, every edge counted or the active ones. */
export function shareOfPeak(
  row: OnlineRow,
  limit: Limits | undefined,
  effective: boolean,
): number | undefined {
  if (limit === undefined) return undefined;
  const products = effective ? row.effectiveProducts : row.products;
  return (1e6 * products) / row.microseconds.median / (limit.dotProducts * row.threads);
}

function avx2AgainstAvx512({ online }: BenchResult): Target {
  const goal = 0.4;
  const shares = pairs(
    online?.networks ?? [],
    (row) => row.kernelSet === 'avx2',
    (row) => row.kernelSet === 'avx512',
    (a, b) => a.threads === 1 && b.threads === 1,
  ).map(({ ratio }) => ratio);
  return {
    what: 'AVX2 kernels against AVX-512 on the same CPU, online training',
    goal: `${percent(goal, 0)} of its speed`,
    measured:
      shares.length === 0
        ? undefined
        : `${percent(Math.min(...shares), 0)} to ${percent(Math.max(...shares), 0)}`,
    score: shares.length === 0 ? undefined : Math.min(...shares) / goal,
  };
}

interface Pair {
  readonly edges: number;
  /** How many times as fast the first is as the second. */
  readonly ratio: number;
}

/** Rows of the same network, one of each kind. */
function pairs(
  rows: readonly OnlineRow[],
  first: (row: OnlineRow) => boolean,
  second: (row: OnlineRow) => boolean,
  fits: (a: OnlineRow, b: OnlineRow) => boolean,
): Pair[] {
  return rows.filter(first).flatMap((a) => {
    const b = rows.find((row) => second(row) && row.layers.join() === a.layers.join() && fits(a, row));
    return b === undefined ? [] : [{ edges: a.edges, ratio: b.microseconds.median / a.microseconds.median }];
  });
}

function threads({ online, machine }: BenchResult): Target[] {
  const all = pairs(
    online?.networks ?? [],
    (row) => row.threads === 2,
    (row) => row.threads === 1,
    (a, b) => a.kernelSet === machine.kernelSet && b.kernelSet === machine.kernelSet,
  );
  const large = all.filter(({ edges }) => edges >= 60_000).map(({ ratio }) => ratio);
  const any = all.map(({ ratio }) => ratio);
  const goal = 1.6;
  return [
    {
      what: '2 threads against 1, networks of 60 k edges and more',
      goal: `${goal}x`,
      measured: large.length === 0 ? undefined : range(large),
      score: large.length === 0 ? undefined : Math.min(...large) / goal,
    },
    {
      what: '2 threads against 1, networks of any size',
      goal: 'never slower (2 % are noise)',
      measured: any.length === 0 ? undefined : range(any),
      score: any.length === 0 ? undefined : Math.min(...any) / 0.98,
    },
  ];
}

function range(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => `${significant(value)}x`);
  return least === most ? `${least}` : `${least} to ${most}`;
}

function prediction({ predict, machine }: BenchResult): Target {
  const goal = 2.5e6;
  const row = predict?.batches.find(
    ({ kernelSet, threads: count }) => kernelSet === machine.kernelSet && count === 1,
  );
  return {
    what: 'predict, the default of `mnist`, one core',
    goal: `${significant(goal / 1e6, 2)} M images/s`,
    measured: row && quantity(row.samplesPerSecond, perSecond),
    score: row && row.samplesPerSecond.median / goal,
    remark: "difflogic's published mark: 1 M images/s a core at 97.5 %",
  };
}

function learnCall({ learn }: BenchResult): Target {
  const goal = 2000;
  const mean = learn?.learn.nanoseconds;
  return {
    what: '`learn(x, label)` from JavaScript, the default of `mnist`',
    goal: `under ${goal / 1000} µs a call`,
    measured: mean && quantity(mean, (ns) => `${significant(ns / 1000)} µs`),
    score: mean && goal / mean.median,
  };
}

function memory({ memory: measured }: BenchResult): Target {
  const goal = 150e6;
  return {
    what: 'peak memory of `sparse-train mnist`, Node and the data included',
    goal: '150 MB',
    measured: measured && `${significant(measured.peakBytes / 1e6)} MB`,
    score: measured && goal / measured.peakBytes,
    ...(measured && { remark: `Node alone: ${significant(measured.nodeBytes / 1e6)} MB` }),
  };
}

function times(ratio: Summary): string {
  return quantity(ratio, (value) => `${significant(value)}x`);
}

function gpuName(row: GpuRow | undefined): string {
  return row?.gpu ?? '';
}

/** What a contender is, in words: 784-512-10, dense, batch 64, 2 threads. */
export function describeContender({
  layers,
  dense,
  batch,
  threads: count,
}: Omit<Contender, 'samplesPerSecond'>): string {
  return `${layers.join('-')}${dense ? ' dense' : ''}, batch ${batch}, ${count} ${count === 1 ? 'thread' : 'threads'}`;
}
