/**
 * Compares `sparse-train train` with its defaults to scikit-learn's learners with theirs, on tables with test rows.
 *
 *     node scripts/compare-tables.mjs [--python PYTHON] [--only NAME,...]   writes docs/results/tables.json and docs/tables.md
 *     node scripts/compare-tables.mjs FOLDER [--python PYTHON]              prints the same for the tables of a folder
 *
 * With --only, the results of the other tables stay as they are in the file, and with an empty list only the page is written.
 * FOLDER has NAME.train.csv[.gz], NAME.test.csv[.gz] and tables.json, as scripts/baselines/tables.py explains. PYTHON must have
 * scikit-learn. Every figure is the mean over the seeds 1 to 3.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const inRepository = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const CLI = inRepository('dist/cli/main.js');
const TABLES_PY = inRepository('scripts/baselines/tables.py');
const SEEDS = [1, 2, 3];
/** The file of results beside the page. */
const RESULTS = 'docs/results/tables.json';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { python: { type: 'string', default: 'python3' }, only: { type: 'string' } },
});

const mean = (numbers) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;

function python(...words) {
  const env = { ...process.env, OMP_NUM_THREADS: '1' };
  return execFileSync(values.python, [TABLES_PY, ...words], { encoding: 'utf8', env });
}

/** The mean of each measure of `sparse-train train` over the seeds. */
function trained(folder, name, { label, task }, ...more) {
  const file = (part) => {
    const plain = join(folder, `${name}.${part}.csv`);
    return existsSync(plain) ? plain : `${plain}.gz`;
  };
  const data = ['--data', file('train'), '--test', file('test'), '--label', label, '--task', task];
  const metrics = SEEDS.map((seed) => {
    const words = ['train', ...data, '--seed', String(seed), '--no-save', '--json', '--quiet', ...more];
    const { test } = JSON.parse(
      execFileSync(process.execPath, [CLI, ...words], { encoding: 'utf8', maxBuffer: 2 ** 28 }),
    );
    if (task === 'regress') return { r2: test.r2 };
    const { auc, averagePrecision } = test.twoClasses ?? {};
    return {
      accuracy: test.accuracy,
      loss: test.loss,
      ...(auc === undefined ? {} : { auc, averagePrecision }),
    };
  });
  return Object.fromEntries(
    Object.keys(metrics[0]).map((key) => [key, mean(metrics.map((one) => one[key]))]),
  );
}

/** Results of all learners on one table. */
function measured(folder, name, facts) {
  const learners = python('score', folder, name)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { rows, testRows, majority, constantLoss } = learners[0];
  const ours = trained(folder, name, facts);
  const float = facts.task === 'regress' ? trained(folder, name, facts, '--arithmetic', 'float') : undefined;
  const others = Object.fromEntries(
    learners.map(({ learner, accuracy, loss, r2, auc, averagePrecision }) => [
      learner,
      { accuracy, loss, r2, auc, averagePrecision },
    ]),
  );
  return { table: name, task: facts.task, rows, testRows, majority, constantLoss, ours, float, others };
}

const three = (value) => (value === undefined ? '–' : value.toFixed(3));
const points = (value) => (100 * value).toFixed(1);
const row = (cells) => `| ${cells.join(' | ')} |`;
const table = (heading, rows) => [row(heading), row(heading.map(() => '---')), ...rows.map(row)].join('\n');

/** Results by table, and their means. Each column has a name and a function that gets its value from a result. */
function withMeans(columns, results) {
  return table(
    ['table', 'rows', ...columns.map(([name]) => name)],
    [
      ...results.map((result) => [
        result.table,
        result.rows,
        ...columns.map(([, get]) => three(get(result))),
      ]),
      ['**mean**', '', ...columns.map(([, get]) => three(mean(results.map(get))))],
    ],
  );
}

function classification(results) {
  const chosen = results.filter(({ task }) => task === 'classify');
  if (chosen.length === 0) return '';
  const of = (learner, key) => (result) => result.others[learner][key];
  const columns = [
    ['sparse-train', ({ ours }) => ours.accuracy],
    ['MLPClassifier', of('MLPClassifier', 'accuracy')],
    ['HistGradientBoosting', of('HistGradientBoosting', 'accuracy')],
    ['LogisticRegression', of('LogisticRegression', 'accuracy')],
    ['the majority', ({ majority }) => majority],
  ];
  const losses = [
    ['sparse-train', ({ ours }) => ours.loss],
    ['MLPClassifier', of('MLPClassifier', 'loss')],
    ['HistGradientBoosting', of('HistGradientBoosting', 'loss')],
    ['LogisticRegression', of('LogisticRegression', 'loss')],
    ['a constant', ({ constantLoss }) => constantLoss],
  ];
  const margins = chosen.map(({ table: name, ours, others }) => {
    const best = Math.max(others.MLPClassifier.accuracy, others.HistGradientBoosting.accuracy);
    return { name, margin: ours.accuracy - best };
  });
  const worst = margins.reduce((least, each) => (each.margin < least.margin ? each : least));
  const under = chosen.filter(({ ours, constantLoss }) => ours.loss < constantLoss).length;
  const near = chosen.filter(({ ours, others }) => ours.loss <= 1.1 * others.LogisticRegression.loss).length;
  const [own, mlp, trees] = columns.map(([, get]) => mean(chosen.map(get)));
  const rare = chosen.filter(({ ours, majority }) => ours.averagePrecision !== undefined && majority > 0.9);
  return [
    '## Classes',
    '',
    'The share of test rows that are right:',
    '',
    withMeans(columns, chosen),
    '',
    `The mean is ${points(own - Math.max(mlp, trees))} points above that of the better of MLPClassifier and ` +
      `HistGradientBoosting. Against the better of the two on each table, the mean difference is ` +
      `${points(mean(margins.map(({ margin }) => margin)))} points and the worst ${points(worst.margin)} (${worst.name}).`,
    '',
    'Cross-entropy of the predicted probabilities in nats, less is better:',
    '',
    table(
      ['table', ...losses.map(([name]) => name)],
      chosen.map((result) => [result.table, ...losses.map(([, get]) => three(get(result)))]),
    ),
    '',
    `It is below the constant's on ${under} of ${chosen.length} tables, and at most 10 % above that of LogisticRegression ` +
      `on ${near}.`,
    ...rare.flatMap(({ table: name, ours, others }) => [
      '',
      `On \`${name}\`, where one class is rare, the average precision is ${three(ours.averagePrecision)} (` +
        Object.entries(others)
          .map(([learner, { averagePrecision }]) => `${learner} ${three(averagePrecision)}`)
          .join(', ') +
        ').',
    ]),
  ].join('\n');
}

