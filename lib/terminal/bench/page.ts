/** Writes docs/benchmarks.md. */
import type { BenchResult } from '../../bench/result.js';
import type { BaselineDocument, Named } from '../../bench/result-files.js';
import { againstSection } from './against.js';
import { batchSection } from './batch.js';
import type { Section, Table } from './format.js';
import { hardwareSection } from './hardware.js';
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

type Baselines = readonly Named<BaselineDocument>[];

/** The beginning of the page. */
const PREFACE = `# Benchmarks

<!-- Generated from the files in scripts/baselines/results; do not edit. -->

\`sparse-train bench all\` measures everything on this page, on any machine; CONTRIBUTING.md has the command that writes the page. All
that is compared was measured in one run, in turn, round after round. Tables give the median, and in brackets the least and
the most. [lab/kernels.md](lab/kernels.md) says what bounds the kernels, with a roofline.
`;

/** The whole page. */
export function benchmarkPage(result: BenchResult, baselines: Baselines): string {
  const sections = [
    rivalSection(result),
    machineSection(result),
    ...(result.online ? [onlineSection(result)] : []),
    gpuSection(result, baselines),
    ...(result.timeToAccuracy ? [accuracySection(result)] : []),
    ...(result.predict ? [predictSection(result)] : []),
    ...(result.learn ? [learnSection(result)] : []),
    ...(result.batch ? [batchSection(result)] : []),
    ...(result.against ? [againstSection(result)] : []),
    ...(result.memory ? [memorySection(result)] : []),
    ...(result.hardware ? [hardwareSection(result)] : []),
    baselineSection(result),
    notesSection(baselines),
  ];
  return `${[PREFACE, ...sections.map(sectionMarkdown)].join('\n')}`;
}

function notesSection(baselines: Baselines): Section {
  const notes = new Set(baselines.flatMap(({ document }) => document.notes));
  return { title: 'Notes of the result files', text: [...notes].map((note) => `- ${note}`), tables: [] };
}

/** A section as Markdown. */
export function sectionMarkdown({ title, text, notes = [], tables }: Section): string {
  const isList = text.every((line) => line.startsWith('- '));
  const paragraphs = text.length === 0 ? [] : [text.join(isList ? '\n' : '\n\n')];
  return `${[`## ${title}`, ...paragraphs, ...notes, ...tables.map(tableMarkdown)].join('\n\n')}\n`;
}

/** A table as Markdown, below its caption. */
export function tableMarkdown({ title, head, rows, left = [0] }: Table): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = head.map((_, i) => (left.includes(i) ? '---' : '---:'));
  const caption = title === undefined ? [] : [`**${title}**`, ''];
  return [...caption, line(head), line(rule), ...rows.map(line)].join('\n');
}
