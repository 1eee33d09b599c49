/**
 * The goals of this project, and how far a result of `sparse-train bench` reaches them. They are for
 * maintainers and not part of the package.
 */
import {
  seconds as duration,
  percent,
  perSecond,
  significant,
} from '../../dist/.build/modules/base/numbers.js';
import { fastestRow, GPU_FORMS, gpuRows } from '../../dist/.build/modules/bench/gpu.js';
import { quantity } from '../../dist/.build/modules/bench/statistics.js';
import { bestOf, rivalries, strongest } from '../../dist/.build/modules/bench/strongest.js';

/** @typedef {import('../../lib/bench/result.js').BenchResult} BenchResult */
/** @typedef {import('../../lib/bench/result-files.js').Named<import('../../lib/bench/result-files.js').BaselineDocument>} NamedDocument */

/**
 * @typedef {object} Target
 * @property {string} what
 * @property {string} goal in words, such as "at least 10x"
 * @property {string | undefined} measured undefined if nothing was
 * @property {number | undefined} score the result over the goal: 1 or more where it is reached; undefined if nothing was measured
 * @property {string} [remark]
 */

/** The required ratios to the build b2c0d7b, by the name of the case of `bench online --against`. */
const RATIOS = {
  'train local 784-64-10': 2.2,
  'train local 784-256-10 (the default of mnist)': 2.5,
  'train local 784-512-10': 2.2,
  'train local 784-1024-10': 1.7,
  'train local 784-2048-10': 1.4,
  'train tiled 784-256-10': 1.9,
  'train tiled 784-1024-10': 1.3,
  'train local 784-256-10, no pixel zero': 3,
  'train dense 784-256-10': 1.5,
  'train local 784-256-10 on avx2': 1.7,
};

/**
 * What binds where a goal is missed, by the beginning of its description. docs/lab/kernels.md has the measurements; "the
 * prototype" is its program for this one network, from which the ratios were set on another CPU (Zen 5).
 *
 * @type {readonly (readonly [string, string])[]}
 */
const BINDS = [
  [
    'online training, the default of `mnist`, one core',
    'loads of feed-forward and updates, and waiting for rows of the images (a fifth to a third of the time); the prototype itself takes 0.81 µs on a Xeon and 0.70 µs on a Zen 5, which loads twice as much in a cycle',
  ],
  [
    'train local 784-64-10',
    'what does not depend on size: rows from memory, the schedule; the prototype reaches 2.1x to 2.4x on a Xeon',
  ],
  ['train local 784-256-10 (', 'the same, and loads of tiles; the prototype reaches 1.9x to 2.2x on a Xeon'],
  ['train local 784-512-10', 'loads of tiles; the prototype reaches 1.9x to 2.2x on a Xeon'],
  [
    'train local 784-1024-10',
    'weights come from the second-level cache; the prototype reaches 1.5x to 1.9x on a Xeon',
  ],
  [
    'train local 784-2048-10',
    'weights come from the second-level cache; the prototype reaches 1.5x on a Xeon',
  ],
  [
    'train tiled 784-256-10',
    'the search for active tiles and the rows; the prototype reaches 1.6x on a Xeon',
  ],
  [
    'train tiled 784-1024-10',
    'weights come from the second-level cache; the prototype reaches 1.2x on a Xeon',
  ],
  [
    'train local 784-256-10, no pixel zero',
    'vector operations of updates, 3 cycles a tile at least; the prototype reaches 2.5x on a Xeon',
  ],
  [
    'train dense 784-256-10',
    'vector operations of updates, which this build shares with the older one; the prototype is slower than both',
  ],
  [
    'train local 784-256-10 on avx2',
    'twice as many operations a tile as with 512 bits, and no instruction that compresses lists; avx2vnni, which CPUs with AVX2 have since 2021, reaches 1.8x',
  ],
  [
    'online training, the default of `mnist`, against the strongest dense rival',
    'the speed of online training, as above; dense against dense the ratio is in benchmarks.md',
  ],
  [
    'online training against a datacentre GPU at batch 1: hand-written',
    'the speed of online training, as above',
  ],
  [
    'time to 97 % against a datacentre GPU',
    'batches of hundreds keep a GPU busy; one core trains one example after another',
  ],
  [
    'learn(x, label) from JavaScript',
    'online training, plus 0.1 to 0.2 µs for the call and the copy of the row',
  ],
  [
    'predict(x, scores) from JavaScript',
    'feed-forward, plus 0.1 to 0.2 µs for the call and the copy of the row',
  ],
  ['predictions in bulk', 'loads: five a tile serve four examples'],
  [
    'edges trained a second',
    'multiply-accumulates of pixels that are zero are not done, and all overheads weigh most in small networks',
  ],
  [
    '10 M edges between',
    'the update reads rows of activations in no order; were they neighbours, it would be 2.3 times as fast',
  ],
];

