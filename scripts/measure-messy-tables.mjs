/**
 * Measures `sparse-train train` with its defaults on tables as they come: outliers, money, missing values, ids and texts.
 * Each table is generated from a seed, so everyone measures the same rows; a tenth of them is set aside.
 *
 *     node scripts/measure-messy-tables.mjs [FILE.csv:LABEL ...]
 *
 * Prints a table in Markdown: the mean over the seeds 1 to 3, and the single results. Files are measured as well.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const SEEDS = [1, 2, 3];

/** Random numbers from a seed (mulberry32). */
function randomOf(seed) {
  let state = seed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal, below: (n) => Math.floor(n * uniform()) };
}

const list = (length, of) => Array.from({ length }, (_, i) => of(i));
const yesNo = (is) => (is ? 'yes' : 'no');

/** The least accuracy that is wanted, and the lines of the table; the label is the last column. */
const TABLES = {
  'one outlier in 1,001 rows': [
    0.99,
    () => ['a,y', ...list(1000, (i) => (i % 2 ? '0,q' : '1,p')), '1000000,p'],
  ],
  '0.1 % of the values times 1e6': [
    0.95,
    () => {
      const { uniform, normal } = randomOf(2);
      const rows = list(6000, () => {
        const x = list(6, normal);
        const y = x[0] + x[1] - 0.7 * x[2] + 0.4 * x[3] * x[4] + 0.1 * normal() > 0;
        return [...x.map((v) => (uniform() < 0.001 ? v * 1e6 : v).toFixed(4)), yesNo(y)].join();
      });
      return ['a,b,c,d,e,f,y', ...rows];
    },
  ],
  'log-normal money': [
    0.89,
    () => {
      const { normal } = randomOf(3);
      const rows = list(6000, () => {
        const z = list(6, normal);
        const y = z[0] + z[1] - 0.8 * z[2] + 0.5 * z[3] + 0.2 * normal() > 0;
        return [...z.map((v) => Math.exp(2.5 * v).toFixed(4)), yesNo(y)].join();
      });
      return ['a,b,c,d,e,f,y', ...rows];
    },
  ],
  '10 % missing in each of 7 columns': [
    0.85,
    () => {
      const { uniform, normal, below } = randomOf(4);
      const colours = ['red', 'green', 'blue'];
      const rows = list(6000, () => {
        const x = list(6, normal);
        const colour = below(3);
        const y = 1.4 * x[0] + x[1] - x[2] + 0.5 * x[3] + (colour - 1) + 0.2 * normal() > 0;
        const fields = [...x.map((v) => v.toFixed(4)), colours[colour]];
        return [...fields.map((field) => (uniform() < 0.1 ? '' : field)), yesNo(y)].join();
      });
      return ['a,b,c,d,e,f,colour,y', ...rows];
    },
  ],
  '10,000 user ids': [0.8, () => users(10_000, 20_000, (id) => `u${id}`)],
  '900 ids as numbers': [0.87, () => users(900, 20_000, (id) => 100_000 + id)],
  'one column of text': [
    0.98,
    () => {
      const { uniform, below } = randomOf(7);
      const neutral = 'the a it very box phone product was in one my came this with'.split(' ');
      const good = 'great love fast fine happy'.split(' ');
      const bad = 'bad slow broken hate poor'.split(' ');
      const of = (words) => words[below(words.length)];
      const rows = list(2000, (i) => {
        const own = i % 2 ? good : bad;
        const words = list(12, () => of(uniform() < 0.25 ? own : neutral));
        return `${[...words, of(own)].join(' ')},${i % 2 ? 'pos' : 'neg'}`;
      });
      return ['review,y', ...rows];
    },
  ],
};

/** Users who differ in how readily they say yes; the date says nothing, and neither does the order of the ids. */
function users(count, rows, nameOf) {
  const { normal, below } = randomOf(count);
  const habits = list(count, () => 1.2 * normal());
  const lines = list(rows, (i) => {
    const user = i < 2 * count ? i % count : below(count);
    const [a, b] = [normal(), normal()];
    const day = new Date(Date.UTC(2023, 0, 1) + below(365 * 24) * 3_600_000).toISOString().slice(0, 19);
    const y = a + 0.8 * b + habits[user] + 0.3 * normal() > 0;
    return [nameOf((user * 7919) % count), day, a.toFixed(3), b.toFixed(3), yesNo(y)].join();
  });
  return ['user,when,a,b,y', ...lines];
}

const folder = mkdtempSync(join(tmpdir(), 'tables-'));
const results = [];
function measure(name, least, file, label) {
  const accuracies = SEEDS.map((seed) => {
    const words = [
      'train',
      '--data',
      file,
      '--label',
      label,
      '--no-save',
      '--quiet',
      '--json',
      '--seed',
      seed,
    ];
    const json = execFileSync(process.execPath, [CLI, ...words.map(String)], { maxBuffer: 2 ** 28 });
    return JSON.parse(json.toString()).validationAccuracy;
  });
  const mean = accuracies.reduce((sum, a) => sum + a, 0) / accuracies.length;
  results.push([name, mean.toFixed(3), accuracies.map((a) => a.toFixed(3)).join(' '), least ?? '']);
  console.log(`| ${results.at(-1).join(' | ')} |`);
}

console.log('| table | mean accuracy | seeds 1 2 3 | wanted |\n|---|---|---|---|');
for (const [name, [least, lines]] of Object.entries(TABLES)) {
  const file = join(folder, 'table.csv');
  writeFileSync(file, `${lines().join('\n')}\n`);
  measure(name, least, file, '-1');
}
for (const given of process.argv.slice(2)) {
  const [, file, label] = /^(.*?)(?::([^:]*))?$/.exec(given);
  measure(basename(file), undefined, file, label ?? '-1');
}
rmSync(folder, { recursive: true });
