/** A model that learns while it is in use keeps everything that was acknowledged. */
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Learner, Network, SparseTrainError } from '../../lib/index.js';
import { DurableModel, type Lesson } from '../../lib/public/serve.js';
import { Journal } from '../../lib/serve/journal/journal.js';
import { workFolder } from '../cli/run.js';
import { lessonOf, lessons, rowOf } from './rows.js';

const folder = workFolder();
let count = 0;
const newFile = () => join(folder(), `model-${count++}.safetensors`);
const create = { target: 'class' } as const;

/** The digest of a learner that has learned the lessons without a server. */
function offline(all: readonly Lesson[]): string {
  const learner = new Learner();
  for (const lesson of all) if ('row' in lesson) learner.learn(lesson.row as object, lesson.target as string);
  return learner.digest();
}

const digestOf = async (file: string) => (await Learner.load(file)).digest();

/** The files that a killed process leaves: a copy, without the lock. */
function killed(file: string): string {
  const copy = newFile();
  copyFileSync(file, copy);
  cpSync(`${file}.journal`, `${copy}.journal`, { recursive: true });
  return copy;
}

const segments = (file: string) =>
  readdirSync(`${file}.journal`)
    .filter((name) => name.endsWith('.journal'))
    .map((name) => join(`${file}.journal`, name));

async function refusal(action: () => Promise<unknown>): Promise<SparseTrainError> {
  const error = await action().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SparseTrainError);
  return error as SparseTrainError;
}

