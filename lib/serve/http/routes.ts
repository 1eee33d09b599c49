import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { FastifyError, FastifyInstance, FastifyReply, onRequestHookHandler } from 'fastify';
import { SparseTrainError } from '../../base/errors.js';
import { printableJson } from '../../base/printable.js';
import { engineVersion } from '../../engine/kernel-sets.js';
import type { DurableModel, Outcome } from '../durable-model.js';
import type { FollowedModel } from '../followed-model.js';
import { Service } from '../service.js';
import { type AccessOptions, accessGuard } from './access.js';
import { parseBody, readLearnBody, readPredictBody } from './bodies.js';
import { openApi, rowSchema } from './describe.js';
import { ServerMetrics } from './metrics.js';
import { answerLines } from './ndjson.js';
import { modelPage } from './page.js';

/** Options of {@link modelRoutes}. */
export interface RoutesOptions extends AccessOptions {
  /** The model: one that learns, or one that follows another server's. */
  readonly model: DurableModel | FollowedModel;
  /** The column that is predicted. Rows may have it: as the target in /learn; in /predict it is left out. */
  readonly label?: string | undefined;
  /** Whether /metrics counts for Prometheus (true by default); needs the package prom-client. */
  readonly metrics?: boolean | undefined;
  /** Where faults of the server are logged; by default the log of the fastify server. */
  readonly log?: { error(error: unknown): void } | undefined;
}

/** What the routes need of a fastify server; any version 5 has it. */
export interface FastifyServer {
  readonly version: string;
  readonly server: unknown;
}

/** The status of the answer to each kind of error; for others it is 500. */
const STATUS: Readonly<Record<string, number>> = {
  INVALID_DATA: 400,
  INVALID_OPTION: 400,
  OVERLOADED: 429,
  READ_ONLY: 405,
  FILE_ACCESS: 503,
  NETWORK_CLOSED: 503,
};

/** Seconds after which a client should try again. */
const RETRY_AFTER: Readonly<Record<number, string>> = { 429: '1', 503: '5' };

/** What is said instead of fastify's own words. */
const REFUSALS: Readonly<Record<number, { readonly code: string; readonly message: string }>> = {
  413: { code: 'BODY_TOO_LARGE', message: 'the body is too large; send fewer rows, or NDJSON' },
  415: {
    code: 'UNSUPPORTED_MEDIA_TYPE',
    message: 'send application/json, or application/x-ndjson with an object on each line',
  },
};

/** Inflating could fill the memory, so bodies are taken as they are. */
const NOT_COMPRESSED = 'send the body without content-encoding: compressed bodies are not read';

/** Paths that answer without a token, for probes. They say nothing about the model. */
const PROBES: readonly string[] = ['/healthz', '/readyz'];

/** Sent with every answer to GET; answers to POST are not kept, and not read by pages of other sites. */
const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
};

/**
 * A fastify plugin with the routes of a model: /predict, /learn, /schema, /openapi.json, /metrics, /healthz, /readyz,
 * /model, /snapshot and /history, and a page at / that shows the latter.
 *
 * @example
 * const model = await DurableModel.open('live.safetensors', { create: { target: 'class' } });
 * const app = Fastify();
 * await app.register(modelRoutes, { prefix: '/price', model });
 */
