/**
 * What the studies of docs/study.md found: `node docs/studies/analyse.mjs FILE.jsonl...`, after `npm run build`. Prints
 * tables, and draws docs/images/study-NAME.svg for each study.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as echarts from 'echarts';
import { checkDefinition } from '../../dist/search/definition/check.js';
import { importances } from '../../dist/search/importance.js';
import { readJournal } from '../../dist/search/journal/lines.js';

const BITS = [4, 6, 8, 10, 12, 16];
const PATTERNS = ['tiled', 'structured', 'random'];
const BANDS = [1000, 2500, 5000, 10_000, 20_000, 40_000, 100_000];
const COLOURS = ['#b42318', '#c2410c', '#b7791f', '#0f7b52', '#0b66c2', '#6d28d9'];
const percent = (share) => `${(100 * share).toFixed(2)} %`;
const thousands = (value) => Math.round(value).toLocaleString('en-US');

for (const file of process.argv.slice(2)) {
  const { study, trials } = await readJournal(file);
  const plan = checkDefinition(study.definition, study.name);
  const runs = trials.filter(({ state }) => state === 'complete');
  const seconds = runs.reduce((sum, run) => sum + run.seconds, 0);
  console.log(`\n## ${study.name}: ${runs.length} runs, ${trials.filter(({ state }) => state === 'failed').length} failed, ${seconds.toFixed(0)} s\n`);

  console.log('What decides the accuracy:');
  for (const { parameter, share } of importances(trials, plan.space, plan.objectives[0])) console.log(`  ${parameter.padEnd(10)} ${(100 * share).toFixed(0)} %`);

  console.log('\n| edges | runs | median | best by validation: test | width | density | bits | pattern | rate |\n|---|---|---|---|---|---|---|---|---|');
  for (const [i, high] of BANDS.entries()) {
    const low = BANDS[i - 1] ?? 0;
    const band = runs.filter(({ values }) => values.edges > low && values.edges <= high).sort((a, b) => b.values.accuracy - a.values.accuracy);
    if (band.length === 0) continue;
    const [{ parameters, values }] = band;
    const middle = band[Math.floor(band.length / 2)].values['test.accuracy'];
    console.log(`| to ${thousands(high)} | ${band.length} | ${percent(middle)} | ${percent(values['test.accuracy'])} (${thousands(values.edges)}) | ${parameters.width} | ${parameters.density.toFixed(3)} | ${parameters.bits} | ${parameters.pattern} | ${parameters.rate.toFixed(3)} |`);
  }

  console.log('\nLinear model of ln(test error):');
  for (const { name, effect, error } of model(runs)) console.log(`  ${name.padEnd(28)} ${(100 * (Math.exp(effect) - 1)).toFixed(1).padStart(7)} %  (${(effect / error).toFixed(1)} standard errors)`);
  draw(study.name, runs);
}

/** Ordinary least squares with standard errors. */
function model(runs) {
  const usable = runs.filter(({ parameters }) => parameters.bits > 4);
  const features = [
    ['constant', () => 1],
    ['edges twice as many', ({ values }) => Math.log2(values.edges / 10_000)],
    ['width twice (edges equal)', ({ parameters }) => Math.log2(parameters.width / 128)],
    ['rate twice', ({ parameters }) => Math.log2(parameters.rate / 0.03)],
    ...BITS.filter((bits) => bits > 4 && bits < 16).map((bits) => [`${bits} bits in place of 16`, ({ parameters }) => (parameters.bits === bits ? 1 : 0)]),
    ...PATTERNS.slice(1).map((pattern) => [`${pattern} in place of tiled`, ({ parameters }) => (parameters.pattern === pattern ? 1 : 0)]),
  ];
  const x = usable.map((run) => features.map(([, value]) => value(run)));
  const y = usable.map(({ values }) => Math.log(1 - values['test.accuracy']));
  const n = features.length;
  const normal = features.map((_, i) => features.map((_, j) => x.reduce((sum, row) => sum + row[i] * row[j], 0)));
  const right = features.map((_, i) => x.reduce((sum, row, k) => sum + row[i] * y[k], 0));
  const inverse = invert(normal);
  const effects = inverse.map((row) => row.reduce((sum, value, i) => sum + value * right[i], 0));
  const left = x.reduce((sum, row, k) => sum + (y[k] - row.reduce((s, value, i) => s + value * effects[i], 0)) ** 2, 0);
  const variance = left / (x.length - n);
  return features.map(([name], i) => ({ name, effect: effects[i], error: Math.sqrt(variance * inverse[i][i]) })).slice(1);
}

function invert(matrix) {
  const n = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  for (let i = 0; i < n; i++) {
    const pivot = rows.slice(i).reduce((best, row, k) => (Math.abs(row[i]) > Math.abs(rows[best][i]) ? i + k : best), i);
    [rows[i], rows[pivot]] = [rows[pivot], rows[i]];
    const scale = rows[i][i];
    rows[i] = rows[i].map((value) => value / scale);
    for (let k = 0; k < n; k++) {
      if (k === i) continue;
      const factor = rows[k][i];
      rows[k] = rows[k].map((value, j) => value - factor * rows[i][j]);
    }
  }
  return rows.map((row) => row.slice(n));
}

function draw(name, runs) {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 860, height: 460 });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: `${name}: test error by edges, one dot a run`, left: 'center', textStyle: { fontSize: 15 } },
    legend: { bottom: 0, data: BITS.map((bits) => `${bits} bits`) },
    grid: { left: 70, right: 30, top: 45, bottom: 75 },
    xAxis: { type: 'log', name: 'edges', nameLocation: 'middle', nameGap: 28, min: 300, max: 100_000 },
    yAxis: { type: 'log', name: 'test error, %', min: name.includes('fashion') ? 10 : 2, max: 100 },
    series: BITS.map((bits, i) => ({
      name: `${bits} bits`,
      type: 'scatter',
      symbolSize: 8,
      itemStyle: { color: COLOURS[i], opacity: 0.8 },
      data: runs.filter(({ parameters }) => parameters.bits === bits).map(({ values }) => [values.edges, Number((100 * (1 - values['test.accuracy'])).toFixed(2))]),
    })),
  });
  writeFileSync(fileURLToPath(new URL(`../images/study-${name.replace('sparsity-', '')}.svg`, import.meta.url)), `${chart.renderToSVGString()}\n`);
  chart.dispose();
}
