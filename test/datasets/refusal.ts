import { expect } from 'vitest';
import { SparseTrainError } from '../../lib/index.js';

/**
 * Runs an action that should be refused and returns the error. Fails if nothing is thrown, or an error of another
 * class.
 */
export async function refusal(action: () => unknown): Promise<SparseTrainError> {
  try {
    await action();
  } catch (error) {
    expect(error).toBeInstanceOf(SparseTrainError);
    return error as SparseTrainError;
  }
  return expect.fail('this should have been refused, but was accepted');
}

/** Expects a refusal with this code and a message that contains all of the parts. */
export async function expectRefusal(
  code: string,
  parts: readonly string[],
  action: () => unknown,
): Promise<void> {
  const error = await refusal(action);
  expect({ code: error.code, message: error.message }).toMatchObject({ code });
  for (const part of parts) expect(error.message).toContain(part);
}
