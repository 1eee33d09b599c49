import { spawn } from 'node:child_process';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Random } from '../../lib/base/random.js';
import { type Ended, PENGUINS, PROGRAM, run, runJson, start, workFolder } from './run.js';

const folder = workFolder();

/** Kills in all, divided among the kinds of training; SPARSE_TRAIN_KILLS sets another number. */
const KILLS = Number(process.env.SPARSE_TRAIN_KILLS ?? 12);

const DATA = ['--data', PENGUINS, '--label', 'species', '--on-missing', 'skip', '--layers', '64,32'];
const WORDS = ['train', ...DATA, '--epochs', '300', '--seed', '7'];

/** Kinds of training: the options that decide the numbers, and a number of threads, which does not. */
const WAYS: readonly { name: string; words: readonly string[]; threads: number }[] = [
  { name: 'wide, pipelined', words: [], threads: 2 },
  { name: 'wide, sequential', words: ['--schedule', 'sequential', '--rounding', 'nearest'], threads: 3 },
  { name: 'wide, batches', words: ['--batch-size', '16', '--momentum', '0.9'], threads: 2 },
  { name: 'float', words: ['--arithmetic', 'float', '--momentum', '0.9'], threads: 1 },
  {
    name: 'float, batches',
    words: ['--arithmetic', 'float', '--optimizer', 'adam', '--batch-size', '8'],
    threads: 3,
  },
  { name: 'hardware', words: ['--arithmetic', 'hardware'], threads: 1 },
];
const KILLS_EACH = Math.ceil(KILLS / WAYS.length);

const filesWith = async (part: string) => (await readdir(folder())).filter((name) => name.includes(part));

/**
 * Starts a training that saves as often as the disk allows. Kills it this many milliseconds after its start, or after
 * it began to write its first checkpoint.
 */
async function killed(words: readonly string[], after: number, sinceWrite: boolean): Promise<Ended> {
  const left = new Set(await filesWith('.tmp'));
  const { child, ended } = start([...words, '--checkpoint', '0.002s', '--resume', '--json'], {
    cwd: folder(),
  });
  while (sinceWrite && child.exitCode === null) {
    if ((await filesWith('.tmp')).some((name) => !left.has(name))) break;
    await sleep(1);
  }
  await Promise.race([sleep(after), ended]);
  child.kill('SIGKILL');
  return ended;
}

