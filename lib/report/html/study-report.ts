import { count, counted, seconds } from '../../base/numbers.js';
import type { StudyPlan } from '../../search/definition/check.js';
import { importances, LEAST_TRIALS } from '../../search/importance.js';
import type { Objectives } from '../../search/pareto.js';
import { paretoFront } from '../../search/pareto.js';
import type { TrialRecord } from '../../search/records.js';
import type { Space } from '../../search/space/space.js';
import { choiceLabels } from '../../terminal/choice-labels.js';
import { measureText, repeatedText, valueText } from '../../terminal/study-text.js';
import { type Html, html } from './escape.js';
import { figures, renderPage, section, table } from './page.js';

/** The parts of a study that its report needs. */
export interface ReportedStudy {
  readonly name: string;
  readonly space: Space;
  readonly objectives: Objectives;
  readonly trials: readonly TrialRecord[];
  /** A subtitle in words: the study's data, its sampler, and when it began. */
  readonly about: readonly string[];
}

/** The part of a report that describes the definition of a study. */
export function reportedPlan({
  name,
  space,
  objectives,
  sampler,
  training,
}: StudyPlan): Omit<ReportedStudy, 'trials'> {
  const { data } = training ?? {};
  const rows = data?.rows === undefined ? '' : `, ${counted(data.rows, 'row')}`;
  const about = [
    ...(data === undefined ? [] : [`${data.name ?? data.file}${rows}`]),
    `${sampler.kind} sampler`,
  ];
  return { name, space, objectives, about };
}

/** Rows in the table of the best trials. */
const ROWS = 20;

/** The most trials that charts show. If there are more, they show the last ones. */
const MOST = 20_000;

/**
 * The report of a study as self-contained HTML: the front, the objectives over the trials, parallel
 * coordinates, the importance of parameters, and a map over any two of them.
 *
 * @param version - of this package, for the footer
 * @throws SparseTrainError INTERNAL if a file of the package is missing
 */
export function studyReport(study: ReportedStudy, version: string): Promise<string> {
  const { name, trials, objectives } = study;
  const front = paretoFront(trials, objectives);
  const isSeveral = objectives.length > 1;
  return renderPage({
    title: name,
    body: html`${overview(study, front)}
${isSeveral ? section('front', 'The front', html`${objectives.length > 2 ? html`${choose('front-x', 'across')}${choose('front-y', 'up')}` : ''}${chart('front')}`, frontRemark(objectives.length)) : ''}
${section('best', isSeveral ? 'The front, trial by trial' : 'The best trials', bestTable(study, front), isSeveral && front.length > ROWS ? `The first ${ROWS} of ${count(front.length)}; the table of all trials below marks them all.` : undefined)}
${section('history', 'Trial by trial', html`${choose('history-objective', 'objective')}${chart('history')}`, 'Every complete trial, and the best until then.')}
${section(
  'trials',
  'All trials',
  html`<p class="tools"><button id="save-trials" type="button">Save as CSV</button> <span id="trial-count"></span></p>
<div class="scrolls" tabindex="0" role="region" aria-label="All trials"><table id="trial-table"></table></div>
<p><button id="more-trials" type="button" hidden>Show all</button></p>`,
  'Click on a heading to sort by it; click again to reverse the order.',
)}
${section(
  'parallel',
  'All parameters at once',
  html`${choose('parallel-objective', 'coloured by')}${chart('parallel')}`,
  'One line for each complete trial. Drag along an axis to show only the trials in that range; click on the axis to show all again.',
)}
${section(
  'importance',
  'What decides',
  html`${choose('importance-objective', 'objective')}${chart('importance')}<p class="note" id="importance-message" hidden></p>`,
  "The share of the variance of the objective's ranks that each parameter explains by itself, less what chance would give. What parameters do only together is not in it.",
)}
${
  study.space.axes.length < 2
    ? ''
    : section(
        'map',
        'Two parameters',
        html`${choose('map-x', 'across')}${choose('map-y', 'up')}${choose('map-objective', 'objective')}${chart('map')}`,
        'The mean of the complete trials in each field.',
      )
}`,
    footer: html`Made by sparse-train ${version}. Everything on this page is in this file.`,
    scripts: ['echarts.min.js', 'charts.js', 'study-style.js', 'study-map.js', 'study-table.js', 'study.js'],
    styles: ['study.css'],
    styleAttributes: true,
    data: { study: chartData(study, front) },
  });
}

function frontRemark(objectives: number): string {
  const others = 'Blue: trials that no other trial beats in all objectives. Grey: all others.';
  return objectives > 2
    ? `${others} With ${objectives} objectives, the front is not a line in this plane.`
    : others;
}

function chart(name: string): Html {
  return html`<div class="plot study-plot" data-study-chart="${name}" role="img" aria-label="${name}"></div>\n`;
}

