import { defineConfig } from 'vitest/config';

/** The tests that need a Redis server; once, not for every kernel set. */
export default defineConfig({
  test: {
    setupFiles: ['test/setup.ts'],
    include: ['test/queue/**/*.test.ts'],
    testTimeout: 60_000,
    allowOnly: false,
  },
});
