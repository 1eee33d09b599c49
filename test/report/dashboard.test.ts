import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { TrainingProgress } from '../../lib/index.js';
import { type LiveEvent, LiveRun } from '../../lib/report/dashboard/live-run.js';
import { DashboardServer } from '../../lib/report/dashboard/server.js';

function progress(epoch: number, examples: number, values: Partial<TrainingProgress> = {}): TrainingProgress {
  const examplesPerEpoch = 1000;
  return {
    epoch,
    epochs: 10,
    examples,
    examplesPerEpoch,
    fraction: (epoch - 1 + examples / examplesPerEpoch) / 10,
    loss: 1,
    accuracy: 0.5,
    samplesPerSecond: 100,
    seconds: epoch,
    ...values,
  };
}

describe('a run that is watched', () => {
  it('reports each stretch separately, from means over the epoch so far', () => {
    const run = new LiveRun();
    run.onProgress(progress(1, 100, { loss: 2, accuracy: 0.1, seconds: 1 }));
    run.onProgress(progress(1, 300, { loss: 1, accuracy: 0.5, seconds: 2 }));
    run.onProgress(progress(2, 100, { loss: 0.25, accuracy: 0.9, seconds: 3 }));
    expect(run.state.points).toEqual([
      { at: 0.1, examples: 100, loss: 2, accuracy: 0.1, samplesPerSecond: 100 },
      { at: 0.3, examples: 200, loss: 0.5, accuracy: expect.closeTo(0.7), samplesPerSecond: 200 },
      { at: 1.1, examples: 100, loss: 0.25, accuracy: expect.closeTo(0.9), samplesPerSecond: 100 },
    ]);
  });

  it('makes no point of a few examples, nor of the time between epochs', () => {
    const run = new LiveRun();
    run.onProgress(progress(1, 500, { seconds: 5 }));
    run.onProgress(progress(1, 1000, { seconds: 10 }));
    // Measuring the network took 20 seconds.
    run.onProgress(progress(2, 10, { loss: 9, seconds: 30.1 }));
    run.onProgress(progress(2, 500, { seconds: 35 }));
    expect(run.state.points).toMatchObject([
      { at: 0.5, examples: 500, samplesPerSecond: 100 },
      { at: 1, examples: 500, samplesPerSecond: 100 },
      { at: 1.5, examples: 500, loss: 1, samplesPerSecond: 100 },
    ]);
  });

  it('keeps a long run short, and what it comes to the same', () => {
    const run = new LiveRun();
    const states: LiveEvent[] = [];
    run.listen((event) => event.type === 'state' && states.push(event));
    for (let i = 1; i <= 9000; i++)
      run.onProgress({ ...progress(1, i, { loss: 1 + 1 / i, seconds: i }), examplesPerEpoch: 9000 });
    const { points } = run.state;
    expect(points.length).toBeLessThanOrEqual(2000);
    expect(points.length).toBeGreaterThan(500);
    expect(states.length).toBeGreaterThan(1);
    const examples = points.reduce((sum, point) => sum + point.examples, 0);
    const loss = points.reduce((sum, point) => sum + point.examples * (point.loss as number), 0);
    expect(loss / examples).toBeCloseTo((9000 + 1) / 9000, 3);
    for (const [i, { at }] of points.entries()) expect(at).toBeGreaterThan(points[i - 1]?.at ?? 0);
  });
});

/** The answer to a request: all of it or, for events, as much as has come when `enough` returns true. */
function ask(
  url: string,
  options: { host?: string; path?: string; method?: string; enough?: (text: string) => boolean } = {},
): Promise<{ status: number | undefined; headers: Record<string, unknown>; text: string }> {
  const { host, path = '/', method = 'GET', enough } = options;
  return new Promise((resolve, reject) => {
    const headers = host === undefined ? {} : { Host: host };
    const asking = request(new URL(path, url), { method, headers, agent: false }, (response) => {
      let text = '';
      const done = () => resolve({ status: response.statusCode, headers: response.headers, text });
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        if (enough?.(text)) {
          done();
          response.destroy();
        }
      });
      response.on('end', done);
    });
    asking.on('error', reject).end();
  });
}

