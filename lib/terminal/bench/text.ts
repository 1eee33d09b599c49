/** Formats the report for a terminal. */

import type { BenchResult } from '../../bench/result.js';
import type { BaselineDocument, Named } from '../../bench/result-files.js';
import { rivalries } from '../../bench/strongest.js';
import type { Style } from '../style.js';
import { tableLines } from '../table.js';
import { againstSection } from './against.js';
import { batchSection } from './batch.js';
import type { Section } from './format.js';
import { hardwareSection } from './hardware.js';
import { kernelSection } from './roofline.js';
import {
  accuracySection,
  baselineSection,
  gpuSection,
  learnSection,
  machineSection,
  memorySection,
  onlineSection,
  predictSection,
  rivalSection,
} from './sections.js';
import { soakSection } from './soak.js';

/** The report of all measurements. GPU results appear only if the run was complete. */
export function benchText(
  result: BenchResult,
  baselines: readonly Named<BaselineDocument>[],
  style: Style,
): string {
  const isAll = result.online && result.predict && result.learn && result.timeToAccuracy && result.memory;
  const compares = result.baselines.some(({ status }) => status !== 'not asked for');
  const sections = [
    machineSection(result),
    ...(result.online ? [onlineSection(result)] : []),
    ...(result.predict ? [predictSection(result)] : []),
    ...(result.learn ? [learnSection(result)] : []),
    ...(result.timeToAccuracy ? [accuracySection(result)] : []),
    ...(result.kernels ? [kernelSection(result)] : []),
    ...(result.batch ? [batchSection(result)] : []),
    ...(result.memory ? [memorySection(result)] : []),
    ...(result.hardware ? [hardwareSection(result)] : []),
    ...(result.against ? [againstSection(result)] : []),
    ...(result.soak ? [soakSection(result.soak)] : []),
    ...(isAll ? [gpuSection(result, baselines)] : []),
    ...(compares ? [baselineSection(result)] : []),
    ...(rivalries(result).length > 0 ? [rivalSection(result)] : []),
  ];
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
