import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { readJournal } from '../../lib/search/journal/lines.js';
import { start, workFolder } from '../cli/run.js';
import { freePort, RedisServer } from './redis.js';

/** A line of a journal; only what tests look at. */
export interface Line {
  type: string;
  trial: number;
  state: string;
  digest: string;
  worker: string;
  curve: number[];
  parameters: Record<string, number>;
  seed: number;
  values?: Record<string, number>;
  error?: { code: string; message: string };
}

/** A program that was started. */
type Started = ReturnType<typeof start>;

/** What a test of the queue works with. */
interface QueueSetting {
  redis: RedisServer;
  url: string;
  folder: () => string;
  write(text: string): { file: string; journal: string };
  begin(args: readonly string[], env?: Record<string, string>): Started;
  worker(at?: string, ...more: string[]): Started;
  conduct(file: string, ...more: string[]): Started;
  ended(journal: string, count: number): Promise<void>;
  says(program: Started, text: string): Promise<void>;
}

/** A Redis server for each test, with workers and searches that are killed when the test ends. */
export function queueSetting(words: readonly string[] = []): QueueSetting {
  const folder = workFolder();
  const started: Started[] = [];
  let studies = 0;
  const setting: QueueSetting = {
    redis: undefined as unknown as RedisServer,
    url: '',
    folder,
    /** Writes a study's definition. */
    write(text) {
      const name = `study-${studies++}`;
      writeFileSync(join(folder(), `${name}.toml`), text);
      return { file: `${name}.toml`, journal: join(folder(), `${name}.jsonl`) };
    },
    begin(args, env = {}) {
      const begun = start(args, { cwd: folder(), env });
      started.push(begun);
      return begun;
    },
    worker(at = setting.url, ...more) {
      return setting.begin(['worker', '--queue', at, '--parallel', '1', '--takeover', '2', ...more]);
    },
    conduct(file, ...more) {
      return setting.begin(['search', file, '--queue', setting.url, '--quiet', ...more]);
    },
    /** Waits until this many trials have ended. */
    async ended(journal, count) {
      for (let i = 0; i < 1200; i++) {
        const trials = (await readJournal(journal).catch(() => undefined))?.trials ?? [];
        if (trials.filter(({ state }) => state !== 'running').length >= count) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect.fail(`${count} trials did not end`);
    },
    /** Waits until a program has written a text to standard error. */
    says({ child }, text) {
      return new Promise<void>((resolve) => {
        let all = '';
        child.stderr?.on('data', (part) => {
          all += String(part);
          if (all.includes(text)) resolve();
        });
      });
    },
  };
  beforeEach(async () => {
    const port = await freePort();
    const data = join(folder(), `redis-${port}`);
    mkdirSync(data);
    setting.redis = new RedisServer(port, data, words);
    await setting.redis.start();
    setting.url = `redis://127.0.0.1:${port}`;
  });
  afterEach(async () => {
    for (const { child } of started) child.kill('SIGKILL');
    await Promise.all(started.splice(0).map(({ ended }) => ended));
    await setting.redis.kill();
  });
  return setting;
}

/** The lines of one type in a journal. */
export const lines = (journal: string, type: string): Line[] =>
  readFileSync(journal, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line)
    .filter((line) => line.type === type);
