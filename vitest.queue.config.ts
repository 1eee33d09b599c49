import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** The tests that need a Redis server; once, not for every kernel set. */
export default defineConfig({
  test: {
    setupFiles: ['test/setup.ts'],
    include: ['test/queue/**/*.test.ts'],
    testTimeout: 60_000,
    // Hooks train models and start programs, as tests do.
    hookTimeout: 120_000,
    // Vitest would leave a core free; most tests wait for a process half of their time.
    maxWorkers: availableParallelism(),
    allowOnly: false,
  },
});
