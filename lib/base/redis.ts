import type { Redis } from 'ioredis';
import { SparseTrainError } from './errors.js';

/** Milliseconds that a server has to answer the first connection. */
const FIRST_ANSWER = 10_000;

/** The longest pause between attempts to reconnect, in milliseconds; the first pauses are shorter. */
const RETRY = 2_000;

/** Options of all connections: commands wait while the server is down, and continue when it is back. */
const PATIENT = {
  maxRetriesPerRequest: null,
  enableReadyCheck: true,
  retryStrategy: (times: number) => Math.min(100 * times, RETRY),
};

/** How messages speak of a server. */
export interface RedisNames {
  /** The option that holds the address. */
  readonly option: string;
  /** What the server is for: `the queue`. */
  readonly what: string;
}

/**
 * Connects to a Redis server.
 *
 * @param url - `redis://host:port`, also `rediss://` and with user and password
 * @throws SparseTrainError INVALID_OPTION, QUEUE_UNAVAILABLE
 */
export async function connectRedis(
  { Redis }: typeof import('ioredis'),
  url: string,
  names: RedisNames,
): Promise<Redis> {
  checkUrl(url, names);
  const redis = new Redis(url, { ...PATIENT, lazyConnect: true });
  let last: unknown;
  // Without a listener, errors of a connection that is being restored would end the process.
  redis.on('error', (error) => {
    last = error;
  });
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('it does not answer')), FIRST_ANSWER).unref();
  });
  try {
    await Promise.race([redis.connect().then(() => redis.ping()), late]);
    return redis;
  } catch (error) {
    redis.disconnect();
    const { message } = (last ?? error) as Error;
    const why = /^(WRONGPASS|NOAUTH)\b/.test(message)
      ? 'refuses the user or the password; give both in the address, rediss://USER:PASSWORD@host:port'
      : /certificate|self.signed/i.test(message)
        ? `has a certificate that is not trusted (${message}); name its authority's file in NODE_EXTRA_CA_CERTS`
        : `cannot be reached (${message}); is a Redis server there?`;
    throw new SparseTrainError('QUEUE_UNAVAILABLE', `${names.what} ${withoutPassword(url)} ${why}`, {
      cause: error,
    });
  }
}

function checkUrl(url: string, { option }: RedisNames): void {
  if (/^rediss?:\/\/./.test(url) && URL.canParse(url)) return;
  throw new SparseTrainError(
    'INVALID_OPTION',
    `${option} must be the address of a Redis server such as redis://localhost:6379, but it is "${url}"`,
  );
}

/** The server's address for messages, without its password. */
function withoutPassword(url: string): string {
  const parsed = new URL(url);
  parsed.password = '';
  return parsed.href.replace(/\/$/, '');
}
