import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('worker.mjs', import.meta.url));

/** Workers started and terminated in all; SPARSE_TRAIN_WORKERS asks for more than the suite does. */
const WORKERS = Number(process.env.SPARSE_TRAIN_WORKERS ?? 12);

/** Runs a program in another process, which a crash would end; returns its exit status. */
async function ended(words: readonly string[]): Promise<number | null> {
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [status] = (await once(child, 'close')) as [number | null];
  return status;
}

describe('training in another thread', () => {
  it(`may be terminated at any moment (${WORKERS} times)`, { timeout: 60_000 + WORKERS * 1000 }, async () => {
    for (let i = 0; i < WORKERS; i++) {
      const worker = new Worker(PROGRAM, { workerData: { threads: 1 + (i % 3) } });
      const failed = once(worker, 'error').then(([error]) => Promise.reject(error));
      failed.catch(() => undefined);
      await Promise.race([once(worker, 'message'), failed]);
      await new Promise((resolve) => setTimeout(resolve, i % 7));
      expect(await worker.terminate()).toBe(1);
    }
  });

  it('may be terminated before it has begun', async () => {
    const worker = new Worker(PROGRAM, { workerData: {} });
    // 0 if it had not started yet.
    expect([0, 1]).toContain(await worker.terminate());
  });
});

describe('a process that trains', () => {
  it.each([0, 1, 20])('may exit in the middle of fit (after %i ms)', async (exitAfter) => {
    for (const threads of [1, 2]) {
      expect(await ended([PROGRAM, JSON.stringify({ threads, exitAfter })])).toBe(7);
    }
  });
});
