/** Writes docs/benchmarks.md. */
import type { BenchResult } from '../../bench/result.js';
import { type Baselines, sectionsOf } from './all-sections.js';
import type { Section } from './format.js';
import { sectionMarkdown } from './markdown.js';

/** The beginning of the page. */
const PREFACE = `# Benchmarks

<!-- Generated from the files in scripts/baselines/results; do not edit. -->

\`sparse-train bench all\` measures everything on this page, on any machine; CONTRIBUTING.md has the command that writes the page. All
that is compared was measured in one run, in turn, round after round. Tables give the median, and in brackets the least and
the most. [lab/kernels.md](lab/kernels.md) says what bounds the kernels, with a roofline.
`;

/** The whole page. */
export function benchmarkPage(result: BenchResult, baselines: Baselines): string {
  const sections = sectionsOf(result, baselines, [
    'rivals',
    'machine',
    'online',
    'gpu',
    'accuracy',
    'predict',
    'learn',
    'batch',
    'against',
    'memory',
    'hardware',
    'baselines',
  ]);
  return `${[PREFACE, ...[...sections, notesSection(baselines)].map(sectionMarkdown)].join('\n')}`;
}

function notesSection(baselines: Baselines): Section {
  const notes = new Set(baselines.flatMap(({ document }) => document.notes));
  return { title: 'Notes of the result files', text: [...notes].map((note) => `- ${note}`), tables: [] };
}
