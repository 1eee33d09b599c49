import type { Redis } from 'ioredis';
import { connectRedis as connect } from '../../base/redis.js';
import { queuePackages } from './optional.js';

/**
 * Connects to the Redis server of a queue.
 *
 * @param url - `redis://host:port`, also `rediss://` and with user and password
 * @throws SparseTrainError INVALID_OPTION, QUEUE_UNAVAILABLE
 */
export async function connectRedis(url: string): Promise<Redis> {
  return connect(queuePackages().ioredis, url, { option: 'queue', what: 'the queue' });
}

/** Another connection to the same server. */
export function anotherConnection(redis: Redis): Redis {
  const connection = redis.duplicate();
  // Errors of a connection that is being restored; without a listener they would end the process.
  connection.on('error', () => undefined);
  return connection;
}

/** The server's time, because machines' clocks may differ. */
export async function serverTime(redis: Redis): Promise<number> {
  const [seconds, microseconds] = await redis.time();
  return Number(seconds) * 1000 + Number(microseconds) / 1000;
}
