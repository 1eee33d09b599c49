/**
 * Runs the tests against mutants: plans, starts vitest, watches it, and restarts it if a mutant broke the
 * worker.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../run.mjs';
import { instrument } from './instrument.mjs';

/** A test that takes longer than this, in milliseconds, has failed. */
const TIMEOUT = 20_000;

/** After this time without output, in milliseconds, the worker is considered to hang. */
const SILENCE = 90_000;

/** The time limit for the tests of one mutant, in milliseconds; the fastest tests are run. */
const BUDGET = 10_000;

// 'exit', which also ends the worker, does not occur after a signal without a handler.
for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
])
  process.once(signal, () => process.exit(status));

/**
 * @typedef {import('./operators.mjs').Mutant & { file: string }} Placed
 * @typedef {{ mutant: Placed, state: 'killed' | 'survived' | 'not covered', by?: string }} Result
 * @param {readonly Placed[]} mutants @param {readonly string[]} tests - files
 * @param {(done: number, result: Result) => void} progress
 * @returns {Promise<{ results: Result[], tests: number, failing: number }>}
 */
export async function tryMutants(mutants, tests, progress) {
  const folder = mkdtempSync(join(tmpdir(), 'sparse-train-mutation-'));
  try {
    const numbered = mutants.map((mutant, id) => ({ ...mutant, id }));
    const sources = {};
    for (const file of new Set(mutants.map((mutant) => mutant.file))) {
      const own = numbered.filter((mutant) => mutant.file === file);
      sources[file] = instrument(readFileSync(join(root, file), 'utf8'), own);
    }
    const plan = { sources, tests, size: mutants.length, timeout: TIMEOUT };
    writeFileSync(join(folder, 'plan.json'), JSON.stringify(plan));
    await vitest(folder);
    if (!existsSync(join(folder, 'baseline.json')))
      throw new Error(`the tests did not run without a mutant:\n${output}`);
    const baseline = JSON.parse(readFileSync(join(folder, 'baseline.json'), 'utf8'));
    const results = await conduct(folder, mutants, coverage(baseline, mutants), progress);
    return { results, tests: baseline.tests.length, failing: baseline.failing.length };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The tests of each mutant, and whether it must be active when modules are loaded. */
function coverage({ tests, files, loaded }, mutants) {
  const again = new Set([...tests.flatMap(({ hits }) => hits), ...Object.values(files).flat()]);
  const atLoad = new Set(loaded.filter((id) => !again.has(id)));
  const outside = new Map(Object.entries(files).map(([file, ids]) => [file, new Set(ids)]));
  const reaching = new Map(mutants.map((_, id) => [id, []]));
  for (const test of tests)
    for (const id of new Set([...test.hits, ...outside.get(test.file)])) reaching.get(id).push(test);
  return mutants.map((_, id) => {
    const reloads = atLoad.has(id);
    // Any test may use a constant.
    const own = reloads ? tests : reaching.get(id);
    return { id, reloads, tests: cheapest(own).map((test) => test.id) };
  });
}

/** The fastest tests, as many as the budget allows and at least one. */
function cheapest(tests) {
  const sorted = [...tests].sort((a, b) => a.milliseconds - b.milliseconds);
  let time = 0;
  return sorted.filter(({ milliseconds }, i) => {
    // Starting a test costs something too.
    time += milliseconds + 1;
    return i === 0 || time <= BUDGET;
  });
}

async function conduct(folder, mutants, covered, progress) {
  /** @type {Result[]} */
  const results = new Array(mutants.length);
  let done = 0;
  const settle = (id, state, by) => {
    results[id] = { mutant: mutants[id], state, by };
    progress(++done, results[id]);
  };
  for (const { id, tests } of covered) if (tests.length === 0) settle(id, 'not covered');
  let queue = covered.filter(({ id }) => results[id] === undefined);
  while (queue.length > 0) {
    // Mutants that need modules loaded again come last.
    queue.sort((a, b) => Number(a.reloads) - Number(b.reloads));
    const entries = new Map(queue.map((entry) => [entry.id, entry]));
    const lines = await vitest(folder, queue);
    for (const { id, state, by } of lines) {
      if (state === 'killed' || state === 'survived') settle(id, state, by);
      else if (state === 'not reached' || state === 'spoiled') {
        // Perhaps an earlier value was kept; or the tests fail for another reason.
        if (!entries.get(id).reloads) covered[id].reloads = true;
        else settle(id, state === 'spoiled' ? 'survived' : 'not covered');
      }
    }
    const begun = lines.findLast(({ state }) => state === 'started');
    if (!lines.at(-1)?.finished) {
      if (begun === undefined) throw new Error(`vitest ended before the first mutant:\n${output}`);
      if (lines.at(-1) === begun) settle(begun.id, 'killed', 'the worker hung or died');
    }
    queue = covered.filter(({ id }) => results[id] === undefined).map((entry) => ({ ...entry }));
  }
  return results;
}

let output = '';

/** Runs vitest over the plan in a folder; returns the lines that the runner reported. */
async function vitest(folder, queue) {
  const log = join(folder, 'results.jsonl');
  writeFileSync(log, '');
  if (queue !== undefined) writeFileSync(join(folder, 'queue.json'), JSON.stringify(queue));
  const env = { ...process.env, MUTATION_FOLDER: folder };
  const config = join(root, 'scripts', 'mutation', 'vitest.config.mjs');
  const words = [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--config',
    config,
    '--passWithNoTests',
  ];
  const child = spawn(process.execPath, words, {
    cwd: root,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  const kill = () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  };
  const watch = setInterval(() => {
    if (Date.now() - statSync(log).mtimeMs > SILENCE) kill();
  }, 2_000);
  process.once('exit', kill);
  await new Promise((settled) => child.once('close', settled));
  clearInterval(watch);
  process.off('exit', kill);
  const lines = readFileSync(log, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}
