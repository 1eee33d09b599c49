import { basename } from 'node:path';
import { seconds, significant } from '../../base/numbers.js';
import { describeBuild } from '../../bench/against/builds.js';
import type { AgainstResult, AgainstRow, BenchResult } from '../../bench/result.js';
import { quantity } from '../../bench/statistics.js';
import type { Section } from './format.js';

/** The comparison of this build with another one. */
export function againstSection({ against }: BenchResult): Section {
  return {
    title: 'Against another build of this package',
    text: [
      'Both builds did the same work in turn, window after window, each in a process of its own, on one core. Times are medians of ' +
        'windows, with the extremes in brackets. The ratio says how many times as fast this build is.',
    ],
    ...(against === undefined ? { tables: [] } : { notes: notesOf(against), tables: [tableOf(against)] }),
  };
}

function notesOf({ here, there, rows }: AgainstResult): string[] {
  const differing = rows.filter(({ sameBits }) => sameBits === false).map(({ name }) => name);
  const builds = `This build: ${describeBuild(here)} (${basename(here.folder)}). The other: ${describeBuild(there)} (${basename(there.folder)}).`;
  return differing.length === 0 ? [builds] : [builds, `DIFFERENT BITS: ${differing.join('; ')}`];
}

function tableOf({ here, there, rows }: AgainstResult): Section['tables'][number] {
  return {
    head: ['what', describeBuild(there), describeBuild(here), 'best window', 'median window', 'bits'],
    rows: rows.map(rowOf),
    left: [0, 5],
  };
}

function rowOf({
  name,
  unit,
  here,
  there,
  best,
  median,
  sameBits,
  leastAccuracy,
  failure,
}: AgainstRow): string[] {
  if (here === undefined || there === undefined || best === undefined || median === undefined) {
    return [name, '-', '-', '-', '-', `not measured: ${failure ?? 'unknown'}`];
  }
  const time = (microseconds: number) => seconds(microseconds / 1e6);
  const accuracy = leastAccuracy === undefined ? '' : `, accuracy ${leastAccuracy.toFixed(4)} or more`;
  return [
    `${name}, an ${unit}`.replace(/an (call|training)$/, 'a $1'),
    quantity(there, time),
    quantity(here, time),
    `${significant(best, 3)}x`,
    `${significant(median, 3)}x`,
    `${sameBits ? 'the same' : 'DIFFERENT'}${accuracy}`,
  ];
}
