import { expect } from 'vitest';
import { SparseTrainError } from '../../lib/index.js';

/**
 * Runs what has to end in a result or in a SparseTrainError that says whose fault it is; anything else fails.
 *
 * @returns the result, or undefined if it was refused
 */
export async function harmless<T>(action: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof SparseTrainError && error.code !== 'INTERNAL') return undefined;
    throw new Error(`neither a result nor a refusal: ${(error as Error)?.stack ?? String(error)}`, {
      cause: error,
    });
  }
}

/**
 * Runs `action` and fails if at any moment the process needed far more memory than before. Only resident memory counts,
 * beyond the most that the process had before.
 */
export async function frugally(action: () => Promise<void>, megabytes = 700): Promise<void> {
  const before = process.resourceUsage().maxRSS;
  await action();
  // The address sanitizer keeps memory that was freed.
  if (process.env.LD_PRELOAD?.includes('libasan')) return;
  expect((process.resourceUsage().maxRSS - before) / 1024).toBeLessThan(megabytes);
}
