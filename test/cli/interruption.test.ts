import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ROOT } from './run.js';

const entry = pathToFileURL(join(ROOT, 'dist/.build/modules/cli/interruption.js')).href;

/** A program whose thread is inside a call that takes minutes and cannot be stopped, such as making a huge network. */
const BUSY = (options: string) => `
  import { Worker } from 'node:worker_threads';
  import { interruptible } from ${JSON.stringify(entry)};
  const busy = new Worker(
    "require('node:crypto').pbkdf2Sync('a', 'b', 2_000_000_000, 64, 'sha512')", { eval: true, execArgv: [] },
  );
  setTimeout(() => console.log('busy'), 500);
  await interruptible(() => console.log('stopping'), async (signal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    await busy.terminate();
  }, ${options});`;

describe('a program whose threads do not end', () => {
  it.each([
    ['after some seconds', '{ killAfter: 1 }', 1],
    ['at the second signal', '{ killAfter: 1000 }', 2],
  ])('is ended %s', async (_, options, signals) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', BUSY(options)]);
    const ended = new Promise((resolve) => child.on('exit', (_status, signal) => resolve(signal)));
    child.stdout.on('data', (text: Buffer) => {
      if (text.includes('busy')) child.kill('SIGTERM');
      if (text.includes('stopping') && signals === 2) child.kill('SIGTERM');
    });
    expect(await ended).toBe('SIGKILL');
  });
});
