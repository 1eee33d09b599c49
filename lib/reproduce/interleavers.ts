/** The interleaver variants on MNIST and on Morse code. */

import type { NetworkOptions } from '../network/options.js';
import type { PatternOption } from '../network/patterns.js';
import { PUBLISHED } from './bit-widths.js';
import { type Run, wholeSet } from './run.js';

/** The patterns to compare, with an explanation. */
export const VARIANTS: readonly { readonly pattern: PatternOption & string; readonly what: string }[] = [
  { pattern: 'SV', what: 'one start vector for all sweeps (clash-free type 3)' },
  { pattern: 'SS', what: 'a new start vector for every sweep (clash-free type 2)' },
  { pattern: 'MD', what: 'start vectors of zeros, memories permuted' },
  { pattern: 'SV+MD', what: 'one start vector, memories permuted' },
  { pattern: 'SS+MD', what: 'new start vectors, memories permuted anew for every sweep' },
  {
    pattern: 'clash-free-1',
    what: 'rows in random order, new for every sweep and memory (clash-free type 1)',
  },
  { pattern: 'structured', what: 'fixed fan-in and fan-out, otherwise random' },
  { pattern: 'random', what: 'only the number of edges is fixed' },
];

/** The data and networks. */
export const TASKS = [
  {
    data: 'mnist',
    layers: PUBLISHED.layers,
    fanOut: PUBLISHED.fanOut,
    parallelism: PUBLISHED.parallelism,
    epochs: 3,
    seeds: 5,
    arithmetic: { kind: 'hardware', width: 12, integerBits: 3 },
    what: 'MNIST, 1024-64-32 with fan-outs 4 and 16, z 128 and 32, hardware arithmetic of 12 bits (1.3.8), 60,000 images, 3 epochs',
  },
  {
    data: 'morse',
    layers: [64, 1024, 64],
    fanOut: [256, 16],
    // The first junction processes two right neurons per clock; with fewer, dithering would change nothing.
    parallelism: [32, 32],
    epochs: 4,
    seeds: 3,
    arithmetic: { kind: 'wide' },
    what: 'Morse code, 64-1024-64 with fan-outs 256 and 16, z 32 and 32, wide arithmetic of 16 bits, 51,200 frames, 4 epochs',
  },
] as const;

/** All runs of the study. */
export function interleaverRuns(quick: boolean): Run[] {
  return TASKS.flatMap((task) =>
    VARIANTS.flatMap(({ pattern }) => {
      const isClashFree = pattern !== 'structured' && pattern !== 'random';
      const { data, layers, fanOut, parallelism, arithmetic } = task;
      const network: NetworkOptions = {
        layers,
        fanOut,
        pattern,
        parallelism: isClashFree ? parallelism : undefined,
        arithmetic,
      };
      const epochs = quick ? 1 : task.epochs;
      const learningRate =
        arithmetic.kind === 'hardware'
          ? ({ kind: 'powers-of-two', exponent: 3, boundaries: [25_000, 75_000] } as const)
          : ({ kind: 'cosine', rate: 0.1 } as const);
      return Array.from({ length: quick ? 1 : task.seeds }, (_, i): Run => {
        const seed = i + 1;
        const group = `${data} ${pattern}`;
        const shape = `${layers.join('-')}, fan-outs ${fanOut.join(', ')}, z ${parallelism.join(', ')}`;
        return {
          key: `${group}, ${shape}, ${epochs} epochs, seed ${seed}`,
          group,
          network,
          fit: { epochs, learningRate },
          data: wholeSet(data),
          seed,
        };
      });
    }),
  );
}
