import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../base/package.js';

/** The folder of the scripts; only a checkout of the repository has it. */
export const BASELINES_FOLDER = join(PACKAGE_ROOT, 'scripts', 'baselines');

/** How a baseline's worker is started. */
export interface Launch {
  readonly command: string;
  readonly words: readonly string[];
}

/** A program that others use for the same work. */
export interface Baseline {
  readonly name: string;
  readonly title: string;
  /** Whether it trains only some of the edges. */
  readonly sparse?: boolean;
  /** What installs it, in the repository's root. */
  readonly install: string;
  /** What it is compared with, in the order of its tables; threads 'all': as many as there are cores. */
  readonly modes: readonly BaselineMode[];
  /** What it can be asked for (scripts/baselines/workers/README.md). */
  readonly measures: readonly ('train' | 'predict' | 'time-to-accuracy' | 'passes')[];
  /** The worker; undefined if its script or runtime is not there. */
  launch(folder: string): Launch | undefined;
}

/** One way to use a baseline. */
export interface BaselineMode {
  readonly mode: string | undefined;
  readonly threads: 1 | 'all';
  /** Sizes of a batch that it is trained with. */
  readonly batches: readonly number[];
}

const VENV = 'python3 -m venv scripts/baselines/.venv';
const PYTHON = 'scripts/baselines/.venv/bin/python';
const PYTHON_PACKAGES = `${VENV} && ${PYTHON} -m pip install -r scripts/baselines/requirements.txt`;

/** The Python that has the packages: SPARSE_TRAIN_BENCH_PYTHON, or that of the virtual environment of the scripts. */
function python(folder: string): string {
  const given = process.env.SPARSE_TRAIN_BENCH_PYTHON;
  const own = join(folder, '.venv', 'bin', 'python');
  return given ?? (existsSync(own) ? own : 'python3');
}

function script(folder: string, name: string): string | undefined {
  const path = join(folder, 'workers', name);
  return existsSync(path) ? path : undefined;
}

function pythonWorker(name: string, ...words: string[]): Baseline['launch'] {
  return (folder) => {
    const path = script(folder, name);
    return path === undefined ? undefined : { command: python(folder), words: [path, ...words] };
  };
}

function nodeWorker(kind: string): Baseline['launch'] {
  return (folder) => {
    const path = script(folder, 'javascript.mjs');
    return path === undefined ? undefined : { command: process.execPath, words: [path, kind] };
  };
}

const JAVASCRIPT_PACKAGES = 'npm ci --ignore-scripts --prefix scripts/baselines/js';

/** All that can run on a CPU, the most used one first. */
export const BASELINES: readonly Baseline[] = [
  {
    name: 'pytorch-cpu',
    title: 'PyTorch on the CPU',
    install: PYTHON_PACKAGES,
    modes: [
      { mode: 'eager', threads: 1, batches: [1, 64, 1024] },
      { mode: 'eager-manual', threads: 1, batches: [1, 64, 1024] },
      { mode: 'compile', threads: 1, batches: [1] },
      { mode: 'eager', threads: 'all', batches: [1, 64, 1024] },
      { mode: 'eager-manual', threads: 'all', batches: [1, 64, 1024] },
    ],
    measures: ['train', 'predict', 'time-to-accuracy', 'passes'],
    launch: pythonWorker('torch_worker.py', 'pytorch_cpu'),
  },
  {
    name: 'numpy',
    title: 'NumPy with its BLAS, dense, gradients written by hand',
    install: PYTHON_PACKAGES,
    modes: [
      { mode: undefined, threads: 1, batches: [64, 1024] },
      { mode: undefined, threads: 'all', batches: [64, 1024] },
    ],
    measures: ['train', 'passes'],
    launch: pythonWorker('products_worker.py', 'numpy'),
  },
  {
    name: 'scipy',
    title: 'SciPy, sparse matrices (CSR)',
    sparse: true,
    install: PYTHON_PACKAGES,
    modes: [],
    measures: ['passes'],
    launch: pythonWorker('products_worker.py', 'scipy'),
  },
  {
    name: 'pytorch-csr',
    title: 'PyTorch on the CPU, sparse tensors (CSR)',
    sparse: true,
    install: PYTHON_PACKAGES,
    modes: [],
    measures: ['passes'],
    launch: pythonWorker('products_worker.py', 'pytorch-csr'),
  },
  {
    name: 'sparselab',
    title: 'SparseLab, a tenth of the edges of the first junction',
    sparse: true,
    install: `${VENV} && ${PYTHON} -m pip install -r scripts/baselines/requirements.txt sparselab`,
    modes: [{ mode: 'eager', threads: 1, batches: [1, 64, 1024] }],
    measures: ['train'],
    launch: pythonWorker('torch_worker.py', 'sparselab_cpu'),
  },
  {
    name: 'tfjs-wasm',
    title: 'TensorFlow.js, WASM backend',
    install: JAVASCRIPT_PACKAGES,
    modes: [{ mode: 'eager-manual', threads: 1, batches: [1, 64] }],
    measures: ['train'],
    launch: nodeWorker('tfjs-wasm'),
  },
  {
    name: 'brain.js',
    title: 'brain.js',
    install: JAVASCRIPT_PACKAGES,
    modes: [{ mode: undefined, threads: 1, batches: [1] }],
    measures: ['train'],
    launch: nodeWorker('brain.js'),
  },
  {
    name: 'fann',
    title: 'FANN, dense, online',
    install: 'apt-get install libfann-dev gcc',
    modes: [{ mode: undefined, threads: 1, batches: [1] }],
    measures: ['train', 'predict'],
    launch: pythonWorker('fann_worker.py'),
  },
  {
    name: 'plain-js',
    title: 'plain JavaScript that skips pixels of zero',
    install: 'nothing to install',
    modes: [{ mode: undefined, threads: 1, batches: [1] }],
    measures: ['train'],
    launch: nodeWorker('plain-js'),
  },
];

/** Their names, for the command line. */
export const BASELINE_NAMES = BASELINES.map(({ name }) => name);
