import { SparseTrainError } from '../../base/errors.js';

/** Answers of a Redis server that cannot store more data, with advice. */
const FULL = /^(OOM|MISCONF|READONLY|NOPERM|NOAUTH)\b/;

/** The error of a command as users see it. */
export function queueError(error: unknown): unknown {
  const { message = '' } = error as Error;
  const [, code] = FULL.exec(message) ?? [];
  const advice: Readonly<Record<string, string>> = {
    OOM: 'its memory is full (maxmemory); make room or raise the limit, then run the same command again',
    MISCONF: 'it cannot save to its disk; make room there, then run the same command again',
    READONLY: 'it is a read-only replica; give the address of the primary server',
    NOPERM: 'its user may not do this; docs/security.md lists the permissions that are needed',
    NOAUTH: 'it wants a password; put it into the address: redis://:PASSWORD@host:port',
  };
  if (code === undefined) return error;
  return new SparseTrainError('QUEUE_UNAVAILABLE', `the queue's server takes no trials: ${advice[code]}`, {
    cause: error,
  });
}
