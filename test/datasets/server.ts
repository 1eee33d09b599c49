import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll } from 'vitest';

/** A request as the server saw it. */
export interface Seen {
  readonly path: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A web server on this machine; the test decides what each path does. */
export class MirrorServer {
  readonly #answers = new Map<string, Answer>();
  readonly #server: Server;
  /** Requests since the last reset. */
  seen: Seen[] = [];

  constructor() {
    this.#server = createServer((request, response) => {
      const path = request.url ?? '';
      const { range, 'if-range': ifRange } = request.headers;
      this.seen.push({ path, range, ifRange: ifRange as string | undefined });
      const answer = this.#answers.get(path);
      if (answer === undefined) response.writeHead(404).end('nothing here');
      else answer(request, response);
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  on(path: string, answer: Answer): string {
    this.#answers.set(path, answer);
    return this.origin + path;
  }

  reset(): void {
    this.#answers.clear();
    this.seen = [];
  }
}

/** A server for the tests of a file. */
export function mirrorServer(): MirrorServer {
  const server = new MirrorServer();
  beforeAll(() => server.start());
  afterAll(() => server.stop());
  return server;
}

/** How a file is served. */
export interface Serving {
  etag?: string;
  /** For the first `cuts` answers: send only this many bytes, then cut the connection. */
  cutAfter?: number;
  cuts?: number;
  ignoreRange?: boolean;
}

/** Serves bytes with ranges, as a good server does, or as `serving` says. */
export function serveBytes(bytes: Uint8Array, serving: Serving = {}): Answer {
  let cuts = serving.cuts ?? Number.POSITIVE_INFINITY;
  const { etag = '"version 1"' } = serving;
  return (request, response) => {
    const match = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    const sameVersion = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
    const start = match !== null && sameVersion && serving.ignoreRange !== true ? Number(match[1]) : 0;
    const body = bytes.subarray(start);
    const isPart = start > 0;
    response.writeHead(isPart ? 206 : 200, {
      etag,
      'content-length': body.length,
      ...(isPart ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {}),
    });
    if (serving.cutAfter === undefined || cuts-- <= 0) {
      response.end(body);
      return;
    }
    response.write(body.subarray(0, serving.cutAfter), () => setTimeout(() => response.destroy(), 20));
  };
}
