/** Formats a study for a terminal: how its trials ended, and the best of them. */

import { count, percent, seconds, significant } from '../base/numbers.js';
import type { Direction } from '../search/definition/definition.js';
import type { TrialRecord } from '../search/records.js';
import { deviationOf } from '../search/trial/measures.js';
import { choiceLabels } from './choice-labels.js';
import { factLines, type Style } from './style.js';
import { tableLines } from './table.js';

/** A study and its result: plain data, as `sparse-train search --json` prints it. */
export interface StudyResult {
  study: string;
  /** The study's id in its journal. */
  id: string;
  /** The number of trials in the definition, and how many are complete, pruned or failed. */
  trials: number;
  ended: number;
  complete: number;
  pruned: number;
  failed: number;
  /** Whether the study is complete. */
  done: boolean;
  objectives: readonly { measure: string; direction: Direction }[];
  /** The best complete trial by the first objective, or null. */
  best: TrialRecord | null;
  /** The complete trials that no other trial beats in all objectives. */
  front: readonly TrialRecord[];
  /** Wall-clock seconds of this call. */
  seconds: number;
  /** The journal's path. */
  journal: string | null;
  report: string | null;
}

/** Rows in the table of the best trials. */
const ROWS = 10;

/** Formats a result for people. */
export function studyText(result: StudyResult, trials: readonly TrialRecord[], style: Style): string {
  const { paint } = style;
  const { ended, complete, pruned, failed, objectives, front } = result;
  const states = [
    `${count(complete)} complete`,
    ...(pruned > 0 ? [`${count(pruned)} pruned`] : []),
    ...(failed > 0 ? [`${count(failed)} failed`] : []),
  ].join(', ');
  const shown = objectives.length > 1 ? front.slice(0, 2 * ROWS) : bestOf(trials, result).slice(0, ROWS);
  const failures = trials.filter(({ state }) => state === 'failed');
  const lines = [
    `  ${paint.bold(result.study)}: ${count(ended)} of ${count(result.trials)} trials, ${states}`,
    '',
    ...(shown.length === 0 ? ['  no trial is complete'] : trialTable(shown, objectives, style)),
    '',
    ...factLines(
      [
        [
          'front',
          objectives.length > 1 ? `${count(front.length)} trials that no other beats in all` : undefined,
        ],
        ['time', seconds(result.seconds)],
        ['journal', result.journal ?? undefined],
        ['report', result.report ?? undefined],
        [
          'failed',
          failures[0] === undefined
            ? undefined
            : `trial ${failures[0].number}: ${failures[0].error?.message}`,
        ],
      ],
      style,
    ),
  ];
  return lines.join('\n');
}

function bestOf(trials: readonly TrialRecord[], { objectives }: StudyResult): TrialRecord[] {
  const { measure = '', direction = 'minimize' } = objectives[0] ?? {};
  const sign = direction === 'maximize' ? -1 : 1;
  return trials
    .filter(({ state }) => state === 'complete')
    .sort((a, b) => sign * ((a.values[measure] as number) - (b.values[measure] as number)));
}

function trialTable(
  trials: readonly TrialRecord[],
  objectives: StudyResult['objectives'],
  style: Style,
): string[] {
  const names = [...new Set(trials.flatMap(({ parameters }) => Object.keys(parameters)))];
  const labels = new Map(
    names.map((name) => [name, choiceLabels(trials.map(({ parameters }) => parameters[name]))]),
  );
  return tableLines(
    ['trial', ...objectives.map(({ measure }) => measure), ...names],
    trials.map(({ number, values, parameters }) => [
      String(number),
      ...objectives.map(({ measure }) => repeatedText(measure, values)),
      ...names.map((name) => valueText(parameters[name], labels.get(name))),
    ]),
    style,
  );
}

/** A trial's value of a measure; for repeated trainings with its standard deviation. */
export function repeatedText(measure: string, values: TrialRecord['values']): string {
  const kind = measure.replace(/^test\./, '');
  const deviation = values[deviationOf(measure)];
  const text = measureText(kind, values[measure]);
  return deviation === undefined ? text : `${text} ± ${measureText(kind, deviation)}`;
}

/** Measures that are shares from 0 to 1. */
const SHARES: readonly string[] = [
  'accuracy',
  'density',
  'macroF1',
  'microF1',
  'exactMatch',
  'weightsAtLimit',
];

/** A measure's value with its unit. */
export function measureText(measure: string, value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '-';
  if (SHARES.includes(measure)) return percent(value);
  if (measure.endsWith('econds')) return seconds(value);
  return Number.isInteger(value) ? count(value) : significant(value, 4);
}

/** A parameter's value; objects by their labels, from {@link choiceLabels}. */
export function valueText(value: unknown, labels?: ReadonlyMap<string, string>): string {
  if (value === undefined) return '-';
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : significant(value, 4);
  if (typeof value === 'string') return value;
  const json = JSON.stringify(value);
  return labels?.get(json) ?? json;
}
