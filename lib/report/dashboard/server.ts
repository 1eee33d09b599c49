import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SparseTrainError } from '../../base/errors.js';
import type { LiveEvent, LiveRun } from './live-run.js';

const ADDRESS = '127.0.0.1';
/** The most viewers at once. */
const MOST_VIEWERS = 64;
/** A viewer that has not read this many bytes is disconnected. Its browser reconnects and gets the whole state. */
const MOST_BEHIND = 4 * 2 ** 20;
/** Milliseconds after which an idle connection gets a comment, so that no proxy closes it. */
const HEARTBEAT = 15_000;
/** Milliseconds that viewers get to read the last event before the server closes. */
const FAREWELL = 1000;

/** Sent with every response; the page's own policy forbids everything else. */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/**
 * Shows a run to browsers on this machine: `/` is the page, `/events` sends server-sent events, beginning
 * with the whole history. It listens only on the loopback address and answers only requests that name it as their
 * host, so that no page of another site can read it, not even one whose name resolves to this machine.
 */
export class DashboardServer {
  /** Its URL. */
  readonly url: string;
  readonly #server: Server;
  readonly #page: string;
  readonly #run: LiveRun;
  readonly #hosts: ReadonlySet<string>;
  readonly #viewers = new Set<ServerResponse>();
  readonly #heartbeat: NodeJS.Timeout;
  readonly #stopListening: () => void;

  private constructor(server: Server, page: string, run: LiveRun) {
    const { port } = server.address() as AddressInfo;
    this.url = `http://${ADDRESS}:${port}/`;
    this.#server = server;
    this.#page = page;
    this.#run = run;
    const names = [ADDRESS, 'localhost'];
    this.#hosts = new Set([...names.map((name) => `${name}:${port}`), ...(port === 80 ? names : [])]);
    this.#stopListening = run.listen((event) => {
      for (const viewer of this.#viewers) this.#send(viewer, event);
    });
    this.#heartbeat = setInterval(() => {
      for (const viewer of this.#viewers) viewer.write(':\n\n');
    }, HEARTBEAT).unref();
    server.on('request', (request, response) => this.#answer(request, response));
  }

  /**
   * Starts serving.
   *
   * @param port - 0 for any free port
   * @throws SparseTrainError PORT_UNAVAILABLE if the port is taken or not ours to use
   */
  static async start(port: number, page: string, run: LiveRun): Promise<DashboardServer> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(portError(port, error)));
      server.listen({ port, host: ADDRESS, exclusive: true }, resolve);
    });
    return new DashboardServer(server, page, run);
  }

  /** Closes all connections, after a moment for those still being written to, and frees the port. */
  async close(): Promise<void> {
    clearInterval(this.#heartbeat);
    this.#stopListening();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const viewer of this.#viewers) viewer.end();
    this.#server.closeIdleConnections();
    const impatient = setTimeout(() => this.#server.closeAllConnections(), FAREWELL);
    await closed;
    clearTimeout(impatient);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { method, headers, url = '/' } = request;
    const refuse = (status: number, reason: string) => {
      response.writeHead(status, { ...HEADERS, 'Content-Type': 'text/plain' }).end(`${reason}\n`);
    };
    const [path] = url.split('?');
    if (!this.#hosts.has((headers.host ?? '').toLowerCase())) {
      refuse(421, `this is ${this.url}, and nothing else`);
    } else if (method !== 'GET' && method !== 'HEAD') {
      refuse(405, 'there is nothing to change here');
    } else if (path === '/') {
      response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/html; charset=utf-8' });
      response.end(method === 'HEAD' ? undefined : this.#page);
    } else if (path !== '/events' || method === 'HEAD') {
      refuse(404, 'there is no such page; the dashboard is /');
    } else {
      // A new viewer must not be locked out by connections that nobody looks at: the oldest one is closed.
      if (this.#viewers.size >= MOST_VIEWERS) [...this.#viewers][0]?.destroy();
      this.#welcome(response);
    }
  }

  #welcome(viewer: ServerResponse): void {
    viewer.writeHead(200, { ...HEADERS, 'Content-Type': 'text/event-stream; charset=utf-8' });
    this.#viewers.add(viewer);
    viewer.on('close', () => this.#viewers.delete(viewer));
    this.#send(viewer, { type: 'state', data: this.#run.state });
  }

  #send(viewer: ServerResponse, { type, data }: LiveEvent): void {
    if (viewer.writableLength > MOST_BEHIND) {
      viewer.destroy();
      return;
    }
    viewer.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
  }
}

function portError(port: number, error: NodeJS.ErrnoException): SparseTrainError {
  const reasons: Record<string, string> = {
    EADDRINUSE: `port ${port} is taken by another program`,
    EACCES: `port ${port} is not ours to use`,
  };
  const reason = reasons[error.code ?? ''] ?? `port ${port} cannot be used (${error.code ?? error.message})`;
  const advice = 'choose another one, or 0 for any that is free';
  return new SparseTrainError('PORT_UNAVAILABLE', `--dashboard: ${reason}; ${advice}`, { cause: error });
}
