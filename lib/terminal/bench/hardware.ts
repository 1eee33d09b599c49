import { count } from '../../base/numbers.js';
import type { BenchResult } from '../../bench/result.js';
import { quantity } from '../../bench/statistics.js';
import type { Section } from './format.js';

/** The published network in software beside its published FPGA. */
export function hardwareSection({ hardware }: BenchResult): Section {
  const fpga = hardware?.fpga;
  const rate = fpga === undefined ? '-' : count(fpga.imagesPerSecond);
  return {
    title: "The hardware's arithmetic",
    text: [
      `The published network of an FPGA, ${hardware?.layers.join('-')} with fan-outs ${hardware?.fanOut.join(' and ')}, trained in its own arithmetic, bit for bit, on one ` +
        `core. The FPGA itself trains ${rate} images/s (${fpga?.clocks} clocks each at ${fpga?.megahertz} MHz).`,
    ],
    tables: [
      {
        head: ['format', 'kernel set', 'µs per image', 'images/s', 'times the FPGA'],
        rows: (hardware?.rows ?? []).map(({ width, integerBits, kernelSet, microseconds, ratio }) => [
          `${width} bits, 1.${integerBits}.${width - 1 - integerBits}`,
          kernelSet,
          quantity(microseconds, (each) => each.toFixed(2)),
          count(Math.round(1e6 / microseconds.median)),
          quantity(ratio, (times) => times.toFixed(2)),
        ]),
        left: [0, 1],
      },
    ],
  };
}
