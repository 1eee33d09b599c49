/** The routes of a model: what they answer, and what they refuse. */
import { cpSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Learner, Network } from '../../lib/index.js';
import { DurableModel, FollowedModel, modelRoutes } from '../../lib/public/serve.js';
import { workFolder } from '../cli/run.js';
import { lessonOf, lessons, rowOf } from './rows.js';

const folder = workFolder();
let count = 0;
let file: string;
let model: DurableModel;
let app: FastifyInstance;
const opened: { close(): Promise<unknown> }[] = [];

async function serve(options: object = {}): Promise<FastifyInstance> {
  const made = Fastify({ bodyLimit: 20_000 });
  await made.register(modelRoutes, { model, label: 'class', metrics: false, ...options });
  opened.push(made);
  return made;
}

beforeEach(async () => {
  file = join(folder(), `model-${count++}.safetensors`);
  model = await DurableModel.open(file, { create: { target: 'class' } });
  opened.push(model);
  app = await serve();
});
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

const HOST = { host: 'localhost:8391' };
const JSON_TYPE = { ...HOST, 'content-type': 'application/json' };

async function post(url: string, body: unknown, headers: object = JSON_TYPE, to = app) {
  const payload = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  const answer = await to.inject({ method: 'POST', url, headers, payload } as never);
  return { status: answer.statusCode, headers: answer.headers, body: answer.body };
}
const posted = async (url: string, body: unknown) => JSON.parse((await post(url, body)).body) as never;
const get = (url: string, headers: object = HOST, to = app) =>
  to.inject({ method: 'GET', url, headers } as never);

