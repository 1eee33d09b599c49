/** The commands serve and replay. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Learner } from '../../lib/index.js';
import { DurableModel } from '../../lib/public/serve.js';
import { type Ended, expectMistake, run, runJson, start, workFolder } from '../cli/run.js';
import { lessons } from './rows.js';

const folder = workFolder();

/** Starts `serve`, and waits until it prints its address. */
async function serve(
  words: readonly string[],
  env = {},
): Promise<{ url: string; stop(signal: NodeJS.Signals): Promise<Ended> }> {
  const { child, ended } = start(['serve', ...words, '--port', '0', '--json'], { cwd: folder(), env });
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stderr.on('data', (part) => {
      text += String(part);
      const line = text.split('\n').find((one) => one.includes('"msg":"serving"'));
      if (line !== undefined) resolve((JSON.parse(line) as { url: string }).url);
    });
    void ended.then(({ stderr }) => reject(new Error(stderr)));
  });
  return {
    url,
    stop(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

const post = (url: string, body: unknown, headers = {}) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

describe('serve', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('stops at %s with everything saved', async (signal) => {
    const { url, stop } = await serve([`${signal}.safetensors`, '--new', '--label', 'class']);
    const waits = Array.from({ length: 30 }, (_, i) =>
      post(`${url}/learn`, { row: { x: i, class: i % 2 ? 'a' : 'b' } }),
    );
    expect(new Set((await Promise.all(waits)).map(({ status }) => status))).toEqual(new Set([200]));
    const { status, stdout } = await stop(signal);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ url, sequence: 30 });
    expect((await Learner.load(join(folder(), `${signal}.safetensors`))).rows).toBe(30);
  });

  it('asks for the token of the environment, and readers use it', async () => {
    const env = { SPARSE_TRAIN_TOKEN: 'secret' };
    const learner = await serve(['token.safetensors', '--new', '--task', 'regress'], env);
    const authorization = 'Bearer secret';
    const lesson = { row: { x: 1 }, target: 3.5 };
    expect((await post(`${learner.url}/learn`, lesson)).status).toBe(401);
    expect((await post(`${learner.url}/learn`, lesson, { authorization })).status).toBe(200);
    expect((await post(`${learner.url}/snapshot`, {}, { authorization })).status).toBe(200);
    const reader = await serve(['--follow', learner.url, '--every', '0.1'], env);
    const answer = await post(`${reader.url}/predict`, { row: { x: 1 } }, { authorization });
    expect(await answer.json()).toEqual(
      await (await post(`${learner.url}/predict`, { row: { x: 1 } }, { authorization })).json(),
    );
    for (const server of [reader, learner]) expect((await server.stop('SIGTERM')).status).toBe(0);
  });

  it('refuses what would let others in, and options that mean nothing', async () => {
    const file = join(folder(), 'none.safetensors');
    const rows = join(folder(), 'rows.csv');
    writeFileSync(rows, 'a,b\n1,2\n');
    const mistakes: [string[], 1 | 2, string, string[]][] = [
      [
        [file, '--new', '--host', '0.0.0.0'],
        2,
        'INVALID_OPTION',
        ['0.0.0.0', 'SPARSE_TRAIN_TOKEN', '--allow-anyone'],
      ],
      [[], 2, 'INVALID_OPTION', ['--follow']],
      [[file, '--follow', 'http://localhost'], 2, 'INVALID_OPTION', ['--follow']],
      [[file, '--seed', '3'], 2, 'INVALID_OPTION', ['--seed', '--new']],
      [[file], 1, 'FILE_NOT_FOUND', ['none.safetensors', '--new']],
      [['--follow', file], 1, 'FILE_NOT_FOUND', ['to follow']],
      [[rows], 1, 'INVALID_FILE', ['rows.csv is not a usable model']],
      [['/dev/zero'], 1, 'FILE_ACCESS', ['not a regular file']],
      [[folder()], 1, 'FILE_ACCESS', ['is a folder']],
    ];
    for (const [words, status, code, says] of mistakes)
      await expectMistake(['serve', ...words], { status, code, says });
    const { url, stop } = await serve(['port.safetensors', '--new']);
    const second = await run(
      ['serve', join(folder(), 'other.safetensors'), '--new', '--port', new URL(url).port],
      { cwd: folder() },
    );
    expect(second).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('is taken by another program'),
    });
    const busy = await run(['serve', 'port.safetensors'], { cwd: folder() });
    expect(busy).toMatchObject({ status: 1, stderr: expect.stringContaining('is being written by process') });
    await stop('SIGTERM');
  });
});

describe('replay', () => {
  it('rebuilds a model up to any point, and without a bad hour', async () => {
    const file = join(folder(), 'replay.safetensors');
    const model = await DurableModel.open(file, { create: {} });
    await model.learnAll(lessons(0, 30));
    await model.snapshot();
    await new Promise((resolve) => setTimeout(resolve, 5));
    const from = new Date();
    await model.learnAll(lessons(30, 40));
    await new Promise((resolve) => setTimeout(resolve, 5));
    const to = new Date();
    await model.snapshot();
    await model.learnAll(lessons(40, 60));
    const offline = (...parts: [number, number][]) => {
      const learner = new Learner();
      for (const [first, last] of parts)
        for (const lesson of lessons(first, last))
          if ('row' in lesson) learner.learn(lesson.row as object, lesson.target as string);
      return learner.digest();
    };
    const replay = (...words: string[]) =>
      runJson(['replay', `${file}.journal`, ...words], { cwd: folder() });
    expect(await replay()).toMatchObject({ inSnapshot: 40, learned: 20, digest: offline([0, 60]) });
    expect(await replay('--until', '35')).toMatchObject({
      inSnapshot: 30,
      learned: 5,
      digest: offline([0, 35]),
    });
    expect(await replay('--until', from.toISOString())).toMatchObject({ rows: 30, digest: offline([0, 30]) });
    const out = join(folder(), 'good.safetensors');
    const good = await replay('--leave-out', `${from.toISOString()}/${to.toISOString()}`, '--out', out);
    expect(good).toMatchObject({
      inSnapshot: 30,
      leftOut: 10,
      learned: 20,
      digest: offline([0, 30], [40, 60]),
    });
    expect((await Learner.load(out)).digest()).toBe(good.digest);
    await model.close();
  });

  it('says what is wrong with a journal or a time', async () => {
    const words = ['replay', join(folder(), 'nothing.journal')];
    await expectMistake(words, {
      status: 1,
      code: 'FILE_NOT_FOUND',
      says: ['is not the journal of a model'],
    });
    const file = join(folder(), 'rows.csv');
    writeFileSync(file, 'a,b\n1,2\n');
    await expectMistake(['replay', file], {
      status: 1,
      code: 'FILE_ACCESS',
      says: ['rows.csv is a file', 'the folder that stands beside the model'],
    });
    await expectMistake([...words, '--until', 'noon'], {
      status: 2,
      code: 'INVALID_OPTION',
      says: ['--until', 'a time such as'],
    });
    await expectMistake([...words, '--leave-out', '2026-01-02/2026-01-01'], {
      status: 2,
      code: 'INVALID_OPTION',
      says: ['--leave-out', 'two times'],
    });
  });
});