describe('the dashboard', () => {
  const servers: DashboardServer[] = [];
  const serve = async (run: LiveRun) => {
    const server = await DashboardServer.start(0, '<p>page</p>', run);
    servers.push(server);
    return server;
  };
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  it('answers only who calls it by its own name', async () => {
    const { url } = await serve(new LiveRun());
    const { port } = new URL(url);
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`]) {
      const { status, text, headers } = await ask(url, { host });
      expect({ status, text }).toEqual({ status: 200, text: '<p>page</p>' });
      expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      'localhost',
      '127.0.0.1:1',
      `127.0.0.1.evil:${port}`,
    ]) {
      for (const path of ['/', '/events']) {
        const { status, text } = await ask(url, { host, path });
        expect(status).toBe(421);
        expect(text).not.toContain('page');
      }
    }
  });

  it('has two pages to read, and nothing to change', async () => {
    const { url } = await serve(new LiveRun());
    expect(await ask(url, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
    expect(await ask(url, { path: '/?x=1' })).toMatchObject({ status: 200 });
    expect(await ask(url, { path: '/../package.json' })).toMatchObject({ status: 404 });
    expect(await ask(url, { method: 'POST' })).toMatchObject({ status: 405 });
  });

  it('shows late viewers the whole run, and several viewers the same', async () => {
    const run = new LiveRun();
    const { url } = await serve(run);
    run.onProgress(progress(1, 500));
    let welcomed = 0;
    const watch = () =>
      ask(url, {
        path: '/events',
        enough: (text) => {
          if (text.endsWith('\n\n') && !text.includes('event: progress')) welcomed++;
          return text.includes('event: end');
        },
      });
    const viewers = [watch(), watch()];
    await expect.poll(() => welcomed).toBe(2);
    run.onProgress(progress(1, 800));
    run.end('finished');
    const [first, second] = await Promise.all(viewers);
    expect(first?.text).toBe(second?.text);
    expect(first?.headers['content-type']).toContain('text/event-stream');
    expect(first?.text.match(/^event: .*$/gm)).toEqual(['event: state', 'event: progress', 'event: end']);
    const late = await ask(url, { path: '/events', enough: (text) => text.endsWith('\n\n') });
    const state = JSON.parse(/^data: (.*)$/m.exec(late.text)?.[1] ?? '');
    expect(state).toMatchObject({ ended: 'finished', points: [{ at: 0.5 }, { at: 0.8 }] });
  });

  it('shows itself to its owner, though others hold as many connections as there may be', async () => {
    const run = new LiveRun();
    const { url } = await serve(run);
    let closed = 0;
    let welcomed = 0;
    const idle = Array.from({ length: 64 }, () => {
      const asked = request(`${url}events`, (response) => {
        welcomed++;
        // Never read, like a client that only wants to hold the connection.
        response.on('close', () => closed++);
        response.on('error', () => undefined);
      });
      asked.on('error', () => undefined);
      asked.end();
      return asked;
    });
    await expect.poll(() => welcomed).toBe(64);
    const { status, text } = await ask(url, { path: '/events', enough: (told) => told.endsWith('\n\n') });
    expect(status).toBe(200);
    expect(text).toContain('event: state');
    expect(await ask(url)).toMatchObject({ status: 200 });
    await expect.poll(() => closed).toBe(1);
    for (const asked of idle) asked.destroy();
  });

  it('ends with its viewers', async () => {
    const run = new LiveRun();
    const watched = await DashboardServer.start(0, '', run);
    const { url } = watched;
    let isWelcome = false;
    const enough = () => {
      isWelcome = true;
      return false;
    };
    const viewing = ask(url, { path: '/events', enough });
    await expect.poll(() => isWelcome).toBe(true);
    run.end('finished');
    await watched.close();
    expect((await viewing).text).toMatch(/event: state[\s\S]*event: end/);
    await expect(ask(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('says so if its port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(DashboardServer.start(port, '', new LiveRun())).rejects.toMatchObject({
      code: 'PORT_UNAVAILABLE',
      message: expect.stringContaining(`port ${port} is taken`),
    });
    await new Promise((resolve) => other.close(resolve));
  });
});