describe('the routes of a model', () => {
  it('learn rows and predict them as a learner does', async () => {
    const learner = new Learner();
    for (let i = 0; i < 20; i++) {
      const { row, target } = lessonOf(i) as { row: object; target: string };
      expect(await posted('/learn', { row, target })).toEqual(
        JSON.parse(JSON.stringify(learner.learn(row, target))),
      );
    }
    expect(await posted('/predict', { row: rowOf(20) })).toEqual({ ...learner.predict(rowOf(20)) });
    const { predictions } = await posted('/predict', { rows: [rowOf(1), rowOf(2)] });
    expect(predictions).toEqual([rowOf(1), rowOf(2)].map((row) => ({ ...learner.predict(row) })));
    const { learned } = await posted('/learn', { rows: lessons(20, 23) });
    expect(learned).toHaveLength(3);
    await posted('/snapshot', '{}');
    for (const lesson of lessons(20, 23))
      if ('row' in lesson) learner.learn(lesson.row as object, lesson.target as string);
    expect((await Learner.load(file)).digest()).toBe(learner.digest());
  });

  it('take the target from the labelled column, and leave it out of predictions', async () => {
    await posted('/learn', { row: { x: 1, class: 'a' } });
    await posted('/learn', { row: { x: 2, class: 'b' } });
    expect(model.model.columns()?.map(({ name }) => name)).toEqual(['x']);
    expect(await posted('/predict', { row: { x: 1, class: 'a' } })).toEqual(
      await posted('/predict', { row: { x: 1 } }),
    );
  });

  it('learn the truth of a ticket', async () => {
    await posted('/learn', { rows: lessons(0, 10) });
    const { ticket } = await posted('/predict', { row: rowOf(10), tickets: true });
    expect(await posted('/learn', { ticket, target: 'up' })).toMatchObject({ loss: expect.any(Number) });
    expect(model.model.rows).toBe(11);
  });

  it('answer each line of NDJSON with a line, and refuse only the wrong ones', async () => {
    const type = { ...HOST, 'content-type': 'application/x-ndjson' };
    const lines = [
      ...lessons(0, 5).map((one) => JSON.stringify(one)),
      '{"row":{"x":1}}',
      'nonsense',
      '',
      '{"row":{"x":1},"target":"a"}',
    ];
    const learned = await post('/learn', lines.join('\n'), type);
    const answers = learned.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { line?: number; error?: object });
    expect(answers.map(({ line }) => line)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      6,
      7,
      undefined,
    ]);
    expect(model.sequence).toBe(6);
    const predicted = await post(
      '/predict',
      `${JSON.stringify(rowOf(1))}\n${JSON.stringify({ row: rowOf(2) })}\n`,
      type,
    );
    expect(predicted.body.trimEnd().split('\n')).toHaveLength(2);
    const long = await post('/predict', `${JSON.stringify(rowOf(1))}\n{"note":"${'x'.repeat(30_000)}`, type);
    expect(long.body).toContain('the line has more than 20000 bytes');
  });

  it('describe themselves, and say how they are', async () => {
    await posted('/learn', { rows: lessons(0, 10) });
    const schema = (await get('/schema')).json<{ properties: object }>();
    expect(Object.keys(schema.properties)).toEqual(['price', 'zone', 'at', 'note']);
    const { paths } = (await get('/openapi.json')).json<{ paths: object }>();
    expect(Object.keys(paths)).toContain('/learn');
    expect((await get('/healthz', {})).statusCode).toBe(200);
    expect((await get('/readyz', { host: 'anything' })).statusCode).toBe(200);
    expect((await get('/history')).json()).toMatchObject({ rows: 10 });
  });

  it('have a page that requests nothing from elsewhere, for those who may read the model', async () => {
    const page = await get('/');
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
    });
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page.body)?.[1] ?? '';
    expect(policy).toContain('default-src &#39;none&#39;');
    expect(policy).not.toContain('unsafe');
    expect(page.body).not.toMatch(/(?:src|href)="?(?:https?:)?\/\//);
    expect((await get('/', { host: 'evil.example' })).statusCode).toBe(421);
    const guarded = await serve({ token: 'secret' });
    const refused = await get('/', HOST, guarded);
    expect([refused.statusCode, refused.headers['www-authenticate']]).toEqual([
      401,
      expect.stringContaining('Basic'),
    ]);
    const authorization = `Basic ${Buffer.from('me:secret').toString('base64')}`;
    expect((await get('/', { ...HOST, authorization }, guarded)).statusCode).toBe(200);
  });

  it('count for Prometheus', async () => {
    const counting = await serve({ metrics: true });
    await post('/learn', { rows: lessons(0, 10) }, JSON_TYPE, counting);
    await post('/predict', { row: rowOf(1) }, JSON_TYPE, counting);
    await post('/predict', { row: 1 }, JSON_TYPE, counting);
    const { body } = await get('/metrics', HOST, counting);
    for (const line of [
      'learned_total 10',
      'predicted_total 1',
      'refused_total 1',
      'rows 10',
      'journal_unflushed_rows 0',
      'ready 1',
    ])
      expect(body).toContain(`sparse_train_${line}\n`);
    expect(body).toContain('sparse_train_rolling_score{target="0",score="accuracy"}');
    expect(body).toContain('sparse_train_request_seconds_count{route="/predict",status="400"} 1');
  });

  it('give snapshots with an ETag, which readers follow without losing a request', async () => {
    const token = 'secret';
    const learning = await serve({ token });
    const url = await learning.listen({ host: '127.0.0.1', port: 0 });
    await model.learnAll(lessons(0, 50));
    await model.snapshot();
    const followed = await FollowedModel.follow(url, { token, every: 60 });
    opened.push(followed);
    expect(await followed.look()).toBe(false);
    expect(followed.predict(rowOf(3))).toEqual(model.predict(rowOf(3)));
    const reading = await serve({ model: followed });
    await model.learnAll(lessons(50, 90));
    await model.snapshot();
    const looking = followed.look();
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => post('/predict', { row: rowOf(3) }, JSON_TYPE, reading)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await looking).toBe(true);
    expect(followed.model.rows).toBe(90);
    expect(await followed.predict(rowOf(3))).toEqual(model.predict(rowOf(3)));
    const refused = await post('/learn', lessonOf(1), JSON_TYPE, reading);
    expect([refused.status, JSON.parse(refused.body).error.code]).toEqual([405, 'READ_ONLY']);
    await expect(FollowedModel.follow(url, { token: 'wrong' })).rejects.toMatchObject({
      code: 'DOWNLOAD_FAILED',
    });
    await (await DurableModel.open(join(folder(), 'other.safetensors'), { create: {} })).close();
    const byFile = await FollowedModel.follow(file, { every: 60 });
    opened.push(byFile);
    expect(byFile.model.rows).toBe(90);
  });

  it('serve a network of a table and one of numbers', async () => {
    const path = join(folder(), `network-${count++}.safetensors`);
    await new Network({ layers: [3, 8, 2], density: 1, seed: 1 }).save(path);
    const network = await DurableModel.open(path);
    opened.push(network);
    const serving = await serve({ model: network, label: undefined });
    const predicted = await post('/predict', { row: [1, 2, 3] }, JSON_TYPE, serving);
    expect(JSON.parse(predicted.body)).toMatchObject({
      class: expect.any(String),
      probability: expect.any(Number),
    });
    expect((await post('/learn', { row: [1, 0, 1], target: 1 }, JSON_TYPE, serving)).status).toBe(200);
    for (const body of [
      { row: [1, 2], target: 1 },
      { row: [1, 2, 'x'], target: 1 },
      { row: [1, 2, 3], target: 2 },
      { row: { a: 1 }, target: 1 },
    ])
      expect((await post('/learn', body, JSON_TYPE, serving)).status).toBe(400);
    expect(network.sequence).toBe(1);
  });

  it('refuse more than may wait, and say when to try again', async () => {
    const path = join(folder(), `small-${count++}.safetensors`);
    const small = await DurableModel.open(path, { create: {}, maxPending: 1 });
    opened.push(small);
    const serving = await serve({ model: small });
    const answers = await Promise.all(
      lessons(0, 40).map((lesson) => post('/learn', lesson, JSON_TYPE, serving)),
    );
    const busy = answers.filter(({ status }) => status === 429);
    expect(busy.length).toBeGreaterThan(0);
    expect(busy[0]?.headers['retry-after']).toBe('1');
    expect(JSON.parse(busy[0]?.body as string).error.code).toBe('OVERLOADED');
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(small.sequence);
  });
});

