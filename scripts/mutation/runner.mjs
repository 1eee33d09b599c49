/**
 * Tries one mutant after another in one worker of vitest, whose modules stay loaded. It reads plan.json from the folder
 * MUTATION_FOLDER and appends a line of JSON to results.jsonl there for everything that it does; run.mjs watches that file.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTests } from '@vitest/runner';
import { TestRunner } from 'vitest';
import { root } from '../run.mjs';

const folder = process.env.MUTATION_FOLDER;
const plan = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8'));
const report = (line) => appendFileSync(join(folder, 'results.jsonl'), `${JSON.stringify(line)}\n`);

let active = -1;
let hits = new Uint32Array(plan.size);
/** A mutant in an endless loop is stopped when it has been reached this often. */
let mostHits = new Float64Array(plan.size).fill(Number.POSITIVE_INFINITY);
globalThis.$mutant = (id) => {
  hits[id]++;
  if (id !== active) return false;
  if (hits[id] > mostHits[id]) throw new Error('a mutant runs for ever');
  return true;
};

/** Makes `id` the active mutant, or none with -1, and counts from 0. */
function activate(id) {
  active = id;
  hits = new Uint32Array(plan.size);
}

/** Calls `begun` before and `done` after each test; stops after the first failure if asked to. */
class Inner extends TestRunner {
  constructor(outer, { begun, done, stopsEarly }) {
    super(outer.config);
    this.moduleRunner = outer.moduleRunner;
    this.begun = begun;
    this.done = done;
    this.stopsEarly = stopsEarly;
    this.__setTraces(outer._otel);
  }

  importFile(path, source) {
    const module = this.workerState.evaluatedModules.getModuleById(path);
    if (module !== undefined) this.workerState.evaluatedModules.invalidateModule(module);
    return super.importFile(path, source);
  }

  async onBeforeRunTask(test) {
    await super.onBeforeRunTask(test);
    this.begun?.(test);
  }

  onAfterRunTask(test) {
    super.onAfterRunTask(test);
    if (test.result?.state === 'fail' && this.stopsEarly) this.cancelRun = true;
    this.done?.(test);
  }
}

/** Runs tests of one file, all or those with these ids; returns the tests that failed (the file if it did not load). */
async function runFile(outer, file, { ids, begun, done, stopsEarly = true } = {}) {
  const failed = [];
  const noticed = (test) => {
    if (test.result?.state === 'fail') failed.push(test);
    done?.(test);
  };
  const inner = new Inner(outer, { begun, done: noticed, stopsEarly });
  const [result] = await startTests([{ filepath: join(root, file), testIds: ids }], inner);
  if (failed.length === 0 && result?.result?.state === 'fail') failed.push(result);
  return failed;
}

/**
 * Runs every test without a mutant, twice: mutants that are reached in the first pass alone belong to constants of modules
 * or to values that are kept. Says for each test which mutants it reaches, and for each file which are reached outside tests.
 */
async function measureBaseline(outer) {
  const failing = new Set();
  for (const file of plan.tests) {
    for (const test of await runFile(outer, file, { stopsEarly: false })) failing.add(test.id);
    report({ loaded: file });
  }
  const loaded = reached();
  const total = new Float64Array(plan.size);
  const take = () => {
    const own = reached();
    for (const id of own) total[id] += hits[id];
    activate(-1);
    return own;
  };
  const tests = [];
  const files = {};
  for (const file of plan.tests) {
    const outside = new Set();
    const begun = () => {
      for (const id of take()) outside.add(id);
    };
    const done = (test) => {
      const own = take();
      if (test.result?.state !== 'pass') return;
      tests.push({ id: test.id, file, name: test.name, milliseconds: test.result.duration ?? 0, hits: own });
    };
    activate(-1);
    for (const test of await runFile(outer, file, { begun, done, stopsEarly: false })) failing.add(test.id);
    begun();
    files[file] = [...outside];
    report({ measured: file });
  }
  const passing = tests.filter(({ id }) => !failing.has(id));
  return { tests: passing, files, loaded, failing: [...failing], total: [...total] };
}

/** The mutants that were reached since the last call of `activate`. */
function reached() {
  const own = [];
  for (let id = 0; id < hits.length; id++) if (hits[id] > 0) own.push(id);
  return own;
}

/** Loads the modules and the test files without a mutant, so that no constant holds a mutant's value. */
async function loadEverything(outer, tests) {
  for (const file of new Set(tests.map((test) => test.file))) {
    await runFile(outer, file, { ids: [] });
    report({ loaded: file });
  }
}

/** Forgets all modules except packages, so that they are loaded again. */
function unload({ workerState: { evaluatedModules } }) {
  for (const [id, module] of evaluatedModules.idToModuleMap)
    if (!id.includes('/node_modules/')) evaluatedModules.invalidateModule(module);
}

/**
 * Runs the tests of a mutant until one fails, the fastest file first; returns the result.
 *
 * @param reloads - whether modules are loaded with the mutant, and then once more without it
 */
async function tryMutant(outer, id, tests, reloads) {
  const groups = [...groupByFile(tests)].map(([file, own]) => ({
    file,
    own,
    time: own.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
  }));
  groups.sort((a, b) => a.time - b.time);
  let times = 0;
  for (const { file, own } of groups) {
    if (reloads) unload(outer);
    activate(id);
    const start = performance.now();
    const [failed] = await runFile(outer, file, { ids: own.map((test) => test.id) });
    times += hits[id];
    activate(-1);
    if (reloads) unload(outer);
    if (failed === undefined) continue;
    const isLate = performance.now() - start > plan.timeout;
    const again = failed.type === 'test' ? [failed.id] : own.map((test) => test.id);
    // A mutant counts as killed only if the same tests pass without it, in the same worker.
    if (!isLate && (await runFile(outer, file, { ids: again })).length > 0) return { id, state: 'spoiled' };
    return { id, state: 'killed', by: `${file}: ${failed.name}`, isLate };
  }
  return { id, state: times > 0 ? 'survived' : 'not reached' };
}

function groupByFile(tests) {
  const groups = new Map();
  for (const test of tests) groups.set(test.file, [...(groups.get(test.file) ?? []), test]);
  return groups;
}

export default class extends TestRunner {
  async onBeforeCollect() {
    this.cancelRun = true;
    const path = join(folder, 'baseline.json');
    if (!existsSync(path)) {
      const baseline = await measureBaseline(this);
      writeFileSync(path, JSON.stringify(baseline));
      return;
    }
    const { tests, total } = JSON.parse(readFileSync(path, 'utf8'));
    mostHits = Float64Array.from(total, (count) => 20 * count + 1_000_000);
    const byId = new Map(tests.map((test) => [test.id, test]));
    const queue = JSON.parse(readFileSync(join(folder, 'queue.json'), 'utf8'));
    await loadEverything(
      this,
      queue.flatMap((entry) => entry.tests.map((id) => byId.get(id))),
    );
    for (const { id, tests: ids, reloads } of queue) {
      report({ id, state: 'started' });
      const result = await tryMutant(
        this,
        id,
        ids.map((test) => byId.get(test)),
        reloads,
      );
      report(result);
      // A test that timed out may still be running code.
      if (result.state === 'spoiled' || result.isLate) break;
    }
    report({ finished: true });
  }
}
