/** The sections of the report. They depend only on the results. */
import { bytes, count, percent, perSecond, seconds, significant } from '../../base/numbers.js';
import { BASELINES } from '../../bench/baselines/registry.js';
import { fastestRow, GPU_FORMS, type GpuRow, gpuRows } from '../../bench/gpu.js';
import { edgesPerSecond, shareOfPeak } from '../../bench/rates.js';
import type {
  AccuracyRow,
  BaselineStatus,
  BenchResult,
  CallTiming,
  Comparison,
  Contender,
  Limits,
  OnlineRow,
} from '../../bench/result.js';
import type { BaselineDocument, Named } from '../../bench/result-files.js';
import type { Summary } from '../../bench/statistics.js';
import { quantity } from '../../bench/statistics.js';
import { rivalries } from '../../bench/strongest.js';
import type { Section } from './format.js';

type Baselines = readonly Named<BaselineDocument>[];

/** Our results beside the strongest rivals. */
export function rivalSection(result: BenchResult): Section {
  const rows = rivalries(result).map(({ what, ours, rival, ratio }) => {
    const { name, mode, layers, batch, threads } = rival;
    const form = [name, mode].filter((part) => part !== undefined).join(' ');
    const shape = `${layers.join('-')} ${rival.dense ? 'dense' : 'sparse'}`;
    const speed =
      'samplesPerSecond' in rival
        ? perSecond(rival.samplesPerSecond.median)
        : rival.seconds === undefined
          ? '-'
          : seconds(rival.seconds.median);
    return [
      what,
      ours,
      `${form}: ${shape}, batch ${batch}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
      speed,
      quantity(ratio, (value) => `${significant(value)}x`),
    ];
  });
  return {
    title: 'Against the strongest rival',
    text: [
      'The rival that came closest, of all baselines that were installed. The ratio says how many times as fast sparse-train is: ' +
        'the median over rounds in which both were measured in turn, with the extremes in brackets. The ratio of times to 97 % is that of the ' +
        'medians over seeds.',
    ],
    tables:
      rows.length === 0
        ? []
        : [
            {
              head: ['what', 'sparse-train', 'rival', 'its result', 'sparse-train is'],
              rows,
              left: [0, 1, 2],
            },
          ],
  };
}

/** The machine. */
export function machineSection(result: BenchResult): Section {
  const { machine, versions, limits = [] } = result;
  const caches = Object.entries(machine.caches).map(([level, size]) => `${level} ${bytes(size)}`);
  const facts = [
    ['CPU', machine.cpu],
    ['threads that this process may use', String(machine.cores)],
    ['kernel sets', `${machine.kernelSets.join(', ')} (by default: ${machine.kernelSet})`],
    ['caches', caches.join(', ') || 'unknown'],
    ['memory', bytes(machine.memoryBytes)],
    ['system', `${machine.platform} ${machine.arch}`],
    ['runnable threads before and after', `${machine.loadBefore}, ${machine.loadAfter}`],
    ...Object.entries(versions),
    ['taken at', `${result.takenAt} in ${seconds(result.seconds)}`],
  ] as [string, string][];
  const quick = result.quick ? ['This was a quick run: a check that it works, not a result.'] : [];
  const tables = [{ head: ['', ''], rows: facts, left: [0, 1] }, ...limitTable(limits)];
  const omitted = result.omitted === undefined ? [] : [`Not measured: ${result.omitted}`];
  return { title: 'The machine', text: [], notes: [...quick, ...omitted], tables };
}

function limitTable(limits: readonly Limits[]): Section['tables'] {
  const first = limits[0];
  if (first === undefined) return [];
  return [
    {
      title: 'What one core can do, measured in the same run',
      head: [
        'kernel set',
        'clock',
        'int16 multiply-accumulates',
        ...first.reading.map(({ level }) => `read ${level}`),
      ],
      rows: limits.map(({ kernelSet, clock, dotProducts, reading }) => [
        kernelSet,
        `${significant(clock / 1e9)} GHz`,
        `${significant(dotProducts / 1e9)} G/s`,
        ...reading.map(({ bytesPerSecond }) => `${significant(bytesPerSecond / 1e9)} GB/s`),
      ]),
    },
  ];
}

/** Online training. */
export function onlineSection({ online, limits }: BenchResult): Section {
  const rows = (online?.networks ?? []).map((row) => onlineRow(row, limits));
  return {
    title: 'Online training',
    text: [
      'One example after another, each network from its first example on, whole epochs of MNIST (a twentieth of one for ' +
        'scalar). A network counts 2 multiply-accumulates an edge in its first junction (feed-forward and update) and 3 ' +
        'in the second (backpropagation as well). "Of peak" divides them by the measured int16 dot-product peak of the ' +
        'kernel set, times the threads: first every edge, then only those whose left activation is not zero, which are ' +
        'the ones that the engine has to work on. The share of active neurons is that of 200 test images in a network that ' +
        'has had one epoch, an estimate for the hidden layer.',
      'Two threads gain nothing that a person would notice at networks of this size, and cost time at the smallest: threads meet after every ' +
        'example. `threads: "auto"`, the default, uses one thread for them.',
    ],
    tables: [
      {
        head: [
          'network',
          'edges',
          'of dense',
          'active',
          'kernels',
          'threads',
          'µs/input',
          'inputs',
          'edges/s',
          'MAC/s',
          'of peak',
          'active only',
        ],
        rows,
        left: [0, 4],
      },
      ...comparisonTables(online?.versus, 'Against others, training, in the same run'),
    ],
  };
}

function onlineRow(row: OnlineRow, limits: readonly Limits[] = []): string[] {
  const { layers, edges, denseEdges, active, kernelSet, threads, microseconds, products } = row;
  const limit = limits.find((entry) => entry.kernelSet === kernelSet);
  const share = (effective: boolean) => {
    const value = shareOfPeak(row, limit, effective);
    return value === undefined ? '-' : percent(value, 1);
  };
  return [
    layers.join('-'),
    count(edges),
    percent(edges / denseEdges, 1),
    active.map((value) => percent(value, 0)).join(', '),
    kernelSet,
    String(threads),
    quantity(microseconds, significant),
    perSecond(1e6 / microseconds.median),
    `${significant(edgesPerSecond(row) / 1e9)} G`,
    `${significant(products / microseconds.median / 1e3)} G`,
    share(false),
    share(true),
  ];
}

function comparisonTables(versus: Comparison | undefined, title: string): Section['tables'] {
  if (versus === undefined) return [];
  const { ours, oursDense, others } = versus;
  const times = (ratio: Summary | undefined) =>
    ratio === undefined ? '-' : quantity(ratio, (value) => `${significant(value)}x`);
  const withDense = oursDense !== undefined;
  const row = (contender: Contender, ratio: string, denseRatio: string) => [
    contender.name,
    contender.mode ?? '',
    `${contender.layers.join('-')} ${contender.dense ? 'dense' : 'sparse'}`,
    String(contender.batch),
    String(contender.threads),
    quantity(contender.samplesPerSecond, perSecond),
    ratio,
    ...(withDense ? [denseRatio] : []),
  ];
  const own = [
    row(ours, '1', '-'),
    ...(oursDense === undefined ? [] : [row(oursDense, times(oursDense.ratio), '1')]),
  ];
  const rows = others.map((rival) => row(rival, times(rival.ratio), times(rival.denseRatio)));
  const head = [
    'what',
    'form',
    'network',
    'batch',
    'threads',
    'samples',
    'sparse-train is',
    ...(withDense ? ['sparse-train, dense, is'] : []),
  ];
  return [{ title, head, rows: [...own, ...rows], left: [0, 1, 2] }];
}

/** Prediction. */
export function predictSection({ predict }: BenchResult): Section {
  const rows = (predict?.batches ?? []).map(({ layers, kernelSet, threads, batch, samplesPerSecond }) => [
    layers.join('-'),
    kernelSet,
    String(threads),
    count(batch),
    quantity(samplesPerSecond, perSecond),
  ]);
  return {
    title: 'Prediction',
    text: [
      'The default network after an epoch; decisions for the test images in one call, pixels as they are in the file.',
    ],
    tables: [
      { head: ['network', 'kernels', 'threads', 'images', 'images/s'], rows, left: [0, 1] },
      ...comparisonTables(predict?.versus, 'Against others, prediction, in the same run'),
    ],
  };
}

/** Calls from JavaScript. */
export function learnSection({ learn }: BenchResult): Section {
  const row = (name: string, timing: CallTiming) => [
    name,
    timing.layers.join('-'),
    quantity(timing.nanoseconds, (ns) => `${Math.round(ns)} ns`),
    `${Math.round(timing.p50)} ns`,
    `${Math.round(timing.p99)} ns`,
    `${Math.round(timing.engine)} ns`,
    `${Math.round(timing.nanoseconds.median - timing.engine)} ns`,
  ];
  return {
    title: 'Calls from JavaScript',
    text: [
      'Mean of many calls; median and 99th percentile of single ones, less what reading the clock costs ' +
        `(${learn === undefined ? '-' : Math.round(learn.learn.clock)} ns). The engine's time is that of the same work without a call for each example.`,
    ],
    tables: [
      {
        head: ['call', 'network', 'mean', 'p50', 'p99', 'engine', 'the call itself'],
        rows:
          learn === undefined
            ? []
            : [row('learn(x, label)', learn.learn), row('predict(x, scores)', learn.predict)],
        left: [0, 1],
      },
    ],
  };
}

/** Time to accuracy. */
export function accuracySection({ timeToAccuracy }: BenchResult): Section {
  const { ours = [], others = [], target = 0.97, checksPerEpoch = 4 } = timeToAccuracy ?? {};
  const row = (entry: AccuracyRow, ratio: Summary | undefined, isOurs: boolean) => [
    entry.name,
    entry.mode ?? '',
    `${entry.layers.join('-')} ${entry.dense ? 'dense' : `(${count(entry.edges ?? 0)} edges)`}`,
    String(entry.batch),
    String(entry.threads),
    entry.seconds === undefined ? 'never' : quantity(entry.seconds, seconds),
    significant(entry.epochs),
    `${entry.reached} of ${entry.seeds}`,
    isOurs ? '' : ratio === undefined ? '-' : quantity(ratio, (value) => `${significant(value)}x`),
    entry.settings,
  ];
  return {
    title: `Time to ${percent(target, 0)} on MNIST`,
    text: [
      `Seconds of training alone, over seeds, seed by seed in turn. The test set is looked at ${checksPerEpoch} times an epoch, ` +
        'outside the time. The settings of PyTorch are the fastest of a search over network width, batch size, rate, decay, ' +
        'momentum and centring of inputs (`scripts/baselines/pytorch_cpu.py --sections accuracy`), those of the programs that skip pixels of ' +
        'zero of a search over width, rate and decay. The ratio is to the first row.',
    ],
    tables: [
      {
        head: [
          'what',
          'form',
          'network',
          'batch',
          'threads',
          'seconds',
          'epochs',
          'reached',
          'sparse-train is',
          'settings',
        ],
        rows: [
          ...ours.map((entry) => row(entry, undefined, true)),
          ...others.map((entry) => row(entry, entry.ratio, false)),
        ],
        left: [0, 1, 2, 9],
      },
    ],
  };
}

/** Memory. */
export function memorySection({ memory }: BenchResult): Section {
  const rows =
    memory === undefined
      ? []
      : [
          ['sparse-train mnist', bytes(memory.peakBytes)],
          ['node alone', bytes(memory.nodeBytes)],
        ];
  return {
    title: 'Memory',
    text: ['Peak resident size of a process of its own, as the system counts it.'],
    tables: [{ head: ['process', 'peak'], rows }],
  };
}

/** Published results from GPUs. */
export function gpuSection(result: BenchResult, baselines: Baselines): Section {
  const rows = gpuRows(baselines);
  const files = baselines.filter(({ document }) => document.machine.gpu !== undefined);
  if (rows.length === 0) {
    const text = [
      'Nobody has measured a GPU yet. `python scripts/baselines/pytorch_cuda.py --output scripts/baselines/results/NAME.json` does, on a machine with one.',
    ];
    return { title: 'GPUs, on other machines', text, tables: [] };
  }
  const layers = result.online?.versus?.ours.layers ?? [784, 512, 10];
  const machines = files.map(({ file, document: { machine, versions, takenAt } }) => {
    const { torch = '-', cuda = '-', driver = '-' } = versions;
    return [
      machine.gpu ?? '',
      machine.cpu,
      `torch ${torch}, CUDA ${cuda}, driver ${driver}`,
      takenAt.slice(0, 10),
      `\`${file}\``,
    ];
  });
  return {
    title: 'GPUs, on other machines',
    text: [
      'Taken on other machines with `scripts/baselines/pytorch_cuda.py`, all data on the GPU; not in one run with the ' +
        'numbers above. Each form of the work is shown by its fastest row.',
    ],
    tables: [
      {
        title: 'Machines',
        head: ['GPU', 'CPU', 'versions', 'taken', 'file'],
        rows: machines,
        left: [0, 1, 2, 3, 4],
      },
      { title: `Training, samples/s, dense ${layers.join('-')}`, ...gpuSpeeds(result, rows, layers) },
      { title: 'Time to 97 %', ...gpuAccuracy(result, rows) },
      { title: 'Prediction, images/s', ...gpuPredictions(result, rows, layers) },
    ],
  };
}

function gpuSpeeds({ online }: BenchResult, rows: readonly GpuRow[], layers: readonly number[]) {
  const batches = [
    ...new Set(rows.filter(({ measure }) => measure === 'samples-per-second').map(({ batch }) => batch)),
  ].sort((a, b) => a - b);
  const ours = online?.versus?.ours.samplesPerSecond.median;
  return {
    head: [
      'form',
      'modes',
      ...batches.map((batch) => `batch ${batch}`),
      'sparse-train online, of batch 1',
      'of the best batch',
    ],
    rows: GPU_FORMS.map(({ form, modes }) => {
      const speeds = batches.map(
        (batch) => fastestRow(rows, modes, 'samples-per-second', batch, layers)?.samplesPerSecond,
      );
      const one = speeds[batches.indexOf(1)];
      const best = Math.max(...speeds.map((speed) => speed ?? 0));
      const ratio = (speed: number | undefined) =>
        ours && speed ? `${significant(ours / speed)}x` : 'not measured';
      return [
        form,
        modes.join(', '),
        ...speeds.map((speed) => (speed === undefined ? '-' : perSecond(speed))),
        ratio(one),
        ratio(best),
      ];
    }),
    left: [0, 1],
  };
}

function gpuAccuracy({ timeToAccuracy }: BenchResult, rows: readonly GpuRow[]) {
  const ours = timeToAccuracy?.ours.find(({ threads }) => threads === 1)?.seconds?.median;
  return {
    head: [
      'form',
      'mode',
      'GPU',
      'network',
      'batch',
      'precision',
      'seconds',
      'epochs',
      'sparse-train default, one core',
    ],
    rows: GPU_FORMS.map(({ form, modes }) => {
      const row = fastestRow(rows, modes, 'time-to-accuracy');
      if (row === undefined) return [form, modes.join(', '), '-', '-', '-', '-', 'not measured', '-', '-'];
      const time = row.seconds as number;
      return [
        form,
        row.mode ?? '',
        row.gpu,
        row.layers.join('-'),
        String(row.batch),
        row.precision ?? '',
        `${seconds(time)} (${seconds(row.secondsMin ?? time)} to ${seconds(row.secondsMax ?? time)})`,
        significant(row.epochs ?? Number.NaN),
        ours === undefined ? '-' : `${significant(time / ours)}x as fast`,
      ];
    }),
    left: [0, 1, 2, 3, 5],
  };
}

function gpuPredictions({ predict }: BenchResult, rows: readonly GpuRow[], layers: readonly number[]) {
  const own = rows.filter((row) => row.measure === 'predict' && row.layers.join() === layers.join());
  const batches = [...new Set(own.map(({ batch }) => batch))].sort((a, b) => a - b);
  const modes = [...new Set(own.map(({ mode = '' }) => mode))];
  const ours = predict?.versus?.ours.samplesPerSecond.median;
  return {
    head: ['mode', 'batch', 'GPU', 'precision', 'images/s', 'sparse-train, one core, is'],
    rows: modes.flatMap((mode) =>
      batches.flatMap((batch) => {
        const row = fastestRow(own, [mode], 'predict', batch);
        if (row?.samplesPerSecond === undefined) return [];
        const ratio = ours === undefined ? '-' : `${significant(ours / row.samplesPerSecond)}x`;
        return [[mode, String(batch), row.gpu, row.precision ?? '', perSecond(row.samplesPerSecond), ratio]];
      }),
    ),
    left: [0, 2, 3],
  };
}

/** The baselines, with those that were missing. */
export function baselineSection({ baselines }: BenchResult): Section {
  const titles = new Map(BASELINES.map(({ name, title }) => [name, title]));
  return {
    title: 'Baselines',
    text: [],
    tables: [
      {
        head: ['name', 'what', 'status', 'versions'],
        rows: baselines.map((status) => [
          status.name,
          titles.get(status.name) ?? '',
          statusText(status),
          versionText(status),
        ]),
        left: [0, 1, 2, 3],
      },
    ],
  };
}

/** Whether a baseline was measured; if not, why, and how to install it. */
export function statusText({ status, reason, install }: BaselineStatus): string {
  if (status !== 'missing') return reason === undefined ? status : `${status}: ${reason}`;
  const why = (reason ?? 'not installed').replace(/; install it with.*/, '');
  return `missing (${why}); install it with: ${install ?? '-'}`;
}

function versionText({ versions = {} }: BaselineStatus): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
}
