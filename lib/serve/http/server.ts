import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { SparseTrainError } from '../../base/errors.js';
import { printable } from '../../base/printable.js';
import type { DurableModel } from '../durable-model.js';
import type { FollowedModel } from '../followed-model.js';
import { serverPackages } from '../packages.js';
import { modelRoutes, type RoutesOptions } from './routes.js';

/** How a model is served. */
export interface ServerOptions extends Omit<RoutesOptions, 'model' | 'log'> {
  readonly model: DurableModel | FollowedModel;
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** The most bytes of a body, or of a line of one. */
  readonly maxBody: number;
  readonly logLevel: string;
  /** Where log lines go. */
  readonly log: NodeJS.WritableStream;
}

/** Milliseconds within which the headers of a request, and a whole request, must have arrived. */
const HEADERS_TIMEOUT = 15_000;
const REQUEST_TIMEOUT = 120_000;
/** Milliseconds that requests have to end when the server stops. */
const FAREWELL = 10_000;

/** A server that runs. */
export interface RunningServer {
  readonly url: string;
  readonly log: Logger;
  /** Stops accepting requests and waits for those under way. The model stays open. */
  close(): Promise<void>;
}

/**
 * Serves a model by HTTP.
 *
 * @throws SparseTrainError SERVER_UNAVAILABLE if packages are missing, PORT_UNAVAILABLE
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host, port, maxBody, logLevel, log, ...routes } = options;
  const { fastify: makeServer, pino: makeLogger } = packages();
  // Messages may hold names of classes and columns, and JSON leaves some characters that terminals obey.
  const lines = { write: (line: string) => log.write(printable(line)) };
  const logger = makeLogger({ level: logLevel, base: { pid: process.pid } }, lines);
  // A server with a logger makes another one for each request; only faults are logged here.
  const app = makeServer({
    bodyLimit: maxBody,
    requestTimeout: REQUEST_TIMEOUT,
    http: { headersTimeout: HEADERS_TIMEOUT },
    routerOptions: { ignoreTrailingSlash: true },
  }) as unknown as FastifyInstance;
  await app.register(modelRoutes as never, { ...routes, log: logger } as never);
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw portError(host, port, error as NodeJS.ErrnoException);
  }
  const { port: actual } = app.server.address() as AddressInfo;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${actual}`;
  const close = async () => {
    const impatient = setTimeout(() => app.server.closeAllConnections(), FAREWELL);
    await app.close();
    clearTimeout(impatient);
  };
  return { url, log: logger, close };
}

/** What the packages export to require(). */
function packages() {
  const { fastify, pino } = serverPackages();
  return { fastify: fastify.fastify, pino: pino.pino };
}

function portError(host: string, port: number, error: NodeJS.ErrnoException): SparseTrainError {
  const reasons: Record<string, string> = {
    EADDRINUSE: `port ${port} of ${host} is taken by another program`,
    EACCES: `port ${port} is not ours to use`,
    EADDRNOTAVAIL: `${host} is not an address of this machine`,
    ENOTFOUND: `${host} is not an address of this machine`,
  };
  const reason =
    reasons[error.code ?? ''] ?? `port ${port} of ${host} cannot be used (${error.code ?? error.message})`;
  const advice = 'choose another one, or port 0 for any that is free';
  return new SparseTrainError('PORT_UNAVAILABLE', `${reason}; ${advice}`, { cause: error });
}