/** The most microseconds allowed, by the name of the case. */
const MICROSECONDS = { 'learn(x, label) from JavaScript': 1.1, 'predict(x, scores) from JavaScript': 0.6 };

/**
 * All goals, reached or not.
 *
 * @param {BenchResult} result
 * @param {readonly NamedDocument[]} baselines results of other machines
 * @returns {Target[]}
 */
export function targetsOf(result, baselines) {
  const gpu = gpuRows(baselines);
  return [
    ...onlineSpeed(result),
    ...againstOlderBuild(result),
    strongestRival(result),
    ...againstGpu(result, gpu),
    timeToAccuracy(result),
    ...accuracyAgainstGpu(result, gpu),
    ...calls(result),
    prediction(result),
    peakShare(result),
    memory(result),
    ...batchTargets(result),
  ];
}

/**
 * Whether a goal was reached, or by how much it was missed.
 *
 * @param {Target} target
 */
export function outcomeOf({ score }) {
  if (score === undefined) return 'not measured';
  if (score >= 1) return score >= 1.005 ? `reached, ${significant(score, 3)}x the goal` : 'reached';
  return `missed by ${percent(1 - score, score > 0.9 ? 1 : 0)}`;
}

/**
 * What keeps a goal from being reached; empty where it is reached or was not measured.
 *
 * @param {Target} target
 */
export function boundOf({ what, score }) {
  if (score === undefined || score >= 1) return '';
  // The longest beginning says most.
  const found = BINDS.filter(([beginning]) => what.startsWith(beginning));
  return found.toSorted(([a], [b]) => b.length - a.length)[0]?.[1] ?? 'not known';
}

/**
 * The page of all goals, as Markdown.
 *
 * @param {BenchResult} result
 * @param {readonly NamedDocument[]} baselines
 */
