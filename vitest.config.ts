import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    setupFiles: ['test/setup.ts'],
    include: ['test/**/*.test.ts'],
    // These have a configuration of their own.
    exclude: ['test/queue/**'],
    testTimeout: 60_000,
    // Hooks train models and start programs, as tests do.
    hookTimeout: 120_000,
    // Vitest would leave a core free; most tests wait for a process half of their time.
    maxWorkers: availableParallelism(),
    // In place of Biome's noFocusedTests, which takes network.fit() for a focused test of Jasmine's.
    allowOnly: false,
    coverage: { include: ['lib/**/*.ts'] },
  },
});
