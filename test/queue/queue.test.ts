/** Searches through a real Redis server. `npm test` runs these once, as they do not depend on kernels. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readJournal } from '../../lib/search/journal/lines.js';
import { expectMistake, run, runJson, start, workFolder } from '../cli/run.js';
import { Cable, freePort, RedisServer } from './redis.js';
import { lines } from './setting.js';

/** Trials of about half a second. */
const STUDY = `
trials = 14
sampler = "sobol"
data = { name = "mnist", rows = 4000 }
[network]
layers = [784, "$width", 10]
density = ["$density", 1]
[fit]
epochs = 12
[space]
width = { kind = "int", low = 16, high = 64, log = true }
density = { kind = "float", low = 0.1, high = 0.5, log = true }
`;

const byTrial = (journal: string) => lines(journal, 'end').sort((a, b) => a.trial - b.trial);

describe('a search through a queue', () => {
  const folder = workFolder();
  let redis: RedisServer;
  let cable: Cable;
  let cableUrl: string;
  let url: string;
  let studies = 0;
  const started: ReturnType<typeof start>[] = [];

  beforeEach(async () => {
    const port = await freePort();
    const data = join(folder(), `redis-${port}`);
    mkdirSync(data);
    redis = new RedisServer(port, data);
    await redis.start();
    url = `redis://127.0.0.1:${port}`;
    cable = new Cable(port);
    cableUrl = `redis://127.0.0.1:${await cable.listen()}`;
  });

  afterEach(async () => {
    for (const { child } of started) child.kill('SIGKILL');
    await Promise.all(started.splice(0).map(({ ended }) => ended));
    cable.close();
    await redis.kill();
  });

  const write = (text: string) => {
    const name = `study-${studies++}`;
    writeFileSync(join(folder(), `${name}.toml`), text);
    return { file: `${name}.toml`, journal: join(folder(), `${name}.jsonl`) };
  };

  const begin = (words: readonly string[]) => {
    const begun = start(words, { cwd: folder() });
    started.push(begun);
    return begun;
  };
  const worker = (at = url, ...more: string[]) =>
    begin(['worker', '--queue', at, '--parallel', '1', '--takeover', '2', ...more]);
  const conduct = (file: string) => begin(['search', file, '--queue', url, '--quiet']);

  /** Waits until this many trials have ended. */
  const ended = async (journal: string, count: number) => {
    for (let i = 0; i < 1200; i++) {
      const trials = (await readJournal(journal).catch(() => undefined))?.trials ?? [];
      if (trials.filter(({ state }) => state !== 'running').length >= count) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect.fail(`${count} trials did not end`);
  };

  it('accounts for every trial exactly once, whichever process is killed and whatever is cut, and equals a local search', async () => {
    const local = write(STUDY);
    const { file, journal } = write(STUDY);
    await runJson(['search', local.file], { cwd: folder() });

    const first = worker();
    worker(cableUrl);
    const coordinator = conduct(file);
    await ended(journal, 1);
    // A worker is killed while it trains; another one joins.
    first.child.kill('SIGKILL');
    worker();
    await ended(journal, 3);
    // A worker loses its connection for longer than its trials are reserved for it.
    cable.cut();
    await ended(journal, 5);
    cable.mend();
    // The server dies, and returns with its append-only file.
    await redis.kill();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await redis.start();
    await ended(journal, 7);
    // The coordinator is killed; workers continue, and the next coordinator finds their results.
    coordinator.child.kill('SIGKILL');
    await coordinator.ended;
    const { status, stderr } = await conduct(file).ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });

    const ends = byTrial(journal);
    expect(ends.map(({ trial }) => trial)).toEqual(Array.from({ length: 14 }, (_, i) => i));
    expect(ends.map(({ state }) => state)).toEqual(new Array(14).fill('complete'));
    expect(ends.map(({ digest }) => digest)).toEqual(byTrial(local.journal).map(({ digest }) => digest));
    expect(ends.map(({ curve }) => curve)).toEqual(byTrial(local.journal).map(({ curve }) => curve));
    expect(new Set(ends.map(({ worker: who }) => who.split('/')[1])).size).toBeGreaterThan(1);
    expect(lines(journal, 'begin')).toHaveLength(14);
  }, 90_000);

  it('prunes trials of several machines by what all of them report', async () => {
    const { file, journal } = write(
      STUDY.replace(
        'trials = 14',
        'trials = 12\npruner = { kind = "asha", minEpochs = 1, reduction = 3 }',
      ).replace('epochs = 12', 'epochs = 3'),
    );
    worker();
    worker();
    expect((await conduct(file).ended).status).toBe(0);
    const ends = byTrial(journal);
    expect(ends).toHaveLength(12);
    const pruned = ends.filter(({ state }) => state === 'pruned');
    expect(pruned.length).toBeGreaterThan(4);
    for (const { curve } of pruned) expect([1, 3]).toContain(curve.length);
    expect(ends.some(({ state }) => state === 'complete')).toBe(true);
  }, 60_000);

  it('leaves a trial that a machine cannot run to another one', async () => {
    const { file, journal } = write(
      STUDY.replace('trials = 14', 'trials = 2').replace('epochs = 12', 'epochs = 1'),
    );
    const unfit = worker(url, '--data-directory', join(folder(), 'nowhere'));
    const coordinator = conduct(file);
    await new Promise<void>((resolve) => unfit.child.stderr?.once('data', () => resolve()));
    worker();
    expect((await coordinator.ended).status).toBe(0);
    expect(unfit.child.exitCode).toBeNull();
    expect(byTrial(journal).map(({ state }) => state)).toEqual(['complete', 'complete']);
  }, 60_000);

  it('stops workers and coordinators cleanly at Ctrl-C', async () => {
    const { file, journal } = write(STUDY);
    const helper = worker();
    const coordinator = conduct(file);
    await ended(journal, 1);
    coordinator.child.kill('SIGINT');
    expect((await coordinator.ended).status).toBe(130);
    helper.child.kill('SIGINT');
    expect((await helper.ended).status).toBe(130);
    const redisFree = await run(['search', file, '--trials', '4', '--json'], { cwd: folder() });
    expect(JSON.parse(redisFree.stdout)).toMatchObject({ ended: expect.any(Number), done: true });
  }, 60_000);

  it('says so if there is no server', async () => {
    const { file } = write(STUDY);
    const nowhere = `redis://127.0.0.1:${await freePort()}`;
    const path = join(folder(), file);
    await expectMistake(['search', path, '--journal', join(folder(), 'none.jsonl'), '--queue', nowhere], {
      status: 1,
      code: 'QUEUE_UNAVAILABLE',
      says: [nowhere, 'is a Redis server there?'],
    });
    await expectMistake(['worker', '--queue', 'localhost:6379'], {
      status: 2,
      code: 'INVALID_OPTION',
      says: ['redis://localhost:6379', '"localhost:6379"'],
    });
  });
});
