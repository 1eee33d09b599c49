import { spawn } from 'node:child_process';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Random } from '../../lib/datasets/random.js';
import { type Ended, PENGUINS, PROGRAM, run, runJson, start, workFolder } from './run.js';

const folder = workFolder();

/** Kills in all; SPARSE_TRAIN_KILLS asks for more than the suite does. */
const KILLS = Number(process.env.SPARSE_TRAIN_KILLS ?? 8);

const DATA = ['--data', PENGUINS, '--label', 'species', '--on-missing', 'skip', '--layers', '64,32'];
const WORDS = ['train', ...DATA, '--epochs', '300', '--seed', '7'];

/** Starts training that saves as often as the disk allows, and kills it after so many milliseconds. */
async function killed(words: readonly string[], after: number): Promise<Ended> {
  const { child, ended } = start([...words, '--checkpoint', '0.002s', '--resume', '--json'], {
    cwd: folder(),
  });
  await Promise.race([sleep(after), ended]);
  child.kill('SIGKILL');
  return ended;
}

describe('training that is killed', () => {
  it(
    `ends up at the very same network (${KILLS} times)`,
    async () => {
      const random = new Random(Number(process.env.SPARSE_TRAIN_KILL_SEED ?? 1));
      const begun = performance.now();
      const whole = await runJson([...WORDS, '--quiet', '--out', 'whole.safetensors'], { cwd: folder() });
      const duration = performance.now() - begun;
      const words = [...WORDS, '--out', 'killed.safetensors'];
      let kills = 0;
      let resumed = 0;
      while (kills < KILLS) {
        // Once or several times before it may finish, from before it trains to where it would be done.
        for (let times = 1 + random.below(3); times > 0 && kills < KILLS; times--) {
          const { status } = await killed(words, 50 + (random.below(1000) / 1000) * duration);
          if (status === 0) break;
          kills++;
        }
        const result = await runJson([...words, '--resume', '--quiet'], { cwd: folder() });
        expect(result.digest).toBe(whole.digest);
        expect(result.epochs).toBe(300);
        if (result.resumedAt !== null) resumed++;
        expect((await readdir(folder())).filter((name) => name.includes('checkpoint'))).toEqual([]);
        await rm(join(folder(), 'killed.jsonl'));
      }
      if (KILLS > 20) console.log(`${kills} kills, ${resumed} runs resumed from a checkpoint`);
      expect(resumed).toBeGreaterThan(0);
    },
    60_000 + KILLS * 20_000,
  );

  it.runIf(process.platform === 'linux')('keeps its checkpoint when the disk is full', async () => {
    // A file-size limit is to a program what a full disk is: the first checkpoints fit, the log and later ones do not.
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
    first.child.kill('SIGKILL');
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
      if (text.includes('training goes on')) limited.kill('SIGINT');
    });
    const status = await new Promise((resolve) => limited.on('close', resolve));
    expect(status).not.toBe(0);
    expect(text).toContain(
      'training goes on, but full.checkpoint cannot be written: the file would be larger than is allowed here',
    );
    expect((await stat(checkpoint)).size).toBe(bytes);
    const { status: resumed, stderr } = await run([...WORDS, ...out, '--epochs', '99999', '--resume'], {
      cwd: folder(),
    });
    // The checkpoint is whole: it is read, and refused for another reason.
    expect(resumed).toBe(2);
    expect(stderr).toContain('--epochs is 99999, but 100000');
  });
});

describe('--checkpoint and --resume', () => {
  it('go on after Ctrl-C, and leave no checkpoint when all is done', async () => {
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
    expect(stderr).toContain('--resume goes on from here');
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

  it('say where there is nothing to resume, and what a new run is about to replace', async () => {
    const words = [...WORDS, '--epochs', '2', '--out', 'none.safetensors'];
    const { status, stderr } = await run([...words, '--resume'], { cwd: folder() });
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.stringContaining('there is no checkpoint none.checkpoint yet: beginning at the start'),
    });
  });
});
