import { basename } from 'node:path';
import { bytes, count, counted } from '../base/numbers.js';
import { printableLine } from '../base/printable.js';
import type { ProgressiveClassMetrics } from '../online/class-metrics.js';
import type { LearnerInspection } from '../online/learner.js';
import type { ProgressiveNumberMetrics } from '../online/number-metrics.js';
import { scoreFacts } from './stream-text.js';
import { factLines, type Style } from './style.js';
import { tableLines } from './table.js';

/** The contents of a learner's file, for people. */
export interface LearnerFacts extends LearnerInspection {
  readonly file: string;
  readonly bytesOfFile: number;
  readonly digest: string;
  /** The scores of each target. */
  readonly metrics: readonly (ProgressiveClassMetrics | ProgressiveNumberMetrics)[];
  /** When and by which release the file was saved. */
  readonly provenance: { readonly version?: string; readonly date?: string };
}

/** Columns and classes that are listed; the rest are counted. */
const MOST_LISTED = 40;

/** Formats a learner for people. */
export function learnerText(facts: LearnerFacts, style: Style): string {
  const { paint } = style;
  const { rows, columns, names, ignoredNames, metrics, provenance } = facts;
  const isOne = metrics.length === 1;
  const saved = [
    provenance.date === undefined ? [] : `${provenance.date.slice(0, 19).replace('T', ' ')} UTC`,
    provenance.version === undefined ? [] : `sparse-train ${provenance.version}`,
  ].flat();
  return [
    '',
    `  ${paint.bold(basename(facts.file))}  ${paint.dim(bytes(facts.bytesOfFile))}`,
    '',
    ...factLines(
      [
        ['learner', `${counted(rows, 'row')} learned`],
        ...metrics.flatMap((scores, i) => [
          [isOne ? 'target' : `target ${i + 1}`, targetText(scores, facts.classes[i])] as [string, string],
          ...(rows > 0 ? scoreFacts(scores) : []),
          ['changes', driftText(facts.drifts[i])] as [string, string],
        ]),
        ['names', `${count(names)} that have weights (${bytes(facts.bytes)})`],
        [
          'ignored',
          ignoredNames === 0 ? undefined : `${count(ignoredNames)} names, for which there was no room`,
        ],
        ['saved', saved.length === 0 ? undefined : saved.join(', ')],
        ['digest', facts.digest],
      ],
      style,
    ),
    ...columnLines(columns, style),
  ].join('\n');
}

function targetText(scores: LearnerFacts['metrics'][number], classes: readonly string[] = []): string {
  if (scores.kind === 'number') return 'a number';
  const more = classes.length > MOST_LISTED ? ` and ${count(classes.length - MOST_LISTED)} more` : '';
  const listed = classes.slice(0, MOST_LISTED).map(printableLine).join(', ');
  return classes.length === 0 ? 'a class' : `one of ${count(classes.length)} classes: ${listed}${more}`;
}

function driftText(drifts: LearnerFacts['drifts'][number] = []): string {
  const last = drifts.at(-1);
  return last === undefined
    ? 'none found'
    : `${counted(drifts.length, 'change')}, the latest at row ${count(last.row)}`;
}

function columnLines(columns: LearnerInspection['columns'], style: Style): string[] {
  if (columns.length === 0) return [];
  const rows = columns
    .slice(0, MOST_LISTED)
    .map(({ name, kinds, names }) => [name, kinds.join(', '), count(names)]);
  const more = columns.length - rows.length;
  return [
    '',
    ...tableLines(['column', 'kinds of values', 'names'], rows, style, [0, 1]),
    ...(more > 0 ? [`and ${counted(more, 'more column')}`] : []),
  ];
}
