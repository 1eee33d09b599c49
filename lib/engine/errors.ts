import { type ErrorCode, SparseTrainError } from '../base/errors.js';

/** The error of a call after close(). */
export function networkClosed(options?: ErrorOptions): SparseTrainError {
  return new SparseTrainError(
    'NETWORK_CLOSED',
    'the network has been closed and its memory freed; make or load another one',
    options,
  );
}

/**
 * Converts an error of the engine to a SparseTrainError. A busy or closed network and lack of memory have codes of
 * their own; a value that the engine refused (RangeError, TypeError) gets the code `refused`.
 */
export function fromNative(error: unknown, refused: ErrorCode): SparseTrainError {
  if (error instanceof SparseTrainError) return error;
  const { code, name, message } = error as Partial<Error> & { code?: unknown };
  if (code === 'NETWORK_BUSY') {
    return new SparseTrainError(
      'NETWORK_BUSY',
      'the network is in use by fit(), evaluate() or predictBatch(); await that call first, or use another network',
      { cause: error },
    );
  }
  if (code === 'NETWORK_CLOSED') return networkClosed({ cause: error });
  if (code === 'NETWORK_TOO_LARGE') {
    return new SparseTrainError('NETWORK_TOO_LARGE', String(message), { cause: error });
  }
  if (message === 'std::bad_alloc') {
    return new SparseTrainError('NETWORK_TOO_LARGE', 'there is not enough memory for this', { cause: error });
  }
  if (name === 'RangeError' || name === 'TypeError') {
    return new SparseTrainError(refused, String(message), { cause: error });
  }
  return new SparseTrainError('INTERNAL', `the engine failed: ${message ?? String(error)}`, { cause: error });
}

/** Calls the engine and converts its errors with {@link fromNative}. */
export function callNative<T>(refused: ErrorCode, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw fromNative(error, refused);
  }
}