function regression(results) {
  const chosen = results.filter(({ task }) => task === 'regress');
  if (chosen.length === 0) return '';
  const columns = [
    ['sparse-train', ({ ours }) => ours.r2],
    ['with `--arithmetic float`', ({ float }) => float.r2],
    ...['MLPRegressor', 'HistGradientBoosting', 'Ridge'].map((learner) => [
      learner,
      ({ others }) => others[learner].r2,
    ]),
  ];
  const apart = Math.max(...chosen.map(({ ours, float }) => Math.abs(ours.r2 - float.r2)));
  return [
    '## Numbers',
    '',
    'R² on the test rows; MLPRegressor learns scaled targets, because it fails without:',
    '',
    withMeans(columns, chosen),
    '',
    `Integers and floats differ by at most ${three(apart)}.`,
  ].join('\n');
}

/** The tables that scikit-learn brings along. */
const TOYS = ['iris', 'wine', 'breast-cancer', 'digits', 'diabetes'];
/** The traits of the generated tables. */
const TRAITS = {
  outliers: '0.1 % of the values times a million',
  money: 'log-normal columns',
  gaps: '10 % of the values missing in each of 7 columns',
  users: '900 ids',
  texts: 'a column of text',
  rare: '1 row in 500 of one class',
  friedman: 'a formula with noise and idle columns',
  houses: 'categories, gaps and money',
};

function origins(results) {
  const names = results.map((result) => result.table);
  const quoted = (name) => `\`${name}\``;
  const toys = TOYS.filter((name) => names.includes(name)).map(quoted);
  const made = Object.entries(TRAITS).filter(([name]) => names.includes(name));
  return [
    ...(toys.length > 0 ? [`From scikit-learn: ${toys.join(', ')}.`] : []),
    ...(made.length > 0
      ? [
          'Generated, each with a trait of tables in practice: ' +
            `${made.map(([name, trait]) => `${quoted(name)} (${trait})`).join(', ')}.`,
        ]
      : []),
  ].join('\n');
}

function page(results) {
  return `# Tables, beside scikit-learn

*For a developer who has a table and asks how good the result will be.*

\`sparse-train train --data FILE --test FILE --label COLUMN\` with no other option than the task, beside scikit-learn's learners
with their defaults: means over the seeds 1 to 3, on test rows that no learner saw (30 % of each table). For scikit-learn, a
pipeline fills in medians, scales numbers, and codes categories, dates and texts, as a person would write it;
\`sparse-train\` reads the files as they are.

${origins(results)} Differences of less than about 2 points mean nothing where there are fewer than 200 test rows.

${classification(results)}

${regression(results)}

\`node scripts/compare-tables.mjs\` makes the tables and this page; it needs Python with scikit-learn. Results: [${RESULTS.replace('docs/', '')}](${RESULTS.replace('docs/', '')}).
`;
}

/** Measures the tables of a folder, or some of them; `onResult` is called after each. */
function measureAll(folder, only, onResult) {
  const known = Object.entries(JSON.parse(readFileSync(join(folder, 'tables.json'), 'utf8')));
  const chosen = known.filter(([name]) => only?.includes(name) ?? true);
  for (const [i, [name, facts]] of chosen.entries()) {
    process.stderr.write(`${i + 1} of ${chosen.length}: ${name}\n`);
    onResult(measured(folder, name, facts));
  }
}

const [given] = positionals;
const only = values.only?.split(',').filter(Boolean);
if (given !== undefined) {
  const results = [];
  measureAll(given, only, (result) => results.push(result));
  process.stdout.write(`${classification(results)}\n\n${regression(results)}\n`);
} else {
  const folder = mkdtempSync(join(tmpdir(), 'tables-'));
  const file = inRepository(RESULTS);
  let results = existsSync(file) && only !== undefined ? JSON.parse(readFileSync(file, 'utf8')) : [];
  try {
    python('make', folder);
    measureAll(folder, only, (result) => {
      results = [...results.filter((other) => other.table !== result.table), result];
      writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
    });
    writeFileSync(inRepository('docs/tables.md'), page(results));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