function choose(id: string, label: string): Html {
  return html`<label class="choice">${label} <select id="${id}"></select></label>\n`;
}

function overview({ name, trials, objectives, about }: ReportedStudy, front: readonly TrialRecord[]): Html {
  const inState = (wanted: string) => trials.filter(({ state }) => state === wanted).length;
  const complete = inState('complete');
  const spent = trials.reduce((sum, trial) => sum + (trial.seconds ?? 0), 0);
  const best = objectives.map(({ measure, direction }) => {
    const values = front.map(({ values }) => values[measure] as number);
    const value =
      values.length === 0 ? undefined : direction === 'maximize' ? Math.max(...values) : Math.min(...values);
    return { value: measureText(measure, value), label: `best ${measure}` };
  });
  return html`<header>
<h1>${name}</h1>
<p>${about.join(' · ')}</p>
</header>
${figures([
  {
    value: count(complete),
    label: 'complete trials',
    note: states(inState('pruned'), inState('failed'), inState('running')),
  },
  ...best,
  ...(spent > 0 ? [{ value: seconds(spent), label: 'of training and measuring' }] : []),
])}`;
}

function states(pruned: number, failed: number, running: number): string | undefined {
  const parts = [
    ...(pruned > 0 ? [`${count(pruned)} pruned`] : []),
    ...(failed > 0 ? [`${count(failed)} failed`] : []),
    ...(running > 0 ? [`${count(running)} not ended`] : []),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}

function bestTable({ trials, objectives, space }: ReportedStudy, front: readonly TrialRecord[]): Html {
  const { measure = '', direction = 'minimize' } = objectives[0] ?? {};
  const sign = direction === 'maximize' ? -1 : 1;
  const complete = trials
    .filter(({ state }) => state === 'complete')
    .sort((a, b) => sign * ((a.values[measure] as number) - (b.values[measure] as number)));
  const shown = (objectives.length > 1 ? front : complete).slice(0, ROWS);
  const names = space.axes.map((axis) => axis.name);
  const labels = labelsOf(space);
  const measures = objectives.map((objective) => objective.measure);
  const tested = [...new Set([...measures, 'accuracy'])].filter((name) =>
    shown.some(({ values }) => values[`test.${name}`] !== undefined),
  );
  const before = 1 + measures.length + tested.length;
  return table(
    ['trial', ...measures, ...tested.map((name) => `test ${name}`), ...names],
    shown.map(({ number, values, parameters }) => [
      String(number),
      ...[...measures, ...tested.map((name) => `test.${name}`)].map((name) => repeatedText(name, values)),
      ...names.map((parameter) => valueText(parameters[parameter], labels)),
    ]),
    { left: [0, ...space.axes.flatMap(({ parameter }, i) => (isText(parameter) ? [before + i] : []))] },
  );
}

/** Whether some values of a parameter are words. */
function isText(parameter: Space['axes'][number]['parameter']): boolean {
  return parameter.kind === 'categorical' && parameter.choices.some((choice) => typeof choice !== 'number');
}

/** Labels for the choices of all parameters that are objects, by their JSON. */
function labelsOf({ axes }: Space): ReadonlyMap<string, string> {
  return new Map(
    axes.flatMap(({ parameter }) =>
      parameter.kind === 'categorical' ? [...choiceLabels(parameter.choices)] : [],
    ),
  );
}

/** The data that lib/report/client/study.ts draws. */
function chartData({ trials, objectives, space }: ReportedStudy, front: readonly TrialRecord[]): object {
  const complete = trials.filter(({ state }) => state === 'complete').slice(-MOST);
  const labels = labelsOf(space);
  return {
    objectives,
    parameters: space.axes.map(({ name, parameter }) => ({
      name,
      log: parameter.kind !== 'categorical' && parameter.log === true,
      isWhole: parameter.kind === 'int',
      choices:
        parameter.kind === 'categorical'
          ? parameter.choices.map((choice) => valueText(choice, labels))
          : null,
    })),
    trials: complete.map(({ number, values, parameters }) => ({
      number,
      values: objectives.map(({ measure }) => values[measure] ?? null),
      parameters: space.axes.map(({ name, parameter }) => {
        const value = parameters[name];
        if (value === undefined) return null;
        return parameter.kind === 'categorical' ? valueText(value, labels) : (value as number);
      }),
    })),
    all: trials.slice(-MOST).map(({ number, state, seconds: took, values, parameters }) => ({
      number,
      state,
      seconds: took ?? null,
      values,
      parameters: space.axes.map(({ name }) => {
        const value = parameters[name];
        return typeof value === 'number' ? value : value === undefined ? null : valueText(value, labels);
      }),
    })),
    leastTrials: LEAST_TRIALS,
    front: front.map(({ number }) => number),
    importances: objectives.map((objective) => importances(trials, space, objective)),
  };
}
