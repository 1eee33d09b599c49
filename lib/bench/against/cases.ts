/** The cases that `bench online --against` measures with both builds. */

/** Options of a network that every version of the API accepts. */
export interface ComparedNetwork {
  readonly layers: readonly number[];
  readonly density: readonly number[];
  readonly pattern: readonly string[];
  readonly arithmetic: { readonly kind: 'wide'; readonly weightBits: 16; readonly weightFraction: 12 };
}

/** Work that both builds do. */
export type ComparedWork =
  /** Online training, one thread. */
  | 'train'
  /** Calls of learn(x, label) from JavaScript. */
  | 'learn'
  /** Calls of predict(x, scores) from JavaScript. */
  | 'predict'
  /** All test images in one call, one thread. */
  | 'predict-batch'
  /** Training until the test accuracy is 97 %, one thread. */
  | 'time-to-accuracy';

export interface ComparedCase {
  readonly name: string;
  readonly work: ComparedWork;
  readonly network: ComparedNetwork;
  /** The learning rate. In `time-to-accuracy` it falls along a cosine over one epoch. */
  readonly rate: number;
  /** Replaces every pixel of zero by one. */
  readonly noZeros?: boolean;
  /** The kernel set, if it is not the best one. */
  readonly kernelSet?: string;
}

const RATE = 0.05;

function network(width: number, pattern: string, density: number): ComparedNetwork {
  return {
    layers: [784, width, 10],
    density: [density, 1],
    pattern: [pattern, 'dense'],
    arithmetic: { kind: 'wide', weightBits: 16, weightFraction: 12 },
  };
}

/** The network of `sparse-train mnist`, or one of another width. */
const local = (width = 256) => network(width, 'local', 0.0867);

/** The recipe `fast`, which reaches 97 % soonest. */
const FAST = { network: network(320, 'local', 0.0817), rate: 0.07 };

export const COMPARED_CASES: readonly ComparedCase[] = [
  ...[64, 256, 512, 1024, 2048].map((width) => ({
    name: `train local 784-${width}-10${width === 256 ? ' (the default of mnist)' : ''}`,
    work: 'train' as const,
    network: local(width),
    rate: RATE,
  })),
  ...[256, 1024].map((width) => ({
    name: `train tiled 784-${width}-10`,
    work: 'train' as const,
    network: network(width, 'tiled', 0.1),
    rate: RATE,
  })),
  {
    name: 'train local 784-256-10, no pixel zero',
    work: 'train',
    network: local(),
    rate: RATE,
    noZeros: true,
  },
  { name: 'train dense 784-256-10', work: 'train', network: network(256, 'dense', 1), rate: RATE },
  { name: 'train local 784-256-10 on avx2', work: 'train', network: local(), rate: RATE, kernelSet: 'avx2' },
  { name: 'learn(x, label) from JavaScript', work: 'learn', network: local(), rate: RATE },
  { name: 'predict(x, scores) from JavaScript', work: 'predict', network: local(), rate: RATE },
  { name: 'predictions in bulk', work: 'predict-batch', network: local(), rate: RATE },
  { name: 'time to 97 %, recipe fast', work: 'time-to-accuracy', ...FAST },
];
