#!/usr/bin/env node
/**
 * Compares the samplers and pruners with Optuna's: the best value that each finds, over seeds, on standard functions and
 * on a table of real training runs, where a trial costs its epochs. Needs a Python with optuna:
 *
 *     python3 -m venv venv && venv/bin/pip install optuna
 *     sparse-train search docs/studies/table.toml     # the table, once
 *     node scripts/compare-optuna.mjs venv/bin/python table.jsonl docs/results/optuna.json
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './run.mjs';

const [python, journal, out] = process.argv.slice(2);
const SEEDS = Number(process.env.SEEDS ?? 20);
const FIRST_SEED = Number(process.env.FIRST_SEED ?? 101);
const TRIALS = 100;
const { createStudy } = await import(pathToFileURL(join(root, 'dist', 'public', 'search.js')).href);

// --- The functions, as scripts/compare-optuna.py has them ------------------------------------------------------------

const floats = (count, low, high) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`x${i}`, { kind: 'float', low, high }]));
const A = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const P = [
  [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
  [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
  [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
  [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
];
const C = [1.0, 1.2, 3.0, 3.2];
const sum = (values) => values.reduce((a, b) => a + b, 0);
const FUNCTIONS = {
  sphere: { space: floats(5, -5, 5), value: (p) => sum(Object.values(p).map((x) => x * x)) },
  rosenbrock: {
    space: floats(4, -2, 2),
    value: ({ x0, x1, x2, x3 }) => {
      const x = [x0, x1, x2, x3];
      return sum([0, 1, 2].map((i) => 100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2));
    },
  },
  branin: {
    space: { x0: { kind: 'float', low: -5, high: 10 }, x1: { kind: 'float', low: 0, high: 15 } },
    value: ({ x0: x, x1: y }) =>
      (y - (5.1 / (4 * Math.PI ** 2)) * x * x + (5 / Math.PI) * x - 6) ** 2 +
      10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) +
      10,
  },
  hartmann6: {
    space: floats(6, 0, 1),
    value: (p) =>
      -sum(C.map((c, i) => c * Math.exp(-sum(A[i].map((a, k) => a * (p[`x${k}`] - P[i][k]) ** 2))))),
  },
  mixed: {
    space: {
      rate: { kind: 'float', low: 1e-5, high: 1, log: true },
      units: { kind: 'int', low: 4, high: 512, log: true },
      kind: { kind: 'categorical', choices: ['a', 'b', 'c'] },
      depth: { kind: 'int', low: 1, high: 8, when: { kind: 'a' } },
      share: { kind: 'float', low: 0, high: 1, when: { kind: 'b' } },
    },
    value: ({ rate, units, kind, depth, share }) => {
      const base = (Math.log10(rate) + 2.5) ** 2 + ((units - 96) / 64) ** 2;
      if (kind === 'a') return base + (depth - 3) ** 2 / 4;
      return kind === 'b' ? base + 0.5 + Math.abs(share - 0.2) : base + 2;
    },
  },
};

// --- Our side --------------------------------------------------------------------------------------------------------

async function functionStudy({ function: name, space, seed, trials }, sampler) {
  const objectives = [{ measure: 'value', direction: 'minimize' }];
  const study = await createStudy({ space, objectives, sampler, seed, trials });
  for (let trial = study.ask(); trial !== undefined; trial = study.ask())
    study.tell(trial, { values: { value: FUNCTIONS[name].value(trial.parameters) } });
  return study.best.values.value;
}

async function tableStudy({ space, table, seed, epochs, reduction, prunes, sampler }) {
  const rows = new Map(table.map(({ key, curve }) => [key.join(), curve]));
  const study = await createStudy({
    space,
    objectives: [{ measure: 'value', direction: 'maximize' }],
    sampler,
    pruner: prunes ? { kind: 'asha', minEpochs: 1, reduction } : 'none',
    seed,
    trials: epochs,
  });
  for (let spent = 0; spent < epochs; ) {
    const trial = study.ask();
    const curve = rows.get(
      Object.keys(space)
        .map((name) => String(trial.parameters[name]))
        .join(),
    );
    let pruned = false;
    for (const value of curve) {
      spent++;
      pruned = trial.report(value) === 'prune';
      if (pruned) break;
    }
    study.tell(trial, pruned ? { state: 'pruned' } : { values: { value: curve.at(-1) } });
  }
  return study.best.values.value;
}

// --- Statistics ------------------------------------------------------------------------------------------------------

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** Two-sided p of the Mann-Whitney U test (normal approximation, ties corrected), and how often a is below b. */
function mannWhitney(a, b) {
  const all = [...a.map((value) => ({ value, first: true })), ...b.map((value) => ({ value, first: false }))];
  all.sort((p, q) => p.value - q.value);
  let ranks = 0;
  let ties = 0;
  for (let from = 0; from < all.length; ) {
    let to = from;
    while (to < all.length && all[to].value === all[from].value) to++;
    ties += (to - from) ** 3 - (to - from);
    for (let i = from; i < to; i++) if (all[i].first) ranks += (from + 1 + to) / 2;
    from = to;
  }
  const n = all.length;
  const u = ranks - (a.length * (a.length + 1)) / 2;
  const mean = (a.length * b.length) / 2;
  const variance = ((a.length * b.length) / 12) * (n + 1 - ties / (n * (n - 1)));
  const z = variance === 0 ? 0 : Math.max(0, Math.abs(u - mean) - 0.5) / Math.sqrt(variance);
  return { p: 2 * (1 - normalCdf(z)), below: 1 - u / (a.length * b.length) };
}

