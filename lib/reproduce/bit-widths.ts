/** The published formats on the published network, schedule and data, and the wide arithmetic with the same widths. */

import type { Arithmetic } from '../network/arithmetic.js';
import type { FitOptions } from '../training/fit-options.js';
import { type Run, wholeSet } from './run.js';

/** The published network: 784 pixels padded to 1024, 10 digits to 32 outputs (arXiv:1806.01087). */
export const PUBLISHED = { layers: [1024, 64, 32], fanOut: [4, 16], parallelism: [128, 32] } as const;

/** A published format. */
export interface PublishedFormat {
  readonly width: number;
  readonly integerBits: number;
  /** 1 if its published tables are floored at 1. */
  readonly tableFloor: 0 | 1;
  /** Lowest and highest test accuracy of an earlier emulation, in percent: 12,544 images, 15 epochs. */
  readonly measured?: readonly [number, number];
}

/** The published formats, narrowest first. */
export const FORMATS: readonly PublishedFormat[] = [
  { width: 8, integerBits: 2, tableFloor: 1, measured: [63, 76] },
  { width: 10, integerBits: 1, tableFloor: 0 },
  { width: 10, integerBits: 2, tableFloor: 0, measured: [92.1, 92.1] },
  { width: 10, integerBits: 3, tableFloor: 0, measured: [89, 91] },
  { width: 12, integerBits: 2, tableFloor: 0 },
  { width: 12, integerBits: 3, tableFloor: 0, measured: [92.4, 92.4] },
  { width: 16, integerBits: 3, tableFloor: 0 },
  { width: 16, integerBits: 4, tableFloor: 1, measured: [92.4, 92.4] },
  { width: 32, integerBits: 10, tableFloor: 0 },
];

/** Test accuracy of an earlier emulation with all images, in percent: 12 bits (1.3.8), 5 epochs. */
export const MEASURED_ALL = { format: '1.3.8', accuracy: 92.8 } as const;

/** `1.3.8` */
export function formatName({ width, integerBits }: Pick<PublishedFormat, 'width' | 'integerBits'>): string {
  return `1.${integerBits}.${width - 1 - integerBits}`;
}

/** The parts of the data, and for how many epochs each is presented. */
export const PARTS = [
  { data: 'part', images: 12_544, epochs: 15 },
  { data: 'all', images: 60_000, epochs: 5 },
] as const;

const WIDE_BITS = [8, 10, 12, 16];
const WIDE_RATE = { kind: 'cosine', rate: 0.02 } as const;
const PUBLISHED_RATE = { kind: 'powers-of-two', exponent: 3, boundaries: [25_000, 75_000] } as const;
const SEEDS = 5;

/** All runs of the study. */
export function bitWidthRuns(quick: boolean): Run[] {
  const seeds = quick ? 2 : SEEDS;
  const parts = quick ? PARTS.slice(0, 1) : PARTS;
  return parts.flatMap((part) => {
    const epochs = quick ? 2 : part.epochs;
    const hardware = FORMATS.flatMap((format) => {
      const { width, integerBits, tableFloor } = format;
      const arithmetic: Arithmetic = { kind: 'hardware', width, integerBits, tableFloor };
      return runsOf(`hardware ${formatName(format)}`, part, epochs, seeds, arithmetic, PUBLISHED_RATE);
    });
    const wide = WIDE_BITS.flatMap((weightBits) =>
      runsOf(`wide ${weightBits}`, part, epochs, seeds, { kind: 'wide', weightBits }, WIDE_RATE),
    );
    return [...hardware, ...wide];
  });
}

function runsOf(
  name: string,
  { data, images }: (typeof PARTS)[number],
  epochs: number,
  seeds: number,
  arithmetic: Arithmetic,
  learningRate: FitOptions['learningRate'],
): Run[] {
  const { layers, fanOut, parallelism } = PUBLISHED;
  return Array.from({ length: seeds }, (_, i) => ({
    key: `${name} ${data} ${epochs} seed ${i + 1}`,
    group: `${name} ${data}`,
    data: { ...wholeSet('mnist'), rows: images },
    seed: i + 1,
    network: { layers, fanOut, parallelism, pattern: 'clash-free-2', arithmetic },
    // The hardware receives its images in the order of the files.
    fit: { epochs, learningRate, shuffle: false },
  }));
}