describe('a durable model', () => {
  it.each(['always', 'interval'] as const)('comes back to the very digest, with fsync %s', async (fsync) => {
    const file = newFile();
    const model = await DurableModel.open(file, { create, fsync });
    await Promise.all(lessons(0, 300).map((lesson) => model.learn(lesson)));
    await model.snapshot();
    await model.learnAll(lessons(300, 450));
    const copy = killed(file);
    await model.close();
    const again = await DurableModel.open(copy);
    expect(again.recovery).toMatchObject({ replayed: 150, tornBytes: 0 });
    await again.close();
    expect(await digestOf(copy)).toBe(offline(lessons(0, 450)));
    expect(await digestOf(file)).toBe(offline(lessons(0, 450)));
  });

  it('learns in the order of the journal while it takes snapshots', async () => {
    const file = newFile();
    const model = await DurableModel.open(file, { create, keep: 2 });
    const all = lessons(0, 400);
    const waits: Promise<unknown>[] = [];
    for (const [i, lesson] of all.entries()) {
      waits.push(model.learn(lesson));
      if (i % 50 === 0) await model.snapshot();
      if (i % 20 === 0) await new Promise(setImmediate);
    }
    await Promise.all(waits);
    await model.close();
    expect(await digestOf(file)).toBe(offline(all));
    expect(readdirSync(`${file}.journal`).filter((name) => name.endsWith('.safetensors'))).toHaveLength(3);
    expect(readdirSync(folder()).filter((name) => name.endsWith('.tmp') || name.endsWith('.lock'))).toEqual(
      [],
    );
  });

  it('flushes at any moment while one segment takes the place of another', async () => {
    const journal = await Journal.begin(join(folder(), 'moments.journal'), 'an id', 0);
    const flushes: Promise<void>[] = [];
    for (let i = 0; i < 100; i++) {
      journal.append([`{"at":${i}}`]);
      let isDone = false;
      const rotating = journal.rotate().finally(() => {
        isDone = true;
      });
      while (!isDone) {
        flushes.push(journal.flush());
        await new Promise(setImmediate);
      }
      await rotating;
    }
    await Promise.all(flushes);
    await journal.close();
  });

  it('leaves out what a crash cut off, at any byte, and keeps what came before', async () => {
    const file = newFile();
    const model = await DurableModel.open(file, { create });
    await model.learnAll(lessons(0, 20));
    const [segment] = segments(file) as [string];
    const { size } = statSync(segment);
    await model.learn(lessonOf(20));
    const { size: whole } = statSync(segment);
    const left = killed(file);
    await model.close();
    for (let length = size; length < whole; length += 7) {
      const copy = killed(left);
      truncateSync(segments(copy)[0] as string, length);
      const again = await DurableModel.open(copy);
      expect(again.recovery).toMatchObject({ replayed: 20, tornBytes: length - size });
      await again.learn(lessonOf(20));
      await again.close();
      expect(await digestOf(copy)).toBe(offline(lessons(0, 21)));
    }
  });

  it('cuts off garbage at the end, but refuses damage with whole records after it', async () => {
    const file = newFile();
    const model = await DurableModel.open(file, { create });
    await model.learnAll(lessons(0, 20));
    const left = killed(file);
    await model.close();
    const torn = killed(left);
    appendFileSync(segments(torn)[0] as string, Buffer.alloc(4096));
    const again = await DurableModel.open(torn);
    expect(again.recovery).toMatchObject({ replayed: 20, tornBytes: 4096 });
    await again.close();
    const damaged = killed(left);
    const [segment] = segments(damaged) as [string];
    const bytes = readFileSync(segment);
    bytes[bytes.indexOf('zone-3')] = 0x5a;
    writeFileSync(segment, bytes);
    const error = await refusal(() => DurableModel.open(damaged));
    expect(error.code).toBe('INVALID_FILE');
    expect(error.message).toMatch(/damaged at byte \d+: whole records follow/);
  });

  it('has one writer at a time', async () => {
    const file = newFile();
    const model = await DurableModel.open(file, { create });
    const error = await refusal(() => DurableModel.open(file));
    expect(error.code).toBe('MODEL_BUSY');
    expect(error.message).toContain(`process ${process.pid}`);
    await model.close();
    await (await DurableModel.open(file)).close();
  });

  it('learns nothing from what it refuses, and says which row and field', async () => {
    const file = newFile();
    const model = await DurableModel.open(file, { create });
    await model.learnAll(lessons(0, 10));
    let deep: object = {};
    for (let i = 0; i < 12; i++) deep = { a: deep };
    const wrong: [Lesson, string][] = [
      [{ row: { ...rowOf(1), far: deep }, target: 'up' }, 'more than 8 deep'],
      [{ row: { words: ['a', 1] }, target: 'up' }, 'words[1]'],
      [{ row: { fresh: [[[[[[[[[[1]]]]]]]]]] }, target: 'up' }, 'more than 8 deep'],
      [{ row: 'price', target: 'up' }, 'a row must be an object'],
      [{ row: rowOf(1), target: null }, 'the target must be'],
      [{ ticket: 'abc', target: 'up' }, 'ticket'],
      [{ row: Array.from({ length: 20_000 }, () => 1), target: 'up' }, '20000'],
      [{ row: { n: 1n }, target: 'up' }, 'JSON'],
    ];
    for (const [lesson, says] of wrong) {
      const error = await refusal(() => model.learnAll([lessonOf(0), lesson, lessonOf(1)]));
      expect(error.code).toBe('INVALID_DATA');
      expect(error.message).toMatch(/^row 1: /);
      expect(error.message).toContain(says);
    }
    expect(model.sequence).toBe(10);
    await model.close();
    const learner = await Learner.load(file);
    expect(learner.digest()).toBe(offline(lessons(0, 10)));
    expect(learner.inspect().columns.map(({ name }) => name)).toEqual(['price', 'zone', 'at', 'note']);
  });

  it('takes a number for the class of that name where the names are numbers', async () => {
    const file = newFile();
    const labels = ['1', '2', '3'];
    const network = new Network({ layers: [1, 4, 3], classes: labels });
    await network.save(file);
    const offline = await Network.load(file);
    const model = await DurableModel.open(file);
    await model.learnAll([
      { row: [0.5], target: 1 },
      { row: [0.25], target: '3' },
    ]);
    for (const target of [0, 4, '1.0', 1.5, 2 ** 53]) {
      const { message } = await refusal(() => model.learnAll([{ row: [0.5], target }]));
      expect(message).toContain('the target must be one of the classes 1, 2, 3');
    }
    await model.close();
    offline.learn([0.5], '1');
    offline.learn([0.25], '3');
    offline.flush();
    expect((await Network.load(file)).digest()).toBe(offline.digest());
  });

  it('learns a class too many again as refused', async () => {
    const file = newFile();
    const model = await DurableModel.open(file, { create: { ...create, maxClasses: 2 } });
    const lesson = (target: string) => ({ row: { x: 1 }, target });
    await model.learn(lesson('a'));
    // Both are checked while there is room for only one of them.
    const both = await Promise.allSettled([model.learn(lesson('b')), model.learn(lesson('c'))]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    const copy = killed(file);
    await model.close();
    const again = await DurableModel.open(copy);
    expect([again.sequence, again.model.rows]).toEqual([3, 2]);
    await again.close();
    expect(await digestOf(copy)).toBe(await digestOf(file));
  });

  it('learns the truth of a prediction later, after a crash as well', async () => {
    const file = newFile();
    const model = await DurableModel.open(file, { create });
    await model.learnAll(lessons(0, 50));
    const { ticket } = model.predict(rowOf(50), true) as { ticket: string };
    const copy = killed(file);
    await model.close();
    const again = await DurableModel.open(copy);
    await again.learn({ ticket, target: 'up' });
    await again.close();
    const learner = new Learner();
    for (const lesson of lessons(0, 50))
      if ('row' in lesson) learner.learn(lesson.row as object, lesson.target as string);
    learner.learn(rowOf(50), 'up');
    expect(await digestOf(copy)).toBe(learner.digest());
  });

  it('refuses more than may wait', async () => {
    const model = await DurableModel.open(newFile(), { create, maxPending: 100 });
    const first = model.learnAll(lessons(0, 100));
    expect((await refusal(() => model.learn(lessonOf(100)))).code).toBe('OVERLOADED');
    await first;
    await model.learn(lessonOf(100));
    expect(model.sequence).toBe(101);
    await model.close();
  });

  it('does not take the journal of another model for its own', async () => {
    const [file, other] = [newFile(), newFile()];
    await (await DurableModel.open(file, { create })).close();
    await (await DurableModel.open(other, { create })).close();
    copyFileSync(other, file);
    expect((await refusal(() => DurableModel.open(file))).message).toContain('another model');
    const learner = new Learner();
    await learner.save(file);
    expect((await refusal(() => DurableModel.open(file))).message).toContain('is not the model that');
    rmSync(file);
    expect((await refusal(() => DurableModel.open(file, { create }))).message).toContain('is missing');
  });

  it.each([
    ['pipelined', {}],
    ['float', { arithmetic: { kind: 'float' } }],
  ] as const)('keeps what a network learned: %s', async (_, options) => {
    const file = newFile();
    const network = new Network({ layers: [4, 16, 3], density: 0.8, seed: 3, ...options });
    await network.save(file);
    const lesson = (i: number): Lesson => ({ row: [i % 2, (i % 5) / 5, 0.25, (i % 3) / 3], target: i % 3 });
    const model = await DurableModel.open(file);
    for (let i = 0; i < 40; i++) {
      await model.learn(lesson(i));
      if (i === 25) await model.snapshot();
    }
    const copy = killed(file);
    await model.learn(lesson(40));
    await model.close();
    const again = await DurableModel.open(copy);
    expect(again.recovery.replayed).toBe(14);
    await again.learn(lesson(40));
    await again.close();
    const digest = async (path: string) => (await Network.load(path)).digest();
    expect(await digest(copy)).toBe(await digest(file));
    expect((await Network.load(copy)).training.learned).toBe(41);
  });
});