/** Abramowitz and Stegun, 26.2.17: to 7.5e-8. */
function normalCdf(z) {
  const t = 1 / (1 + 0.2316419 * z);
  const tail =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 1 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * tail;
}

// --- The comparison --------------------------------------------------------------------------------------------------

const seeds = Array.from({ length: SEEDS }, (_, i) => FIRST_SEED + i);
const tasks = Object.entries(FUNCTIONS).flatMap(([name, { space }]) =>
  seeds.map((seed) => ({ group: name, function: name, space, seed, trials: TRIALS })),
);
const lines = readFileSync(journal, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));
const { space } = lines.find(({ type }) => type === 'study').definition;
const curves = new Map(lines.filter(({ type }) => type === 'end').map(({ trial, curve }) => [trial, curve]));
const table = lines
  .filter(({ type, trial }) => type === 'begin' && curves.has(trial))
  .map(({ trial, parameters }) => ({
    key: Object.keys(space).map((name) => String(parameters[name])),
    curve: curves.get(trial),
  }));
const epochs = 270;
for (const [group, sampler, prunes] of [
  ['table, tpe', 'tpe', false],
  ['table, random + asha', 'random', true],
  ['table, tpe + asha', 'tpe', true],
])
  for (const seed of seeds) tasks.push({ group, space, table, seed, epochs, reduction: 3, prunes, sampler });

const ours = [];
for (const task of tasks)
  ours.push(task.function ? await functionStudy(task, 'tpe') : await tableStudy(task));
const random = [];
for (const task of tasks.filter((other) => other.function)) random.push(await functionStudy(task, 'random'));

const { status, stdout, stderr } = spawnSync(python, [join(root, 'scripts', 'compare-optuna.py')], {
  input: JSON.stringify(tasks),
  encoding: 'utf8',
  maxBuffer: 2 ** 28,
});
if (status !== 0) throw new Error(stderr);
const optuna = JSON.parse(stdout);

const groups = [...new Set(tasks.map(({ group }) => group))].map((group) => {
  const mine = tasks.flatMap((task, i) => (task.group === group ? ours[i] : []));
  const theirs = tasks.flatMap((task, i) => (task.group === group ? optuna.results[i].best : []));
  const plain = tasks.flatMap((task, i) => (task.group === group && task.function ? random[i] : []));
  const isMaximum = group.startsWith('table');
  const sign = isMaximum ? -1 : 1;
  const { p, below } = mannWhitney(
    mine.map((value) => sign * value),
    theirs.map((value) => sign * value),
  );
  return {
    group,
    better: isMaximum ? 'higher' : 'lower',
    ours: median(mine),
    optuna: median(theirs),
    random: plain.length === 0 ? null : median(plain),
    p,
    betterThanOptuna: below,
    values: { ours: mine, optuna: theirs },
  };
});
for (const { group, better, ours: mine, optuna: theirs, random: plain, p, betterThanOptuna } of groups)
  console.log(
    `${group.padEnd(22)} ${better.padEnd(6)} ours ${mine.toPrecision(4)}  optuna ${theirs.toPrecision(4)}  ` +
      `random ${plain?.toPrecision(4) ?? '-'}  p ${p.toFixed(3)}  ours better in ${(100 * betterThanOptuna).toFixed(0)} %`,
  );
const result = {
  optuna: optuna.version,
  seeds: [FIRST_SEED, FIRST_SEED + SEEDS - 1],
  trials: TRIALS,
  table: { runs: table.length, best: Math.max(...table.map(({ curve }) => curve.at(-1))), epochs },
  groups,
};
writeFileSync(out, `${JSON.stringify(result, null, 1)}\n`);
