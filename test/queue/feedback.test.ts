/** Lessons that come through a Redis stream while processes die. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { Learner } from '../../lib/index.js';
import { DurableModel, RedisFeedback } from '../../lib/public/serve.js';
import { lessonOf } from '../serve/rows.js';
import { queueSetting } from './setting.js';

const setting = queueSetting();
const open: { close?(): Promise<unknown>; disconnect?(): void }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) {
    one.disconnect?.();
    await one.close?.();
  }
});

function connect(): Redis {
  const redis = new Redis(setting.url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  redis.on('error', () => undefined);
  open.push({ disconnect: () => redis.disconnect() });
  return redis;
}

/** Adds lessons `first` to `last - 1`; returns the ids of their entries. */
async function add(redis: Redis, first: number, last: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = first; i < last; i++)
    ids.push((await redis.xadd('feedback', '*', 'lesson', JSON.stringify(lessonOf(i)))) as string);
  return ids;
}

interface Journaled {
  readonly row: object;
  readonly target: string;
  readonly from: string;
}

/** The lessons in a journal. */
function journaled(file: string): Journaled[] {
  const folder = `${file}.journal`;
  const names = readdirSync(folder).filter((name) => name.endsWith('.journal'));
  return names.sort().flatMap((name) => {
    const lines = readFileSync(join(folder, name), 'utf8').split('\n').slice(1, -1);
    return lines.map((line) => JSON.parse(line.slice(line.indexOf('{'))) as Journaled);
  });
}

function digestOf(lessons: readonly Journaled[]): string {
  const learner = new Learner();
  for (const { row, target } of lessons) learner.learn(row as Record<string, unknown>, target);
  return learner.digest();
}

describe('feedback from a Redis stream', () => {
  it('is learned exactly once while Redis and the server are killed', async () => {
    const file = join(setting.folder(), 'live.safetensors');
    const serve = () =>
      setting.begin(['serve', file, '--new', '--port', '0', '--feedback', setting.url, '--keep', '1000']);
    const redis = connect();
    const before = await add(redis, 0, 30);
    const ids = [...before];
    let server = serve();
    const learned = () => expect.poll(() => journaled(file).length, { timeout: 30_000 });
    await setting.says(server, '"serving"');
    await learned().toBe(30);
    for (let round = 1; round <= 3; round++) {
      const adding = add(redis, 30 * round, 30 * (round + 1));
      if (round !== 2) {
        await setting.redis.kill();
        await setting.redis.start();
      }
      if (round !== 1) {
        server.child.kill('SIGKILL');
        await server.ended;
        server = serve();
      }
      ids.push(...(await adding));
      await learned().toBeGreaterThanOrEqual(ids.length);
    }
    server.child.kill('SIGTERM');
    expect((await server.ended).status).toBe(0);
    const lessons = journaled(file);
    // A client whose connection breaks sends its entry again, so there may be more entries than it knows of.
    const stream = await redis.xrange('feedback', '-', '+');
    expect(lessons.map(({ from }) => from)).toEqual(stream.map(([id]) => `feedback/${id}`));
    expect(stream.map(([id]) => id)).toEqual(expect.arrayContaining(ids));
    expect((await Learner.load(file)).digest()).toBe(digestOf(lessons));
    const [group] = (await redis.xinfo('GROUPS', 'feedback')) as unknown[][];
    expect(group?.[group.indexOf('pending') + 1]).toBe(0);
  });

  it('is not learned again when Redis has forgotten what was confirmed', async () => {
    const file = join(setting.folder(), 'forgetful.safetensors');
    const redis = connect();
    const model = await DurableModel.open(file, { create: {} });
    const ids = await add(redis, 0, 10);
    const first = await RedisFeedback.start(model, setting.url);
    await expect.poll(() => model.sequence).toBe(10);
    await first.close();
    // A snapshot begins a new segment, so the journal after it has no entry.
    await model.snapshot();
    await model.close();
    const again = await DurableModel.open(file);
    open.push(again);
    expect(again.latestOrigin).toBe(`feedback/${ids.at(-1)}`);
    await redis.xgroup('DESTROY', 'feedback', `sparse-train:${again.id}`);
    await redis.xgroup('CREATE', 'feedback', `sparse-train:${again.id}`, '0');
    const second = await RedisFeedback.start(again, setting.url);
    await add(redis, 10, 12);
    await expect.poll(() => again.sequence).toBe(12);
    expect(second.counts).toEqual({ learned: 2, refused: 0, repeated: 10 });
    await redis.del('feedback');
    await add(redis, 12, 14);
    await expect.poll(() => again.sequence, { timeout: 10_000 }).toBe(14);
    await second.close();
  });

  it('refuses single entries by their id, and learns the others', async () => {
    const redis = connect();
    const model = await DurableModel.open(join(setting.folder(), 'picky.safetensors'), { create: {} });
    open.push(model);
    const problems: string[] = [];
    const wrong = [
      ['lesson', '{"row":{"x":1}}'],
      ['lesson', 'nonsense'],
      ['row', '{"x":1}'],
      ['lesson', `{"rows":[${JSON.stringify(lessonOf(1))}]}`],
      ['lesson', '{"row":{"w":["a",1]},"target":"a"}'],
    ];
    const ids: string[] = [];
    for (const fields of wrong) {
      ids.push((await redis.xadd('other', '*', ...fields)) as string);
      await redis.xadd('other', '*', 'lesson', '{"row":{"x":1},"target":"a"}');
    }
    const feedback = await RedisFeedback.start(model, setting.url, {
      stream: 'other',
      onProblem: ({ entry, error }) => problems.push(`${entry}: ${(error as Error).message}`),
    });
    await expect.poll(() => feedback.counts).toEqual({ learned: 5, refused: 5, repeated: 0 });
    await feedback.close();
    expect(model.sequence).toBe(5);
    expect(problems.map((text) => text.slice(0, text.indexOf(': '))).sort()).toEqual(ids.sort());
    const all = problems.join('\n');
    for (const text of ['"target" is missing', 'not JSON', 'no field "lesson"', 'holds one row', 'w[1]'])
      expect(all).toContain(text);
  });

  it('asks for an address of a server that answers', async () => {
    const model = await DurableModel.open(join(setting.folder(), 'none.safetensors'), { create: {} });
    open.push(model);
    await expect(RedisFeedback.start(model, 'localhost:1')).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('feedback must be the address of a Redis server'),
    });
    await expect(RedisFeedback.start(model, 'redis://127.0.0.1:1')).rejects.toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
      message: expect.stringContaining('the feedback redis://127.0.0.1:1 cannot be reached'),
    });
  });
});
