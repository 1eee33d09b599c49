#!/usr/bin/env node
/**
 * Runs the tests of test/fuzz again and again, each round with another seed, until the time is over or a round fails:
 *
 *   node scripts/fuzz.mjs [--minutes 60] [--seed 1] [--effort 5] [name of a test file ...]
 *
 * --effort says how many times as often as in CI each property is tried in a round. A round that fails prints its seed,
 * with which it can be repeated. At the end it prints the rounds and executions.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fail, root } from './run.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    effort: { type: 'string', default: '5' },
  },
});
const first = Number(values.seed);
const end = Date.now() + Number(values.minutes) * 60_000;
const folder = mkdtempSync(join(tmpdir(), 'sparse-train-fuzz-'));
const count = join(folder, 'count');
writeFileSync(count, '');
const names = positionals.length > 0 ? positionals : ['test/fuzz'];

let seed = first;
let failed = false;
for (; Date.now() < end && !failed; seed++) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...names, '--maxWorkers=1'],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
      env: { ...process.env, FUZZ_SEED: String(seed), FUZZ_RUNS: values.effort, FUZZ_COUNT: count },
    },
  );
  failed = status !== 0;
  if (failed) console.log(`${stdout}${stderr}`);
}
const executions = readFileSync(count, 'utf8')
  .split('\n')
  .reduce((sum, line) => sum + Number(line), 0);
rmSync(folder, { recursive: true });
console.log(
  `seeds ${first} to ${seed - 1}, ${values.effort} times the effort of CI: ${executions.toLocaleString('en')} executions`,
);
if (failed) fail(`seed ${seed - 1} found something; repeat it with --seed ${seed - 1} --minutes 0.01`);
