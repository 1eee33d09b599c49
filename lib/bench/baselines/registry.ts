import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BaselinePlaces } from './places.js';
import type { DenseSettings } from './settings.js';

/** The command line of a baseline's worker. */
export interface Launch {
  readonly command: string;
  readonly words: readonly string[];
}

/** Another program for the same work. */
export interface Baseline {
  readonly name: string;
  readonly title: string;
  /** Whether it trains a sparse network. */
  readonly sparse?: boolean;
  /** The command that installs it. */
  install(places: BaselinePlaces): string;
  /** The forms that are measured, in the order of the tables. */
  readonly modes: readonly BaselineMode[];
  /** The requests that it answers (scripts/baselines/workers/README.md). */
  readonly measures: readonly ('train' | 'predict' | 'time-to-accuracy' | 'passes')[];
  /** The settings with which it reaches 97 % on MNIST soonest; if missing, the settings of a search are tried. */
  readonly accuracy?: DenseSettings;
  /** The command line of the worker; undefined if its script is missing. */
  launch(places: BaselinePlaces): Launch | undefined;
}

/** One way to use a baseline. */
export interface BaselineMode {
  readonly mode: string | undefined;
  /** Whether it uses one thread, or as many as there are cores. */
  readonly threads: 1 | 'all';
  /** Batch sizes for training. */
  readonly batches: readonly number[];
}

const pythonIn = (tools: string) => join(tools, '.venv', 'bin', 'python');

/** Installs Python packages: those named, otherwise all of requirements.txt. */
function pip(...packages: string[]): Baseline['install'] {
  return ({ shown: { scripts, tools } }) => {
    const words = packages.length > 0 ? packages : ['-r', join(scripts, 'requirements.txt')];
    return `python3 -m venv ${join(tools, '.venv')} && ${pythonIn(tools)} -m pip install ${words.join(' ')}`;
  };
}

const javascriptPackages: Baseline['install'] = ({ shown: { scripts, tools } }) => {
  const [from, to] = [join(scripts, 'js'), join(tools, 'js')];
  const install = `npm ci --ignore-scripts --prefix ${to}`;
  return from === to ? install : `mkdir -p ${to} && cp ${join(from, 'package*.json')} ${to} && ${install}`;
};

/** The Python with the packages: SPARSE_TRAIN_BENCH_PYTHON, or the one of the virtual environment. */
function python({ tools }: BaselinePlaces): string {
  const own = pythonIn(tools);
  return process.env.SPARSE_TRAIN_BENCH_PYTHON ?? (existsSync(own) ? own : 'python3');
}

function pythonWorker(name: string, ...words: string[]): Baseline['launch'] {
  return (places) => {
    const path = join(places.scripts, 'workers', name);
    return existsSync(path) ? { command: python(places), words: [path, ...words] } : undefined;
  };
}

function nodeWorker(name: string, ...words: string[]): Baseline['launch'] {
  return ({ scripts }) => {
    const path = join(scripts, 'workers', name);
    return existsSync(path) ? { command: process.execPath, words: [path, ...words] } : undefined;
  };
}

/**
 * The fastest of a small grid of widths, rates and decays: 784-192-10, which reached the target with 5 of 5 seeds after
 * three quarters of an epoch.
 */
const ZERO_SKIPPING: DenseSettings = {
  layers: [784, 192, 10],
  batch: 1,
  learningRate: 0.03,
  decayEpochs: 0.75,
  momentum: 0,
  centredInput: false,
};

/** All baselines that run on a CPU, the most widely used first. */
export const BASELINES: readonly Baseline[] = [
  {
    name: 'pytorch-cpu',
    title: 'PyTorch on the CPU',
    install: pip(),
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
    name: 'zero-skipping-cpp',
    title: 'a few dozen lines of C++ that skip pixels of zero, dense, online',
    install: () => 'apt-get install g++',
    modes: [{ mode: undefined, threads: 1, batches: [1] }],
    measures: ['train', 'time-to-accuracy'],
    accuracy: ZERO_SKIPPING,
    launch: nodeWorker('zero_skipping.mjs'),
  },
  {
    name: 'numba',
    title: 'the same in Python, compiled by Numba',
    install: pip('numba', 'numpy'),
    modes: [{ mode: undefined, threads: 1, batches: [1] }],
    measures: ['train', 'time-to-accuracy'],
    accuracy: ZERO_SKIPPING,
    launch: pythonWorker('numba_worker.py'),
  },
  {
    name: 'jax',
    title: 'JAX on the CPU, a jit-compiled scan over the steps',
    install: pip('jax', 'numpy'),
    modes: [{ mode: undefined, threads: 1, batches: [1, 64] }],
    measures: ['train'],
    launch: pythonWorker('jax_worker.py'),
  },
  {
    name: 'numpy',
    title: 'NumPy with its BLAS, dense, gradients written by hand',
    install: pip(),
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
    install: pip(),
    modes: [],
    measures: ['passes'],
    launch: pythonWorker('products_worker.py', 'scipy'),
  },
  {
    name: 'pytorch-csr',
    title: 'PyTorch on the CPU, sparse tensors (CSR)',
    sparse: true,
    install: pip(),
    modes: [],
    measures: ['passes'],
    launch: pythonWorker('products_worker.py', 'pytorch-csr'),
  },
  {
    name: 'sparselab',
    title: 'SparseLab, a tenth of the edges of the first junction',
    sparse: true,
    install: pip('torch', 'numpy', 'sparselab'),
    modes: [{ mode: 'eager', threads: 1, batches: [1, 64, 1024] }],
    measures: ['train'],
    launch: pythonWorker('torch_worker.py', 'sparselab_cpu'),
  },
  {
    name: 'tfjs-wasm',
    title: 'TensorFlow.js, WASM backend',
    install: javascriptPackages,
    modes: [{ mode: 'eager-manual', threads: 1, batches: [1, 64] }],
    measures: ['train'],
    launch: nodeWorker('javascript.mjs', 'tfjs-wasm'),
  },
  {
    name: 'brain.js',
    title: 'brain.js',
    install: javascriptPackages,
    modes: [{ mode: undefined, threads: 1, batches: [1] }],
    measures: ['train'],
    launch: nodeWorker('javascript.mjs', 'brain.js'),
  },
  {
    name: 'fann',
    title: 'FANN, dense, online',
    install: () => 'apt-get install libfann-dev gcc',
    modes: [{ mode: undefined, threads: 1, batches: [1] }],
    measures: ['train', 'predict'],
    launch: pythonWorker('fann_worker.py'),
  },
  {
    name: 'plain-js',
    title: 'plain JavaScript that skips pixels of zero',
    install: () => 'nothing to install',
    modes: [{ mode: undefined, threads: 1, batches: [1] }],
    measures: ['train'],
    launch: nodeWorker('javascript.mjs', 'plain-js'),
  },
];

/** Their names, for the command line. */
export const BASELINE_NAMES = BASELINES.map(({ name }) => name);
