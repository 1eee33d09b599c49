import { optionalPackages } from '../base/optional-packages.js';

/** What the packages export that only servers need. */
interface ServerPackages {
  readonly fastify: typeof import('fastify');
  readonly pino: typeof import('pino');
  readonly 'prom-client': typeof import('prom-client');
  readonly ioredis: typeof import('ioredis');
}

/**
 * Loads the packages that a server needs.
 *
 * @throws SparseTrainError SERVER_UNAVAILABLE, with the command that installs them
 */
export function serverPackages(load?: (name: string) => unknown): Omit<ServerPackages, 'ioredis'> {
  return optionalPackages<ServerPackages>(
    ['fastify', 'pino', 'prom-client'],
    'a server',
    'SERVER_UNAVAILABLE',
    load,
  );
}

/**
 * Loads the package that counts for Prometheus.
 *
 * @throws SparseTrainError SERVER_UNAVAILABLE, with the command that installs it
 */
export function promClient(): typeof import('prom-client') {
  return optionalPackages<ServerPackages>(['prom-client'], '/metrics', 'SERVER_UNAVAILABLE')['prom-client'];
}

/**
 * Loads the package that reads feedback from Redis.
 *
 * @throws SparseTrainError SERVER_UNAVAILABLE, with the command that installs it
 */
export function redisClient(): typeof import('ioredis') {
  return optionalPackages<ServerPackages>(['ioredis'], 'feedback from Redis', 'SERVER_UNAVAILABLE').ioredis;
}
