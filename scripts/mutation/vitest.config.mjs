/** Runs tests against modules that hold mutants: the plan (see run.mjs) says which tests and which modules. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { root } from '../run.mjs';

const plan = JSON.parse(readFileSync(join(process.env.MUTATION_FOLDER, 'plan.json'), 'utf8'));
const instrumented = new Map(Object.entries(plan.sources).map(([file, text]) => [join(root, file), text]));

export default defineConfig({
  root,
  plugins: [
    {
      name: 'mutants',
      enforce: 'pre',
      load: (id) => instrumented.get(id.split('?')[0]),
    },
  ],
  test: {
    // The first file only starts the worker; runner.mjs runs all of them.
    include: plan.tests.slice(0, 1),
    setupFiles: ['test/setup.ts'],
    runner: join(root, 'scripts', 'mutation', 'runner.mjs'),
    isolate: false,
    maxWorkers: 1,
    testTimeout: plan.timeout,
    hookTimeout: plan.timeout,
    allowOnly: false,
    silent: true,
    // A mutant may leave a rejected promise behind; its test decides.
    dangerouslyIgnoreUnhandledErrors: true,
  },
});