export async function modelRoutes(server: FastifyServer, options: RoutesOptions): Promise<void> {
  const app = server as unknown as FastifyInstance;
  const { model, label } = options;
  const service = new Service(model);
  const metrics = options.metrics === false ? undefined : new ServerMetrics(service);
  const guard = accessGuard(options);
  const limit = app.initialConfig.bodyLimit ?? 2 ** 20;

  app.setReplySerializer(printableJson);
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parseBody(body as string));
    } catch (error) {
      done(error as Error);
    }
  });
  // A stream of lines is read as it comes, each line as long as a body may be.
  app.addContentTypeParser('application/x-ndjson', (_request, payload, done) => done(null, payload));

  const admit: onRequestHookHandler = (request, reply, done) => {
    const { host, authorization } = request.headers;
    const refusal = guard({ host, authorization });
    if (refusal === undefined) {
      const coding = request.headers['content-encoding'] ?? 'identity';
      if (coding === 'identity') done();
      else reply.code(415).send(problem('UNSUPPORTED_MEDIA_TYPE', NOT_COMPRESSED));
      return;
    }
    const { status, code, message } = refusal;
    // A browser then asks for a password: the token.
    if (status === 401) reply.header('www-authenticate', 'Basic realm="sparse-train", charset="UTF-8"');
    reply.code(status).send(problem(code, message));
  };
  // Hooks of single routes know which one they are; asking a request for its route costs as much as a prediction.
  app.addHook('onRoute', (route) => {
    const path = route.url.slice(app.prefix.length);
    const before = [...(route.method === 'POST' ? [] : [secure]), ...(PROBES.includes(path) ? [] : [admit])];
    if (metrics === undefined) {
      route.onRequest = before;
      return;
    }
    route.onRequest = [begin, ...before];
    const count = metrics.counterOf(route.url);
    // When the answer is ready to be sent: waiting for its end takes as long as a tenth of a request.
    route.onSend = (request, reply, payload, done) => {
      count(reply.statusCode, (performance.now() - (request as unknown as Timed)[BEGUN]) / 1000);
      done(null, payload);
    };
  });
  app.decorateRequest(BEGUN, 0);
  if (metrics !== undefined) {
    app.get('/metrics', async (_request, reply) => {
      const text = await metrics.text();
      return reply.type(metrics.contentType).send(text);
    });
  }
  app.setErrorHandler((error: FastifyError, request, reply) =>
    answerError(error, options.log ?? request.log, reply),
  );
  app.setNotFoundHandler(async (request, reply) =>
    reply.code(404).send(problem('NOT_FOUND', `there is no ${request.method} ${request.url.slice(0, 80)}`)),
  );

  app.post('/predict', async (request, reply) => {
    if (isStream(request.body))
      return answerLines(request.body, limit, reply, (line) => {
        const { rows, tickets } = readPredictBody(rowLine(line), label);
        return service.predict(rows[0], tickets);
      });
    const { rows, isList, tickets } = readPredictBody(request.body, label);
    if (!isList) return service.predict(rows[0], tickets);
    const predictions = rows.map((row, i) => inRow(i, () => service.predict(row, tickets)));
    return { predictions };
  });

  app.post('/learn', async (request, reply) => {
    if (isStream(request.body))
      return answerLines(request.body, limit, reply, async (line) => {
        const { lessons } = readLearnBody(line, label);
        const [outcome] = await service.learn(lessons);
        return learnedOf(outcome as Outcome);
      });
    const { lessons, isList } = readLearnBody(request.body, label);
    const outcomes = await service.learn(lessons);
    return isList ? { learned: outcomes.map(learnedOf) } : learnedOf(outcomes[0] as Outcome);
  });

  app.post('/snapshot', async () => {
    const { sequence, rows } = await service.snapshot();
    return { sequence, rows, version: service.version };
  });

  app.get('/schema', async () => rowSchema(service.model));
  app.get('/openapi.json', async () =>
    openApi(service.model, engineVersion(), service.durable === undefined),
  );
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    if (service.failure === undefined) return { status: 'ready' };
    return reply.code(503).send({ status: 'failed' });
  });

  app.get('/model', async (request, reply) => {
    const tag = `"${service.version}"`;
    reply.header('etag', tag).header('cache-control', 'no-cache');
    if (request.headers['if-none-match'] === tag) return reply.code(304).send();
    const handle = await open(service.snapshotFile, 'r');
    const { size } = await handle.stat();
    return reply
      .type('application/octet-stream')
      .header('content-length', size)
      .send(handle.createReadStream());
  });

  app.get('/history', async () => {
    const { points, mistakes } = service.history;
    const { model: facts } = service;
    const failure =
      service.failure === undefined
        ? null
        : 'rows are refused until the server is restarted; its log says why';
    return {
      points,
      mistakes,
      rows: facts.rows,
      drifts: facts.drifts,
      failure,
      scores: facts.scores(),
      counts: service.counts,
    };
  });

  let page: Promise<string> | undefined;
  app.get('/', async (_request, reply) => {
    page ??= modelPage(service.model, service.durable !== undefined);
    // The page's own policy forbids everything else.
    return reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', "frame-ancestors 'none'")
      .send(await page);
  });
}

/** When a request began, in milliseconds. */
const BEGUN = Symbol('begun');
interface Timed {
  [BEGUN]: number;
}

const begin: onRequestHookHandler = (request, _reply, done) => {
  (request as unknown as Timed)[BEGUN] = performance.now();
  done();
};

const secure: onRequestHookHandler = (_request, reply, done) => {
  reply.headers(HEADERS);
  done();
};

function isStream(body: unknown): body is Readable {
  return body instanceof Readable;
}

/** A line of /predict is a row, or an object as the body is otherwise. */
function rowLine(line: unknown): unknown {
  const isBody =
    typeof line === 'object' && line !== null && !Array.isArray(line) && Object.hasOwn(line, 'row');
  return isBody ? line : { row: line };
}

function learnedOf(outcome: Outcome): object {
  if ('error' in outcome) throw outcome.error;
  return (outcome.learned as object | undefined) ?? {};
}

function inRow<T>(index: number, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof SparseTrainError)) throw error;
    throw new SparseTrainError(error.code, `row ${index}: ${error.message}`, { cause: error });
  }
}

function problem(code: string, message: string): object {
  return { error: { code, message } };
}

/** Answers a request that failed. Faults of our own are logged and not shown. */
function answerError(
  error: FastifyError,
  log: { error(error: unknown): void },
  reply: FastifyReply,
): FastifyReply {
  if (error instanceof SparseTrainError) {
    const status = STATUS[error.code] ?? 500;
    const again = RETRY_AFTER[status];
    if (again !== undefined) reply.header('retry-after', again);
    if (status < 500) return reply.code(status).send({ error: error.toData() });
    log.error(error);
    const message = status === 503 ? withoutPaths(error) : 'the server failed; its log says how';
    return reply.code(status).send(problem(error.code, message));
  }
  const { statusCode = 500, code, message } = error;
  if (statusCode < 500) {
    const known = REFUSALS[statusCode];
    return reply.code(statusCode).send(problem(known?.code ?? code, known?.message ?? message));
  }
  log.error(error);
  return reply.code(500).send(problem('INTERNAL', 'the server failed; its log says how'));
}

/** Paths of this machine are for its log alone. */
function withoutPaths({ code }: SparseTrainError): string {
  return code === 'NETWORK_CLOSED'
    ? 'the server is being stopped'
    : 'the row cannot be kept: the disk is full or fails; nothing was learned';
}
