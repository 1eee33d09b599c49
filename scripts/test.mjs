#!/usr/bin/env node
/**
 * Everything a developer should run, as `npm test`: build, lint, types, the C++ tests through CMake, and the TypeScript
 * tests once for each kernel set of this CPU. Words after `npm test --` go to vitest, and then only vitest runs.
 * The last line is the sum over C++ and TypeScript tests.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandsForChanges } from './build-state.mjs';
import { has, root, run } from './run.mjs';

const vitestWords = process.argv.slice(2);
const inCI = Boolean(process.env.CI);
const results = mkdtempSync(join(tmpdir(), 'sparse-train-test-'));
const node = process.execPath;

const steps = [];
const total = { passed: 0, failed: 0, skipped: 0 };

/**
 * Runs a step, and records its result and time. A step returns true, false, or a text that says why it was
 * skipped.
 */
function step(name, action) {
  console.log(`\n--- ${name} ---`);
  const start = performance.now();
  const outcome = action();
  steps.push({ name, outcome, seconds: (performance.now() - start) / 1000 });
  return outcome;
}

function bin(name) {
  return join(root, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name);
}

function count({ passed, failed, skipped }, succeeded) {
  total.passed += passed;
  // A run that fails outside its tests (for example because a file does not load) counts as one failure.
  total.failed += succeeded ? failed : Math.max(failed, 1);
  total.skipped += skipped;
  return succeeded && failed === 0;
}

function nativeTests() {
  if (!has('cmake')) {
    if (inCI) return count({ passed: 0, failed: 1, skipped: 0 }, false);
    return 'left out: cmake is not installed (Debian: apt-get install cmake googletest)';
  }
  const folder = join('native', 'build', 'test');
  // Developers compile what has changed, CI compiles everything.
  const inCIOnly = ['REQUIRE_TESTS', 'TOGETHER'].map(
    (name) => `-DSPARSE_TRAIN_${name}=${inCI ? 'ON' : 'OFF'}`,
  );
  if (!run('cmake', ['-S', 'native', '-B', folder, '-DCMAKE_BUILD_TYPE=Release', ...inCIOnly]))
    return count({ passed: 0, failed: 1, skipped: 0 }, false);
  if (!existsSync(join(root, folder, 'CTestTestfile.cmake'))) {
    return 'left out: GoogleTest is not installed (Debian: apt-get install googletest)';
  }
  if (!run('cmake', ['--build', folder, '--parallel', String(availableParallelism())]))
    return count({ passed: 0, failed: 1, skipped: 0 }, false);

  const report = join(results, 'ctest.xml');
  const words = ['--test-dir', folder, '--output-junit', report, '--output-on-failure', '--no-tests=error'];
  const { status, stdout } = spawnSync('ctest', [...words, '--parallel', String(availableParallelism())], {
    cwd: root,
    encoding: 'utf8',
  });
  const succeeded = status === 0;
  // Prints a line per test only if a test failed.
  console.log(succeeded ? (/^\d+% tests passed.*$/m.exec(stdout)?.[0] ?? '') : stdout);
  const suite = existsSync(report) ? (/<testsuite[^>]*>/.exec(readFileSync(report, 'utf8'))?.[0] ?? '') : '';
  const [tests, failed, skipped, disabled] = ['tests', 'failures', 'skipped', 'disabled'].map((name) =>
    Number(new RegExp(`\\b${name}="(\\d+)"`).exec(suite)?.[1] ?? 0),
  );
  return count(
    { passed: tests - failed - skipped - disabled, failed, skipped: skipped + disabled },
    succeeded,
  );
}

/** Tests with their own server run once, because they do not depend on kernels. */
function queueTests() {
  if (has('redis-server')) return vitest('queue', ['--config', 'vitest.queue.config.ts'], process.env);
  if (inCI) return count({ passed: 0, failed: 1, skipped: 0 }, false);
  return 'left out: redis-server is not installed (Debian: apt-get install redis-server)';
}

/**
 * Tests that hardly depend on kernels run on one set: pages, files, commands, searches, kills, memory, permissions. Those of
 * test/oracle and of verify compare all sets by themselves.
 */
const ONCE = [
  'test/bench/command.test.ts',
  'test/bench/soak.test.ts',
  'test/browser/**',
  'test/cli/**',
  'test/datasets/**',
  'test/errors/**',
  'test/export/**',
  'test/faults/**',
  'test/fuzz/**',
  'test/hardware/cli.test.ts',
  'test/hardware/verify.test.ts',
  'test/import/**',
  'test/oracle/**',
  'test/packaging/**',
  'test/report/**',
  'test/reproduce/**',
  'test/resilience/**',
  'test/search/**',
  'test/serve/**',
  'test/terminal/**',
  'test/training/checkpoint/**',
].flatMap((files) => ['--exclude', files]);

/** All tests on the best kernel set. */
function allTests() {
  const { SPARSE_TRAIN_ISA: _, ...env } = process.env;
  return vitest('all', vitestWords, env);
}

/** The tests that depend on kernels, on another set. They share modules, which takes a sixth of the time. */
function kernelTests(kernelSet) {
  const env = { ...process.env, SPARSE_TRAIN_ISA: kernelSet };
  return vitest(kernelSet, ['--no-isolate', ...ONCE, ...vitestWords], env);
}

function vitest(name, words, env) {
  const report = join(results, `vitest-${name}.json`);
  const succeeded = run(
    bin('vitest'),
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...words],
    {
      env,
      shell: process.platform === 'win32',
    },
  );
  if (!existsSync(report)) return count({ passed: 0, failed: 1, skipped: 0 }, false);
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  return count(
    { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests },
    succeeded,
  );
}

const built = step(
  'build',
  () =>
    commandsForChanges() === undefined ||
    (run(node, ['scripts/build-addon.mjs']) && run(node, ['scripts/build-ts.mjs'])),
);
if (built) {
  if (vitestWords.length === 0) {
    step('lint', () =>
      run(
        bin('biome'),
        ['ci', '--error-on-warnings', `--colors=${process.stdout.isTTY ? 'force' : 'off'}`, '.'],
        { shell: process.platform === 'win32' },
      ),
    );
    step('imports point down', () =>
      run(bin('depcruise'), ['lib', '--config', '.dependency-cruiser.mjs'], {
        shell: process.platform === 'win32',
      }),
    );
    step('types of tests and examples', () =>
      run(node, [join('node_modules', 'typescript', 'bin', 'tsc'), '--project', 'tsconfig.test.json']),
    );
    step('C++ tests', nativeTests);
  }
  const addon = createRequire(import.meta.url)(join(root, 'build', 'Release', 'sparse_train.node'));
  const kernelSets = addon.kernelSets();
  step(`TypeScript tests on ${kernelSets.at(-1)}`, allTests);
  for (const kernelSet of kernelSets.slice(0, -1))
    step(`TypeScript tests on ${kernelSet}`, () => kernelTests(kernelSet));
  if (vitestWords.length === 0) step('queue tests', queueTests);
} else {
  count({ passed: 0, failed: 0, skipped: 0 }, false);
}
rmSync(results, { recursive: true });

console.log('\n--- summary ---');
for (const { name, outcome, seconds } of steps) {
  const word = outcome === true ? 'ok' : outcome === false ? 'FAILED' : outcome;
  console.log(`${name.padEnd(32)} ${seconds.toFixed(1).padStart(6)} s  ${word}`);
}
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = steps.some(({ outcome }) => outcome === false) ? 1 : 0;
