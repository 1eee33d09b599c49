/** A result with round numbers, and a result file of a GPU, for tests of reports. */
import type { BenchResult, Contender, OnlineRow, Opponent } from '../../lib/bench/result.js';
import type { BaselineDocument, Named } from '../../lib/bench/result-files.js';
import type { Summary } from '../../lib/bench/statistics.js';

export function around(median: number): Summary {
  return { median, min: 0.9 * median, max: 1.1 * median, repeats: 5 };
}

function online(width: number, edges: number, kernelSet: string, threads: number, us: number): OnlineRow {
  return {
    layers: [784, width, 10],
    edges,
    denseEdges: 794 * width,
    kernelSet,
    threads,
    examples: 60_000,
    microseconds: around(us),
    products: 2 * edges,
    effectiveProducts: edges / 2,
    active: [0.19, 0.5],
  };
}

const OURS: Omit<Contender, 'samplesPerSecond'> = {
  name: 'sparse-train',
  layers: [784, 512, 10],
  dense: false,
  batch: 1,
  threads: 1,
};

/** A rival with this many samples a second. Ours reach 400,000, and 200,000 with a dense network. */
function opponent(name: string, speed: number, facts: Partial<Contender>): Opponent {
  return {
    ...THEIRS,
    ...facts,
    name,
    samplesPerSecond: around(speed),
    ratio: around(400_000 / speed),
    denseRatio: around(200_000 / speed),
  };
}

const THEIRS = { name: 'pytorch-cpu', layers: [784, 512, 10], dense: true, batch: 1, threads: 1 };

