/** Formats the report for a terminal. */

import type { BenchResult } from '../../bench/result.js';
import { rivalries } from '../../bench/strongest.js';
import type { Style } from '../style.js';
import { tableLines } from '../table.js';
import { type Baselines, sectionsOf } from './all-sections.js';
import type { Section } from './format.js';

/** The report of all measurements. GPU results appear only if the run was complete. */
export function benchText(result: BenchResult, baselines: Baselines, style: Style): string {
  const isAll = result.online && result.predict && result.learn && result.timeToAccuracy && result.memory;
  const compares = result.baselines.some(({ status }) => status !== 'not asked for');
  const sections = sectionsOf(result, baselines, [
    'machine',
    'online',
    'predict',
    'learn',
    'accuracy',
    'kernels',
    'batch',
    'memory',
    'hardware',
    'against',
    'soak',
    ...(isAll ? (['gpu'] as const) : []),
    ...(compares ? (['baselines'] as const) : []),
    ...(rivalries(result).length > 0 ? (['rivals'] as const) : []),
  ]);
  return sections.map((section) => sectionText(section, style)).join('\n\n');
}

function sectionText({ title, notes = [], tables }: Section, style: Style): string {
  const { paint } = style;
  const parts = tables
    .filter(({ rows }) => rows.length > 0)
    .map(({ title: caption, head, rows, left }) =>
      [
        ...(caption === undefined ? [] : [`  ${paint.dim(caption)}`]),
        ...tableLines(head, rows, style, left),
      ].join('\n'),
    );
  return [paint.bold(title), ...notes.map((note) => `  ${note}`), ...parts].join('\n');
}