const nested = (depth: number) => `${'['.repeat(depth)}1${']'.repeat(depth)}`;
const row = '{"x":1}';
/** Requests by attackers and by mistake: route, body, status, and a word of the message. */
const HOSTILE: [string, string, string | Buffer, number, (string | undefined)?, object?][] = [
  ['no body', '/learn', '', 400],
  ['no JSON', '/learn', 'x', 400, 'not JSON'],
  ['half of JSON', '/learn', '{"row":{"x":1},"tar', 400, 'not JSON'],
  ['a number', '/learn', '1', 400, 'must be an object'],
  ['null', '/learn', 'null', 400, 'must be an object'],
  ['a list', '/learn', '[]', 400, 'must be an object'],
  ['a text', '/predict', '"row"', 400, 'must be an object'],
  ['nothing in it', '/predict', '{}', 400, 'either "row" or "rows"'],
  ['row and rows', '/predict', `{"row":${row},"rows":[]}`, 400, 'either'],
  ['rows that are no list', '/predict', '{"rows":{}}', 400, '"rows" must be a list'],
  ['rows with a number', '/predict', '{"rows":[{"x":1},2]}', 400, 'row 1'],
  ['a misspelt field', '/learn', `{"row":${row},"tagret":1}`, 400, 'did you mean \\"target\\"?'],
  ['no target', '/learn', `{"row":${row}}`, 400, '"target\\" is missing'],
  ['a null target', '/learn', `{"row":${row},"target":null}`, 400, 'missing'],
  ['an object as target', '/learn', `{"row":${row},"target":{}}`, 400, 'the target must be'],
  ['a list as target', '/learn', `{"row":${row},"target":[1]}`, 400, 'the target must be'],
  ['an empty target', '/learn', `{"row":${row},"target":""}`, 400, 'the target must be'],
  ['a text as row', '/learn', '{"row":"x","target":"a"}', 400, 'a row must be'],
  ['null as row', '/learn', '{"row":null,"target":"a"}', 400, 'a row must be'],
  ['a number as row', '/learn', '{"row":1,"target":"a"}', 400, 'a row must be'],
  ['row and ticket', '/learn', `{"row":${row},"ticket":"x","target":"a"}`, 400, 'either'],
  ['a ticket that is none', '/learn', '{"ticket":"x","target":"a"}', 400, 'ticket'],
  ['a ticket that is a number', '/learn', '{"ticket":1,"target":"a"}', 400, '"ticket\\" must be'],
  [
    'a forged ticket',
    '/learn',
    `{"ticket":"${Buffer.from('[1,{"x":1},[{"probabilities":{"a":-1}}]]').toString('base64url')}","target":"a"}`,
    400,
    'ticket',
  ],
  [
    'one wrong row of three',
    '/learn',
    `{"rows":[{"row":${row},"target":"a"},{"row":${row}},{"row":${row},"target":"a"}]}`,
    400,
    'row 1',
  ],
  ['__proto__ in the body', '/learn', `{"row":${row},"target":"a","__proto__":{"x":1}}`, 400, 'no field'],
  [
    'constructor in the body',
    '/learn',
    `{"row":${row},"target":"a","constructor":{"prototype":{"x":1}}}`,
    400,
    'no field',
  ],
  ['a row nested too deep', '/learn', `{"row":{"x":${nested(20)}},"target":"a"}`, 400, 'deep'],
  [
    'objects nested too deep',
    '/learn',
    `{"row":${'{"a":'.repeat(12)}1${'}'.repeat(12)},"target":"a"}`,
    400,
    'deep',
  ],
  [
    'JSON nested 5,000 deep',
    '/learn',
    `{"row":{"x":${nested(5000)}},"target":"a"}`,
    400,
    'nested more than 100 deep',
  ],
  ['an open list 10,000 deep', '/learn', '['.repeat(10_000), 400],
  ['a number beyond doubles', '/learn', '{"row":{"x":1e999},"target":"a"}', 400, 'beyond'],
  ['a long number beyond doubles', '/learn', `{"row":{"x":${'9'.repeat(400)}},"target":"a"}`, 400, 'beyond'],
  ['a target beyond doubles', '/learn', `{"row":${row},"target":-1e999}`, 400, 'beyond'],
  ['a mixed list of words', '/learn', '{"row":{"w":["a",1]},"target":"a"}', 400, 'w[1]'],
  [
    'a body that is too large',
    '/learn',
    `{"row":{"x":"${'a'.repeat(30_000)}"},"target":"a"}`,
    413,
    'too large',
  ],
  [
    'a plain text',
    '/learn',
    `{"row":${row},"target":"a"}`,
    415,
    'application/json',
    { ...HOST, 'content-type': 'text/plain' },
  ],
  [
    'a form',
    '/learn',
    'row=1',
    415,
    'application/json',
    { ...HOST, 'content-type': 'application/x-www-form-urlencoded' },
  ],
  [
    'a compressed body',
    '/learn',
    `{"row":${row},"target":"a"}`,
    415,
    'without content-encoding',
    { ...HOST, ...JSON_TYPE, 'content-encoding': 'gzip' },
  ],
  ['no type', '/learn', `{"row":${row},"target":"a"}`, 415, 'application/json', HOST],
  [
    'another host',
    '/learn',
    `{"row":${row},"target":"a"}`,
    421,
    'host name',
    { ...JSON_TYPE, host: 'evil.example' },
  ],
  [
    'another host with a port',
    '/learn',
    `{"row":${row},"target":"a"}`,
    421,
    'host name',
    { ...JSON_TYPE, host: 'evil.example:8391' },
  ],
  [
    'a host that begins as ours',
    '/learn',
    `{"row":${row},"target":"a"}`,
    421,
    'host name',
    { ...JSON_TYPE, host: 'localhost.evil.example' },
  ],
  [
    'an address with a tail',
    '/learn',
    `{"row":${row},"target":"a"}`,
    421,
    'host name',
    { ...JSON_TYPE, host: '127.0.0.1.evil.example' },
  ],
  ['bytes that are no UTF-8', '/learn', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), 400],
  ['a wrong length', '/learn', `{"row":${row}}`, 400, undefined, { ...JSON_TYPE, 'content-length': '5' }],
  ['tickets that are no truth value', '/predict', `{"row":${row},"tickets":"yes"}`, 400, 'true or false'],
  ['a path of nothing', '/learn/../etc', '{}', 404, 'there is no'],
  ['a path with escapes', '/%2e%2e/%2e%2e/etc/passwd', '{}', 404],
  ['a path that is no text', '/%ff', '{}', 400],
  ['a snapshot of another host', '/snapshot', '{}', 421, 'host name', { ...JSON_TYPE, host: 'evil.example' }],
];

