import { bytes, count, percent, perSecond, seconds } from '../../base/numbers.js';
import type { Latency } from '../../bench/soak/latency.js';
import type { SoakResult, SoakSample } from '../../bench/soak/result.js';
import type { Section, Table } from './format.js';

/** The number of rows in the table over time. */
const STRETCHES = 10;

/** The report of a long run of online learning. */
export function soakSection(soak: SoakResult): Section {
  return {
    title: 'A long run of learn() and predict()',
    text: [
      'One example after another, in one process: predict(), then learn(). Times are those of single calls, reading the ' +
        'clock included.',
    ],
    tables: [factTable(soak), callTable(soak), timeTable(soak.samples)],
  };
}

function factTable(soak: SoakResult): Table {
  const { layers, edges, arithmetic, schedule, rate, kernelSet, interrupted, memory } = soak;
  const asked = rate === null ? 'as many as possible asked for' : `${perSecond(rate)} asked for`;
  const growth = memory.growthBytes;
  const rows = [
    ['network', `${layers.join('-')}, ${count(edges)} edges, ${arithmetic}, ${schedule}, on ${kernelSet}`],
    ['time', `${seconds(soak.seconds)}${interrupted ? ' (interrupted)' : ''}`],
    ['examples', `${count(soak.examples)} (${perSecond(soak.examplesPerSecond)}; ${asked})`],
    [
      'resident memory',
      `at most ${bytes(memory.firstHalfBytes)} in the first half, ${bytes(memory.secondHalfBytes)} in the second ` +
        `(${growth > 0 ? `${bytes(growth)} more` : 'no more'})`,
    ],
    ['second engine', checkText(soak)],
    ['digest', soak.digest],
  ];
  return { head: ['', ''], rows, left: [0, 1] };
}

function checkText({ check }: SoakResult): string {
  if (check === null) return 'none';
  const { kernelSet, chunks, examples, differsAt, waitedSeconds } = check;
  if (differsAt !== null) return `${kernelSet}: DIFFERENT after ${count(differsAt)} examples`;
  const waited = waitedSeconds >= 0.5 ? `; waited for it for ${seconds(waitedSeconds)}` : '';
  return `${kernelSet}: the same digest and scores, ${count(chunks)} times, over ${count(examples)} examples${waited}`;
}

function callTable({ learn, predict }: SoakResult): Table {
  const rows = Object.entries({ learn, predict }).map(([call, latency]) => [`${call}()`, ...times(latency)]);
  return { head: ['call', 'p50', 'p99', 'p99.9', 'longest'], rows };
}

function times({ p50, p99, p999, max }: Latency): string[] {
  return [p50, p99, p999, max].map((nanoseconds) => seconds(nanoseconds / 1e9));
}

/** A selection of the run's stretches, with the first and the last. */
function timeTable(samples: readonly SoakSample[]): Table {
  const many = Math.min(STRETCHES, samples.length);
  const chosen = Array.from(
    { length: many },
    (_, i) => samples[many === 1 ? 0 : Math.round((i * (samples.length - 1)) / (many - 1))] as SoakSample,
  );
  return {
    title: 'Over time',
    head: [
      'until',
      'examples',
      'known',
      'resident',
      'learn p50',
      'p99',
      'p99.9',
      'predict p50',
      'p99',
      'p99.9',
    ],
    rows: chosen.map((sample) => [
      seconds(sample.seconds),
      count(sample.examples),
      percent(sample.accuracy),
      bytes(sample.rssBytes),
      ...times(sample.learn).slice(0, 3),
      ...times(sample.predict).slice(0, 3),
    ]),
  };
}