export function targetPage(result, baselines) {
  const lines = targetsOf(result, baselines).map((target) => {
    const { what, goal, measured = '-', remark } = target;
    const outcome = outcomeOf(target);
    return [what, goal, measured, remark === undefined ? outcome : `${outcome} (${remark})`, boundOf(target)];
  });
  const head = ['what', 'goal', 'measured', 'outcome', 'what binds it'];
  const rows = [head, head.map(() => '---'), ...lines];
  return [
    '# Goals of this project',
    '',
    '<!-- Generated by scripts/benchmarks/run.mjs; do not edit. -->',
    '',
    `For maintainers. Measured on ${result.machine.cpu} at ${result.takenAt}; [benchmarks.md](../benchmarks.md) has the whole run. Rows about a`,
    'GPU compare with result files of another machine and are no ratios of one run.',
    '',
    ...rows.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`),
    '',
  ].join('\n');
}

/** @param {BenchResult} result @returns {Target[]} */
function onlineSpeed({ online, against }) {
  const whole = online?.versus?.ours.samplesPerSecond;
  const window = against?.rows.find(({ name }) => name.includes('(the default of mnist)'))?.here;
  return [
    {
      what: 'online training, the default of `mnist`, one core, best window',
      goal: '1.35 M/s',
      measured: window && perSecond(1e6 / window.min),
      score: window && 1e6 / window.min / 1.35e6,
    },
    {
      what: 'online training, the default of `mnist`, one core, whole epochs',
      goal: '1.15 M/s',
      measured: whole && quantity(whole, perSecond),
      score: whole && whole.median / 1.15e6,
    },
  ];
}

/** @param {BenchResult} result @returns {Target[]} */
function againstOlderBuild({ against }) {
  return Object.entries(RATIOS).map(([name, goal]) => {
    const row = against?.rows.find((one) => one.name === name);
    const ratio = row?.best;
    return {
      what: `${name}, against ${against?.there.commit ?? 'an older build'}`,
      goal: `${goal}x`,
      measured:
        ratio &&
        `${significant(ratio, 3)}x in the best window, ${significant(row?.median ?? Number.NaN, 3)}x in the median one`,
      score: ratio && ratio / goal,
    };
  });
}

/** @param {BenchResult} result @returns {Target} */
function strongestRival(result) {
  const found = rivalries(result).find(({ what }) => what === 'online training at batch 1, one core');
  return {
    what: 'online training, the default of `mnist`, against the strongest dense rival at batch 1, one core',
    goal: '10x',
    measured: found && `${quantity(found.ratio, (value) => `${significant(value)}x`)} (${found.rival.name})`,
    score: found && found.ratio.median / 10,
  };
}

/** @param {BenchResult} result @param {ReturnType<typeof gpuRows>} rows @returns {Target[]} */
function againstGpu({ online }, rows) {
  const ours = online?.versus?.ours;
  return GPU_FORMS.map(({ form, modes }) => {
    const best = fastestRow(rows, modes, 'samples-per-second', 1, ours?.layers);
    const theirs = best?.samplesPerSecond;
    const ratio = ours && theirs ? ours.samplesPerSecond.median / theirs : undefined;
    return {
      what: `online training against a datacentre GPU at batch 1: ${form}`,
      goal: 'faster',
      measured: ratio && best && `${significant(ratio)}x (${best.gpu}: ${perSecond(theirs ?? 0)})`,
      score: ratio,
      ...(best === undefined ? { remark: 'nobody has measured this yet' } : {}),
    };
  });
}

/** @param {BenchResult} result */
const ourBest = ({ timeToAccuracy }) =>
  bestOf((timeToAccuracy?.ours ?? []).filter(({ threads }) => threads === 1));

/** @param {BenchResult} result @returns {Target} */
function timeToAccuracy(result) {
  const ours = ourBest(result);
  const time = ours?.seconds?.median;
  return {
    what: 'time to 97 % on MNIST, training alone, one core',
    goal: '0.06 s',
    measured: time && `${duration(time)} by ${ours.layers.join('-')}, recipe ${ours.mode}`,
    score: time && 0.06 / time,
  };
}

/** @param {BenchResult} result @param {ReturnType<typeof gpuRows>} rows @returns {Target[]} */
function accuracyAgainstGpu(result, rows) {
  const time = ourBest(result)?.seconds?.median;
  return GPU_FORMS.map(({ form, modes }) => {
    const best = fastestRow(rows, modes, 'time-to-accuracy');
    const theirs = best?.seconds;
    const ratio = time && theirs ? theirs / time : undefined;
    return {
      what: `time to 97 % against a datacentre GPU at its best batch size: ${form}`,
      goal: 'faster',
      measured:
        ratio && best
          ? `${significant(ratio)}x (${duration(time ?? 0)} against ${duration(theirs ?? 0)}, ${best.gpu}, batch ${best.batch})`
          : undefined,
      score: ratio,
      ...(best === undefined ? { remark: 'nobody has measured this yet' } : {}),
    };
  });
}

/** @param {BenchResult} result @returns {Target[]} */
function calls({ against, learn }) {
  return Object.entries(MICROSECONDS).map(([name, goal]) => {
    const mean = name.startsWith('learn') ? learn?.learn : learn?.predict;
    const time =
      against?.rows.find((row) => row.name === name)?.here?.median ??
      (mean && mean.nanoseconds.median / 1000);
    return {
      what: `${name}, the default of \`mnist\``,
      goal: `${goal} µs`,
      measured: time && `${significant(time, 3)} µs`,
      score: time && goal / time,
    };
  });
}

/** @param {BenchResult} result @returns {Target} */
function prediction({ predict, machine }) {
  const row = predict?.batches.find(
    ({ kernelSet, threads }) => kernelSet === machine.kernelSet && threads === 1,
  );
  return {
    what: 'predictions in bulk, the default of `mnist`, one core',
    goal: '4 M images/s',
    measured: row && quantity(row.samplesPerSecond, perSecond),
    score: row && row.samplesPerSecond.median / 4e6,
  };
}

/** @param {BenchResult} result @returns {Target} */
function peakShare({ online, limits, machine }) {
  const goal = 0.3;
  const limit = limits?.find(({ kernelSet }) => kernelSet === machine.kernelSet);
  const shares = (online?.networks ?? [])
    .filter(
      ({ kernelSet, threads, edges }) =>
        kernelSet === machine.kernelSet && threads === 1 && edges >= 8000 && edges <= 100_000,
    )
    .map(
      ({ edges, microseconds }) => (3e6 * edges) / microseconds.median / (limit?.dotProducts ?? Number.NaN),
    );
  const isKnown = shares.length > 0 && limit !== undefined;
  return {
    what: `edges trained a second by networks of 8 k to 100 k edges, 3 multiply-accumulates each, ${machine.kernelSet}`,
    goal: `${percent(goal, 0)} of the int16 dot-product peak`,
    measured: isKnown
      ? `${percent(Math.min(...shares), 0)} to ${percent(Math.max(...shares), 0)}`
      : undefined,
    score: isKnown ? Math.min(...shares) / goal : undefined,
    remark: 'judged by the worst; edges of pixels that are zero count, though they are skipped',
  };
}