describe('training that is killed', () => {
  it.each(WAYS)(
    `ends up at the very same network (${KILLS_EACH} times; $name)`,
    async ({ name, words: own, threads }) => {
      const random = new Random(
        Number(process.env.SPARSE_TRAIN_KILL_SEED ?? 1) + WAYS.findIndex((way) => way.name === name),
      );
      const way = [...WORDS, ...own];
      const begun = performance.now();
      const whole = await runJson([...way, '--quiet', '--out', 'whole.safetensors', '--force'], {
        cwd: folder(),
      });
      const duration = performance.now() - begun;
      const training = 1000 * (whole.trainSeconds as number);
      const words = [...way, '--out', 'killed.safetensors', '--force'];
      let kills = 0;
      let resumed = 0;
      let duringWrites = 0;
      while (kills < KILLS_EACH || resumed === 0) {
        // Kills it once or several times before it may finish, at any moment of its life or of its training.
        for (let times = 1 + random.below(3); times > 0; times--) {
          const sinceWrite = random.below(4) > 0;
          const span = sinceWrite ? training : duration;
          const before = new Set(await filesWith('.tmp'));
          const after = (random.below(1000) / 1000) * span;
          const { status } = await killed([...words, '--threads', String(threads)], after, sinceWrite);
          if (status === 0) break;
          kills++;
          if ((await filesWith('.tmp')).some((file) => !before.has(file))) duringWrites++;
        }
        const result = await runJson([...words, '--resume', '--quiet', '--threads', '1'], { cwd: folder() });
        expect(result.digest).toBe(whole.digest);
        expect(result.epochs).toBe(300);
        if (result.resumedAt !== null) resumed++;
        expect(await filesWith('checkpoint')).toEqual([]);
        await rm(join(folder(), 'killed.jsonl'), { force: true });
      }
      if (KILLS > 20) {
        console.log(
          `${name}: ${kills} kills, ${duringWrites} of them while a checkpoint was being written; ${resumed} ends of training from a checkpoint`,
        );
      }
    },
    60_000 + KILLS_EACH * 20_000,
  );

  it.runIf(process.platform === 'linux')('keeps its checkpoint when the disk is full', async () => {
    // A limit on file sizes acts like a full disk: the first checkpoints fit, the log and later checkpoints do not.
    const out = ['--out', 'full.safetensors', '--log', '/dev/null'];
    const first = start([...WORDS, ...out, '--checkpoint', '1epochs', '--epochs', '100000', '--json'], {
      cwd: folder(),
    });
    const checkpoint = join(folder(), 'full.checkpoint');
    for (;;) {
      const found = await stat(checkpoint).catch(() => undefined);
      if (found !== undefined) break;
      await sleep(5);
    }
    // Not SIGKILL, which may leave only the checkpoint before this one.
    first.child.kill('SIGINT');
    await first.ended;
    const bytes = (await stat(checkpoint)).size;
    expect(bytes).toBeGreaterThan(4096);

    const command = `ulimit -f 4; exec "$0" "$@"`;
    const limited = spawn(
      'bash',
      [
        '-c',
        command,
        process.execPath,
        PROGRAM,
        ...WORDS,
        ...out,
        '--epochs',
        '100000',
        '--resume',
        '--checkpoint',
        '1epochs',
      ],
      { cwd: folder() },
    );
    let text = '';
    limited.stderr.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (text.includes('training continues')) limited.kill('SIGINT');
    });
    const status = await new Promise((resolve) => limited.on('close', resolve));
    expect(status).not.toBe(0);
    expect(text).toContain(
      'training continues, but full.checkpoint cannot be written: the file would be larger than is allowed here',
    );
    expect((await stat(checkpoint)).size).toBe(bytes);
    const { status: resumed, stderr } = await run([...WORDS, ...out, '--epochs', '99999', '--resume'], {
      cwd: folder(),
    });
    // The checkpoint is whole: it can be read, and is refused for another reason.
    expect(resumed).toBe(2);
    expect(stderr).toContain('--epochs is 99999, but 100000');
  });
});

describe('--checkpoint and --resume', () => {
  it('continue after Ctrl-C, and leave no checkpoint when all is done', async () => {
    const words = [...WORDS, '--out', 'stopped.safetensors'];
    const whole = await runJson([...WORDS, '--quiet', '--out', 'uninterrupted.safetensors'], {
      cwd: folder(),
    });
    const { child, ended } = start([...words, '--checkpoint', '0.01s', '--json'], { cwd: folder() });
    for (;;) {
      if ((await readdir(folder())).includes('stopped.checkpoint')) break;
      await sleep(5);
    }
    child.kill('SIGINT');
    const { status, stdout, stderr } = await ended;
    expect(status).toBe(130);
    expect(stderr).toContain('--resume continues from here');
    expect(JSON.parse(stdout)).toMatchObject({
      stopped: 'aborted',
      checkpoint: 'stopped.checkpoint',
      resumedAt: null,
    });
    const rest = await run([...words, '--resume', '--json'], { cwd: folder() });
    const result = JSON.parse(rest.stdout) as { resumedAt: number; digest: string };
    expect(result).toMatchObject({ stopped: 'finished', checkpoint: null, digest: whole.digest });
    expect(result.resumedAt).toBeGreaterThan(0);
    expect((await readdir(folder())).filter((name) => name.startsWith('stopped.checkpoint'))).toEqual([]);
  });

  it('say if there is nothing to resume, and what a new run will replace', async () => {
    const words = [...WORDS, '--epochs', '2', '--out', 'none.safetensors'];
    const { status, stderr } = await run([...words, '--resume'], { cwd: folder() });
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.stringContaining(
        'there is no checkpoint none.checkpoint yet: starting from the beginning',
      ),
    });
  });
});
