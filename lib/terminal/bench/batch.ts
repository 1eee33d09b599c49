import { bytes, count, percent, perSecond, significant } from '../../base/numbers.js';
import type { BatchPassRow, BatchRow, BenchResult, Comparison, PassesBeside } from '../../bench/result.js';
import { quantity } from '../../bench/statistics.js';
import type { Section, Table } from './format.js';

/** The sections about mini-batches: the passes of a junction, and whole networks beside other libraries. */
export function batchSection({ batch }: BenchResult): Section {
  return {
    title: 'Mini-batches',
    text: [
      `Batches of ${batch?.batch}, integers throughout. An edge-sample is one multiply-accumulate; every pass (FF, BP, UP with its update) ` +
        'does one per edge and sample. The peak is that of 16-bit dot products measured in the same run; the limit is the ' +
        'larger of what the peak and what reading the pass’s bytes allow, the rows of samples at the speed of the level in ' +
        'brackets. One core; the fastest of many batches, the median over rounds. Training takes whole networks through ' +
        'MNIST, loading, softmax and biases included; a ratio above 1 says that sparse-train was faster.',
    ],
    tables: [
      passTable(batch?.passes ?? []),
      ...(batch?.beside === undefined ? [] : [besideTable(batch.beside, batch.batch)]),
      ...(batch?.versus ?? []).map(versusTable),
    ],
  };
}

function passTable(rows: readonly BatchRow[]): Table {
  const pass = ({ edgeSamplesPerSecond, shareOfPeak, shareOfLimit, bound, level }: BatchPassRow) => {
    const what = bound === 'arithmetic' ? bound : `${bound}, ${level}`;
    return `${billions(edgeSamplesPerSecond.median)} (${percent(shareOfPeak, 0)} of peak, ${percent(shareOfLimit, 0)} of limit: ${what})`;
  };
  return {
    title: 'Passes of a junction, billions of edge-samples per second',
    head: [
      'junction',
      'pattern',
      'edges',
      'kernel set',
      'FF',
      'BP',
      'UP',
      'all three',
      'bytes per edge',
      'layers',
    ],
    rows: rows.map((row) => [
      `${row.left}-${row.right}`,
      `${row.pattern}, ${row.layout}`,
      count(row.edges),
      row.kernelSet,
      pass(row.forward),
      pass(row.backward),
      pass(row.update),
      quantity(row.step, billions),
      significant(row.bytesPerEdge),
      bytes(row.layerBytes),
    ]),
    left: [0, 1, 3],
  };
}

const billions = (value: number): string => significant(value / 1e9, 3);

function besideTable({ left, right, density, rows }: PassesBeside, batch: number): Table {
  return {
    title:
      `The passes of ${left}-${right}, ${percent(density, 0)} of the edges, batch ${batch}, beside the products of others ` +
      '(fp32), billions of edge-samples per second, one core; of dense ones only these edges count',
    head: ['', '', 'FF', 'BP', 'UP', 'all three', 'sparse-train is (times as fast)'],
    rows: rows.map(({ name, dense, forward, backward, update, step, ratio }) => [
      name,
      dense ? 'dense' : 'sparse',
      ...[forward, backward, update].map(({ median }) => billions(median)),
      quantity(step, billions),
      quantity(ratio, (value) => `${significant(value, 3)}x`),
    ]),
    left: [0, 1],
  };
}

function versusTable({ ours, others }: Comparison): Table {
  const row = (name: string, dense: boolean, threads: number, speed: string, ratio: string) => [
    name,
    dense ? 'dense' : 'sparse',
    String(threads),
    speed,
    ratio,
  ];
  return {
    title: `Training ${ours.layers.join('-')}, batch ${ours.batch}, ${ours.threads} ${ours.threads === 1 ? 'thread' : 'threads'}`,
    head: ['', '', 'threads', 'samples/s', 'sparse-train is (times as fast)'],
    rows: [
      row(ours.name, ours.dense, ours.threads, quantity(ours.samplesPerSecond, perSecond), '1'),
      ...others.map(({ name, mode, dense, threads, samplesPerSecond, ratio }) =>
        row(
          [name, mode].filter((part) => part !== undefined).join(' '),
          dense,
          threads,
          quantity(samplesPerSecond, perSecond),
          quantity(ratio, (value) => `${significant(value, 3)}x`),
        ),
      ),
    ],
    left: [0, 1],
  };
}