describe('hostile requests', () => {
  it.each(HOSTILE)(
    '%s: a clear refusal, and nothing learned',
    async (_, url, body, status, says, headers = JSON_TYPE) => {
      await posted('/learn', { rows: lessons(0, 3) });
      const answer = await post(url, body, headers);
      expect(answer.status, answer.body).toBe(status);
      if (says !== undefined)
        expect(answer.body).toContain(says.replaceAll('\\"', '"').replaceAll('"', '\\"'));
      expect(answer.body).not.toMatch(/node_modules|\.ts:|\.js:|at [A-Z]\w+\.|sparse-train-cli/);
      expect(model.sequence).toBe(3);
      expect(({} as Record<string, unknown>).x).toBeUndefined();
      const after = await posted('/predict', { row: rowOf(1) });
      expect(after).toHaveProperty('class');
    },
  );

  it('with a wrong token, in any form: 401, and probes still answer', async () => {
    const guarded = await serve({ token: 'correct horse' });
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
    for (const authorization of [
      undefined,
      '',
      'Bearer',
      'Bearer x',
      'Bearer correct',
      'correct horse',
      basic('x:y'),
      basic('correct horse'),
      `Bearer ${'x'.repeat(9000)}`,
    ]) {
      const headers = {
        ...JSON_TYPE,
        host: 'any.example',
        ...(authorization === undefined ? {} : { authorization }),
      };
      for (const url of ['/learn', '/predict', '/snapshot'])
        expect((await post(url, lessonOf(1), headers, guarded)).status).toBe(401);
      for (const url of ['/model', '/schema', '/history', '/openapi.json'])
        expect((await get(url, headers, guarded)).statusCode).toBe(401);
    }
    expect((await get('/healthz', {}, guarded)).statusCode).toBe(200);
    const right = { ...JSON_TYPE, host: 'any.example', authorization: basic('user:correct horse') };
    expect((await post('/learn', lessonOf(1), right, guarded)).status).toBe(200);
    expect(model.sequence).toBe(1);
  });

  it('a body that comes slowly holds nobody up, and is not learned when it breaks off', async () => {
    const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
    const sockets = Array.from({ length: 20 }, () => {
      const socket = connect(Number(url.port), '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(
        'POST /learn HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"row":{"x":1',
      );
      return socket;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const answer = await fetch(new URL('/learn', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(lessonOf(1)),
    });
    expect(answer.status).toBe(200);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(model.sequence).toBe(1);
  });

  it('of any shape are learned or refused, and the server comes back with the same bits', async () => {
    const value = fc.jsonValue({ maxDepth: 4 });
    const bodies = fc.oneof(
      fc.json(),
      fc.record({ row: value, target: value }).map((body) => JSON.stringify(body)),
      fc
        .record({
          row: fc.dictionary(fc.string(), value),
          target: fc.oneof(fc.string(), fc.double({ noNaN: true })),
        })
        .map((body) => JSON.stringify(body)),
      fc.tuple(fc.nat(200), fc.string({ unit: 'binary', maxLength: 3 })).map(([at, noise]) => {
        const text = JSON.stringify(lessonOf(at));
        return text.slice(0, at % text.length) + noise + text.slice((at % text.length) + 1);
      }),
    );
    let learned = 0;
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const answer = await post('/learn', body);
        expect([200, 400]).toContain(answer.status);
        if (answer.status === 200) learned++;
        expect([200, 400]).toContain((await post('/predict', body)).status);
      }),
      { numRuns: 300 },
    );
    expect(learned).toBeGreaterThan(20);
    // A body { "rows": [...] } could be learned too, but the generators never make one with targets.
    expect(model.sequence).toBe(learned);
    const copy = `${file}.copy`;
    cpSync(file, copy);
    cpSync(`${file}.journal`, `${copy}.journal`, { recursive: true });
    await model.close();
    const again = await DurableModel.open(copy);
    expect(again.recovery.replayed).toBe(learned);
    await again.close();
    expect((await Learner.load(copy)).digest()).toBe((await Learner.load(file)).digest());
  });
});
