import { percent, perSecond, significant } from '../base/numbers.js';
import type { BatchResult, BenchResult, Comparison } from './result.js';
import type { Target } from './target.js';

/** What mini-batches are to reach. */
export function batchTargets({ batch, machine }: BenchResult): Target[] {
  if (batch === undefined) return [];
  return [
    passes(batch, machine.kernelSet),
    ...beside(batch),
    against(batch),
    speed(batch),
    largeNetwork(batch, machine.kernelSet),
  ];
}

/** The slowest pass of 784-1024 in tiles. */
function passes({ passes: rows, batch }: BatchResult, kernelSet: string): Target {
  const goal = 60e9;
  const row = rows.find((one) => one.kernelSet === kernelSet && one.right === 1024 && one.layout === 'tiles');
  const all = row && [row.forward, row.backward, row.update];
  const slowest = all?.toSorted((a, b) => a.edgeSamplesPerSecond.median - b.edgeSamplesPerSecond.median)[0];
  const reached = slowest?.edgeSamplesPerSecond.median;
  return {
    what: `784-1024, a tenth of the edges, batch ${batch}, int16, one core: the slowest of FF, BP and UP`,
    goal: '60 G edge-samples/s',
    measured:
      slowest && `${significant((reached ?? 0) / 1e9, 3)} G (${percent(slowest.shareOfPeak, 0)} of peak)`,
    score: reached === undefined ? undefined : reached / goal,
  };
}

/** The passes of the junction against the fastest products of others, sparse and dense. */
function beside({ beside, batch }: BatchResult): Target[] {
  return [false, true].map((dense) => {
    const goal = 4;
    const rivals = (beside?.rows ?? []).filter((row) => row.dense === dense && row.name !== 'sparse-train');
    const strongest = rivals.toSorted((a, b) => a.ratio.median - b.ratio.median)[0];
    const kind = dense ? 'dense BLAS' : 'sparse library that is installed';
    return {
      what: `784-1024, a tenth of the edges, batch ${batch}, FF, BP and UP, one core, against the fastest ${kind}`,
      goal: `${goal}x`,
      measured: strongest && `${significant(strongest.ratio.median, 3)}x (${strongest.name})`,
      score: strongest && strongest.ratio.median / goal,
    };
  });
}

/** A whole network against the strongest dense one. */
function against({ versus, batch }: BatchResult): Target {
  const rivals = (find(versus, 512, 2)?.others ?? []).filter(({ dense }) => dense);
  const strongest = rivals.toSorted((a, b) => a.ratio.median - b.ratio.median)[0];
  return {
    what: `training 784-512-10 in batches of ${batch}, 2 threads, against the fastest dense one`,
    goal: 'faster',
    measured:
      strongest &&
      `${significant(strongest.ratio.median, 3)}x (${[strongest.name, strongest.mode].filter((part) => part !== undefined).join(' ')}, ${perSecond(strongest.samplesPerSecond.median)})`,
    score: strongest?.ratio.median,
  };
}

function speed({ versus, batch }: BatchResult): Target {
  const goal = 600_000;
  const ours = find(versus, 512, 2)?.ours.samplesPerSecond.median;
  return {
    what: `training 784-512-10, a tenth of the edges, batch ${batch}, 2 threads`,
    goal: '0.6 M samples/s',
    measured: ours === undefined ? undefined : perSecond(ours),
    score: ours === undefined ? undefined : ours / goal,
  };
}

/** The pass that is farthest from its limit. */
function largeNetwork({ passes: rows }: BatchResult, kernelSet: string): Target {
  const row = rows.find((one) => one.kernelSet === kernelSet && one.edges >= 9e6);
  const least = row && Math.min(...[row.forward, row.backward, row.update].map((one) => one.shareOfLimit));
  return {
    what: '10 M edges between 100,000 and 100,000 neurons: bound by bandwidth (or the peak) within',
    goal: '2x',
    measured:
      least === undefined || row === undefined
        ? undefined
        : `${significant(1 / least, 3)}x, ${significant(row.bytesPerEdge)} bytes per edge`,
    score: least === undefined ? undefined : 2 * least,
  };
}

function find(versus: readonly Comparison[], width: number, threads: number): Comparison | undefined {
  return versus.find(({ ours }) => ours.layers[1] === width && ours.threads === threads);
}
