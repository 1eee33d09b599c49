import { invalidOption, SparseTrainError } from '../base/errors.js';
import type { ResolvedArithmetic } from '../network/arithmetic.js';

/** The most examples of a mini-batch. */
export const MAX_BATCH = 65_536;

/** Why an arithmetic cannot be trained in mini-batches; those that can are not here. */
const ONLY_ONLINE: Partial<Record<ResolvedArithmetic['kind'], string>> = {
  hardware: 'the hardware arithmetic updates after every example, as the published design does',
};

/**
 * Checks the examples of a mini-batch.
 *
 * @throws SparseTrainError INVALID_OPTION
 */
export function checkBatchSize(
  batchSize: unknown,
  { kind }: ResolvedArithmetic,
): asserts batchSize is number {
  const size = batchSize as number;
  if (!Number.isSafeInteger(size) || size < 1 || size > MAX_BATCH)
    throw invalidOption('batchSize', `a whole number from 1 to ${MAX_BATCH}`, batchSize);
  const reason = ONLY_ONLINE[kind];
  if (size > 1 && reason !== undefined)
    throw new SparseTrainError('INVALID_OPTION', `batchSize must be 1, but it is ${size}: ${reason}`);
}
