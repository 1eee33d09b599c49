/** The published formats on the published network, schedule and data, beside the wide arithmetic of the same widths. */

import { loadDataset } from '../catalog/registry.js';
import { padDataset } from '../data/padding.js';
import type { Arithmetic } from '../network/arithmetic.js';
import type { StudyData, Trial } from './study.js';

/** The published network: 784 pixels padded to 1024, 10 digits to 32 outputs (arXiv:1806.01087). */
export const PUBLISHED = { layers: [1024, 64, 32], fanOut: [4, 16], parallelism: [128, 32] } as const;

/** A published format. */
export interface PublishedFormat {
  readonly width: number;
  readonly integerBits: number;
  /** Whether its published tables are floored at 1. */
  readonly tableFloor: 0 | 1;
  /** Test accuracy in percent of an earlier emulation: 12,544 images, 15 epochs; lowest and highest. */
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

/** Test accuracy in percent of an earlier emulation with all images: 12 bits (1.3.8), 5 epochs. */
export const MEASURED_ALL = { format: '1.3.8', accuracy: 92.8 } as const;

/** `1.3.8` */
export function formatName({ width, integerBits }: Pick<PublishedFormat, 'width' | 'integerBits'>): string {
  return `1.${integerBits}.${width - 1 - integerBits}`;
}

/** Parts of the data and how often they are presented. */
export const PARTS = [
  { data: 'part', images: 12_544, epochs: 15 },
  { data: 'all', images: 60_000, epochs: 5 },
] as const;

const WIDE_BITS = [8, 10, 12, 16];
const SEEDS = 5;

/** All runs of the study. */
export function bitWidthTrials(quick: boolean): Trial[] {
  const seeds = quick ? 2 : SEEDS;
  const parts = quick ? PARTS.slice(0, 1) : PARTS;
  const trials: Trial[] = [];
  const add = (
    group: string,
    data: string,
    epochs: number,
    arithmetic: Arithmetic,
    rate: Trial['fit']['learningRate'],
  ) => {
    for (let seed = 1; seed <= seeds; seed++) {
      trials.push({
        key: `${group} ${data} ${epochs} seed ${seed}`,
        group: `${group} ${data}`,
        data,
        seed,
        network: {
          layers: PUBLISHED.layers,
          fanOut: PUBLISHED.fanOut,
          parallelism: PUBLISHED.parallelism,
          pattern: 'clash-free-2',
          arithmetic,
        },
        // The hardware gets its images in the order of the files.
        fit: { epochs, learningRate: rate, shuffle: false },
      });
    }
  };
  const published = { kind: 'powers-of-two', exponent: 3, boundaries: [25_000, 75_000] } as const;
  for (const { data, epochs: full } of parts) {
    const epochs = quick ? 2 : full;
    for (const format of FORMATS) {
      const { width, integerBits, tableFloor } = format;
      add(
        `hardware ${formatName(format)}`,
        data,
        epochs,
        { kind: 'hardware', width, integerBits, tableFloor },
        published,
      );
    }
    for (const weightBits of WIDE_BITS)
      add(`wide ${weightBits}`, data, epochs, { kind: 'wide', weightBits }, { kind: 'cosine', rate: 0.02 });
  }
  return trials;
}

/** MNIST as the hardware gets it. */
export async function bitWidthData(name: string): Promise<StudyData> {
  const { train, test } = await loadDataset('mnist');
  const part = PARTS.find(({ data }) => data === name);
  const images = part?.images ?? train.rows;
  const [columns] = PUBLISHED.layers;
  return { train: padDataset(train.slice(0, images), columns), test: padDataset(test, columns) };
}
