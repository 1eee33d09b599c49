import { expect } from 'vitest';
import { SparseTrainError } from '../../lib/index.js';

/** Runs what should be refused and gives the error; fails if nothing is thrown, or something of another class. */
export async function refusal(action: () => unknown): Promise<SparseTrainError> {
  try {
    await action();
  } catch (error) {
    expect(error).toBeInstanceOf(SparseTrainError);
    return error as SparseTrainError;
  }
  return expect.fail('this should have been refused, but was accepted');
}

/** Expects a refusal with a code and a message in which all of the parts stand. */
export async function expectRefusal(
  code: string,
  parts: readonly string[],
  action: () => unknown,
): Promise<void> {
  const error = await refusal(action);
  expect({ code: error.code, message: error.message }).toMatchObject({ code });
  for (const part of parts) expect(error.message).toContain(part);
}