/** @param {BenchResult} result @returns {Target} */
function memory({ memory: measured }) {
  return {
    what: 'peak memory of `sparse-train mnist`, Node and the data included',
    goal: '150 MB',
    measured: measured && `${significant(measured.peakBytes / 1e6)} MB`,
    score: measured && 150e6 / measured.peakBytes,
    ...(measured && { remark: `Node alone: ${significant(measured.nodeBytes / 1e6)} MB` }),
  };
}

/** Goals of mini-batches. @param {BenchResult} result @returns {Target[]} */
function batchTargets({ batch, machine }) {
  if (batch === undefined) return [];
  return [
    passes(batch, machine.kernelSet),
    ...beside(batch),
    ...whole(batch),
    largeNetwork(batch, machine.kernelSet),
  ];
}

/** @typedef {NonNullable<BenchResult['batch']>} BatchResult */

/** The slowest pass of 784-1024 in tiles. @param {BatchResult} batch @param {string} kernelSet @returns {Target} */
function passes({ passes: rows, batch }, kernelSet) {
  const row = rows.find((one) => one.kernelSet === kernelSet && one.right === 1024 && one.layout === 'tiles');
  const all = row && [row.forward, row.backward, row.update];
  const slowest = all?.toSorted((a, b) => a.edgeSamplesPerSecond.median - b.edgeSamplesPerSecond.median)[0];
  const rate = slowest?.edgeSamplesPerSecond.median;
  return {
    what: `784-1024, a tenth of the edges, batch ${batch}, int16, one core: the slowest of FF, BP and UP`,
    goal: '60 G edge-samples/s',
    measured:
      slowest && `${significant((rate ?? 0) / 1e9, 3)} G (${percent(slowest.shareOfPeak, 0)} of peak)`,
    score: rate && rate / 60e9,
  };
}

/** Its passes against the fastest products of others, sparse and dense. @param {BatchResult} batch @returns {Target[]} */
function beside({ beside, batch }) {
  return [false, true].map((dense) => {
    const rivals = (beside?.rows ?? []).filter((row) => row.dense === dense && row.name !== 'sparse-train');
    const closest = strongest(rivals, ({ ratio }) => ratio);
    const kind = dense ? 'dense BLAS' : 'sparse library that is installed';
    return {
      what: `784-1024, a tenth of the edges, batch ${batch}, FF, BP and UP, one core, against the fastest ${kind}`,
      goal: '4x',
      measured: closest && `${significant(closest.ratio.median, 3)}x (${closest.name})`,
      score: closest && closest.ratio.median / 4,
    };
  });
}

/** Whole networks in batches. @param {BatchResult} batch @returns {Target[]} */
function whole({ versus, batch }) {
  const found = versus.find(({ ours }) => ours.layers[1] === 512 && ours.threads === 2);
  const ours = found?.ours.samplesPerSecond.median;
  const rivals = (found?.others ?? []).filter(({ dense }) => dense);
  const closest = strongest(rivals, ({ ratio }) => ratio);
  return [
    {
      what: `training 784-512-10 in batches of ${batch}, 2 threads, against the fastest dense one`,
      goal: 'faster',
      measured:
        closest &&
        `${significant(closest.ratio.median, 3)}x (${closest.name}, ${perSecond(closest.samplesPerSecond.median)})`,
      score: closest?.ratio.median,
    },
    {
      what: `training 784-512-10, a tenth of the edges, batch ${batch}, 2 threads`,
      goal: '0.6 M samples/s',
      measured: ours && perSecond(ours),
      score: ours && ours / 600_000,
    },
  ];
}

/** The pass that is farthest from its limit. @param {BatchResult} batch @param {string} kernelSet @returns {Target} */
function largeNetwork({ passes: rows }, kernelSet) {
  const row = rows.find((one) => one.kernelSet === kernelSet && one.edges >= 9e6);
  const least = row && Math.min(...[row.forward, row.backward, row.update].map((one) => one.shareOfLimit));
  return {
    what: '10 M edges between 100,000 and 100,000 neurons: bound by bandwidth (or the peak) within',
    goal: '2x',
    measured: least && `${significant(1 / least, 3)}x, ${significant(row.bytesPerEdge)} bytes per edge`,
    score: least && 2 * least,
  };
}
