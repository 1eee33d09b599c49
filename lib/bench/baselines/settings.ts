import { readResultFiles } from '../result-files.js';

/** A recipe for training a dense network. */
export interface DenseSettings {
  readonly layers: readonly number[];
  readonly batch: number;
  readonly learningRate: number;
  /** The number of epochs over which the rate falls linearly to zero; null if it is constant. */
  readonly decayEpochs: number | null;
  readonly momentum: number;
  readonly centredInput: boolean;
}

/**
 * The settings that a search by pytorch_cpu.py found on a 2-core EPYC, and the usual settings of tutorials. They are
 * used if the results hold no search.
 */
const FOUND: readonly DenseSettings[] = [
  {
    layers: [784, 100, 10],
    batch: 128,
    learningRate: 0.08485,
    decayEpochs: 2,
    momentum: 0.9,
    centredInput: true,
  },
  {
    layers: [784, 128, 10],
    batch: 64,
    learningRate: 0.0423,
    decayEpochs: 1.5,
    momentum: 0.9,
    centredInput: true,
  },
  {
    layers: [784, 100, 10],
    batch: 64,
    learningRate: 0.5,
    decayEpochs: null,
    momentum: 0,
    centredInput: false,
  },
];

/** The most settings that are measured. */
const MOST = 3;

/**
 * The settings with the least time in the searches of pytorch_cpu.py (over width, batch size, rate, decay, momentum and centring)
 * whose results are in the folder.
 */
export function bestSettings(resultsFolder: string): DenseSettings[] {
  const found = readResultFiles(resultsFolder)
    .baselines.filter(({ document }) => document.baseline === 'pytorch-cpu')
    .flatMap(({ document }) => document.rows)
    .filter(({ measure, mode, seconds }) => {
      return measure === 'time-to-accuracy' && mode === 'eager-manual' && seconds !== undefined;
    })
    .sort((a, b) => (a.seconds as number) - (b.seconds as number))
    .map(({ layers, batch, learningRate = 0, decayEpochs = null, momentum = 0, centredInput = false }) => ({
      layers,
      batch,
      learningRate,
      decayEpochs,
      momentum,
      centredInput,
    }));
  const different = new Map([...found, ...FOUND].map((settings) => [JSON.stringify(settings), settings]));
  return [...different.values()].slice(0, MOST);
}