export const RESULT: BenchResult = {
  format: 'sparse-train-bench',
  version: 1,
  takenAt: '2026-01-02T03:04:05.000Z',
  quick: false,
  seconds: 600,
  machine: {
    cpu: 'Example CPU',
    cores: 2,
    memoryBytes: 8e9,
    platform: 'linux',
    arch: 'x64',
    node: 'v20.0.0',
    kernelSets: ['scalar', 'avx2', 'avx512'],
    kernelSet: 'avx512',
    caches: { L1: 32_768, L2: 1_048_576 },
    loadBefore: 0.1,
    loadAfter: 1.1,
  },
  versions: { 'sparse-train': '0.1.0' },
  limits: ['avx2', 'avx512'].map((kernelSet, i) => ({
    kernelSet,
    clock: 4e9,
    dotProducts: (i + 1) * 100e9,
    reading: [
      { level: 'L1', bytes: 16_384, bytesPerSecond: 400e9 },
      { level: 'L2', bytes: 524_288, bytesPerSecond: 200e9 },
    ],
  })),
  online: {
    networks: [
      online(128, 10_000, 'avx512', 1, 0.5),
      online(128, 10_000, 'avx512', 2, 0.5),
      online(128, 10_000, 'avx2', 1, 1),
      online(1024, 80_000, 'avx512', 1, 4),
      online(1024, 80_000, 'avx512', 2, 2),
      online(1024, 80_000, 'avx2', 1, 16),
    ],
    versus: {
      ours: { ...OURS, samplesPerSecond: around(400_000) },
      oursDense: { ...OURS, dense: true, samplesPerSecond: around(200_000), ratio: around(2) },
      others: [
        opponent('pytorch-cpu', 4000, { mode: 'eager' }),
        opponent('pytorch-cpu', 10_000, { mode: 'eager-manual' }),
        opponent('pytorch-cpu', 160_000, { mode: 'eager-manual', batch: 1024, threads: 2 }),
        opponent('sparselab', 100_000, { dense: false }),
        opponent('zero-skipping-cpp', 80_000, {}),
      ],
    },
  },
  predict: {
    batches: [{ ...OURS, batch: 10_000, kernelSet: 'avx512', samplesPerSecond: around(5e6) }],
    call: {
      layers: [784, 512, 10],
      calls: 1000,
      nanoseconds: around(500),
      p50: 480,
      p99: 900,
      clock: 40,
      engine: 200,
    },
    versus: { ours: { ...OURS, batch: 10_000, samplesPerSecond: around(5e6) }, others: [] },
  },
  learn: {
    learn: {
      layers: [784, 512, 10],
      calls: 1000,
      nanoseconds: around(2500),
      p50: 2400,
      p99: 5000,
      clock: 40,
      engine: 2000,
    },
    predict: {
      layers: [784, 512, 10],
      calls: 1000,
      nanoseconds: around(500),
      p50: 480,
      p99: 900,
      clock: 40,
      engine: 200,
    },
  },
  timeToAccuracy: {
    target: 0.97,
    checksPerEpoch: 4,
    ours: [
      {
        name: 'sparse-train',
        mode: 'mnist',
        layers: [784, 512, 10],
        dense: false,
        edges: 39_936,
        batch: 1,
        threads: 1,
        settings: 'cosine',
        seconds: around(0.2),
        epochs: 1.5,
        accuracy: 0.971,
        reached: 5,
        seeds: 5,
      },
    ],
    others: [
      {
        name: 'pytorch-cpu',
        mode: 'eager-manual',
        layers: [784, 100, 10],
        dense: true,
        batch: 128,
        threads: 1,
        settings: 'rate 0.08',
        seconds: around(0.6),
        epochs: 1.75,
        accuracy: 0.971,
        reached: 5,
        seeds: 5,
        ratio: around(3),
      },
    ],
  },
  kernels: [
    {
      operation: 'forwardTiles',
      kernelSet: 'avx512',
      left: 784,
      right: 512,
      edges: 34_800,
      nanoseconds: around(200),
      items: 8000,
      unit: 'edges',
      cycles: around(3.2),
      products: 8000,
      bytes: 18_000,
      level: 'L2',
      shareOfLimit: 0.45,
      bound: 'bandwidth',
    },
    {
      operation: 'finishRelu',
      kernelSet: 'avx2',
      left: 784,
      right: 512,
      edges: 34_800,
      nanoseconds: around(50),
      items: 512,
      unit: 'neurons',
      cycles: around(12),
      products: 0,
      bytes: 3072,
      level: 'L1',
      shareOfLimit: 0.2,
      bound: 'bandwidth',
    },
  ],
  against: {
    here: { folder: '/here', version: '0.1.0', commit: 'abcdef0' },
    there: { folder: '/there', version: '0.1.0', commit: 'b2c0d7b' },
    rows: [
      {
        name: 'train local 784-256-10 (the default of mnist)',
        unit: 'example',
        here: around(1),
        there: around(2),
        best: 2,
        median: 1.9,
        sameBits: true,
      },
      {
        name: 'learn(x, label) from JavaScript',
        unit: 'call',
        here: around(1),
        there: around(2),
        best: 2,
        median: 2,
        sameBits: true,
      },
    ],
  },
  memory: { peakBytes: 120e6, nodeBytes: 45e6, testAccuracy: 0.975, trainSeconds: 0.3 },
  baselines: [
    { name: 'pytorch-cpu', status: 'measured', versions: { torch: '2.13.0' } },
    { name: 'fann', status: 'missing', reason: 'cc: not found', install: 'apt-get install libfann-dev gcc' },
  ],
};

const GPU_ROW = { layers: [784, 512, 10], precision: 'tf32' };

export const GPU: Named<BaselineDocument> = {
  file: 'pytorch-cuda-example.json',
  document: {
    format: 'sparse-train-baseline',
    baseline: 'pytorch-cuda',
    takenAt: '2026-01-01T00:00:00+00:00',
    machine: { cpu: 'Host CPU', gpu: 'Example GPU', cores: 16 },
    versions: { torch: '2.11.0', cuda: '13.0', driver: '580' },
    notes: ['Training alone counts.'],
    rows: [
      { measure: 'samples-per-second', mode: 'eager', batch: 1, samplesPerSecond: 2000, ...GPU_ROW },
      { measure: 'samples-per-second', mode: 'eager', batch: 1024, samplesPerSecond: 2_000_000, ...GPU_ROW },
      { measure: 'samples-per-second', mode: 'cuda-graph', batch: 1, samplesPerSecond: 40_000, ...GPU_ROW },
      {
        measure: 'samples-per-second',
        mode: 'compile-graph',
        batch: 1,
        samplesPerSecond: 50_000,
        ...GPU_ROW,
      },
      { measure: 'time-to-accuracy', mode: 'eager', batch: 1024, seconds: 0.1, epochs: 2, ...GPU_ROW },
    ],
  },
};
