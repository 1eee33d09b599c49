/** The command line saves what it has trained, however the training ends. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { LiveLines } from '../../lib/cli/live-lines.js';
import { RunDashboard } from '../../lib/cli/training/dashboard.js';
import { Network } from '../../lib/index.js';
import { run, runHere, start, workFolder } from './run.js';

const cwd = workFolder();
const at = (name: string) => join(cwd(), name);

const rows = Array.from({ length: 200 }, (_, i) => `${i % 7},${i % 5},${i % 7 > i % 5 ? 'yes' : 'no'}`);

describe('a display that throws', () => {
  const fails = () => {
    throw new Error('no more\u001b[2J');
  };

  it.each([
    [
      'the dashboard, at progress',
      () => vi.spyOn(RunDashboard.prototype, 'onProgress').mockImplementation(fails),
    ],
    ['the dashboard, at epochs', () => vi.spyOn(RunDashboard.prototype, 'onEpoch').mockImplementation(fails)],
    // A timer draws too, and an error in its callback would end the process.
    [
      'the lines of a terminal',
      () => {
        const show = LiveLines.prototype.show;
        return vi.spyOn(LiveLines.prototype, 'show').mockImplementation(function (this: LiveLines) {
          show.call(this, fails);
        });
      },
    ],
  ])('is not called again, and training continues: %s', async (_, breaks) => {
    await writeFile(at('rows.csv'), ['a,b,label', ...rows].join('\n'));
    const out = at('shown.safetensors');
    const words = ['train', '--data', at('rows.csv'), '--epochs', '400', '--out', out, '--force'];
    const plain = await run([...words, '--json'], { cwd: cwd() });
    const spy = breaks();
    try {
      const { status, stdout, stderr } = await runHere([...words, '--json'], '', 80);
      expect(status).toBe(0);
      expect(JSON.parse(stdout).digest).toBe(JSON.parse(plain.stdout).digest);
      expect(stderr.match(/warning: progress is no longer shown \(no more\\u001b\[2J\)/g)).toHaveLength(1);
    } finally {
      spy.mockRestore();
    }
  });
});

describe('training that a signal ends', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'saves the model at %s, although no reader is left',
    async (signal) => {
      await writeFile(at('rows.csv'), ['a,b,label', ...rows].join('\n'));
      const out = at(`${signal}.safetensors`);
      const words = ['train', '--data', at('rows.csv'), '--epochs', '1000000', '--out', out];
      const { child, ended } = start(words, { cwd: cwd() });
      while (!existsSync(out.replace('.safetensors', '.jsonl'))) await setTimeout(20);
      await setTimeout(300);
      // As when a terminal is closed: every write to it fails.
      child.stdout.destroy();
      child.stderr.destroy();
      child.kill(signal);
      await ended;
      expect((await Network.load(out)).training.examples).toBeGreaterThan(0);
    },
  );
});

describe('a stream with a row that is wrong', () => {
  /** More than the 4 MB from which the kinds of the columns are inferred. */
  const many = Array.from({ length: 700_000 }, (_, i) => rows[i % 200] as string);

  it('keeps what was learned before it, and names it', async () => {
    await writeFile(at('late.csv'), ['a,b,label', ...many, '1,2,perhaps', '3,2,yes'].join('\n'));
    const words = [
      'train',
      '--data',
      at('late.csv'),
      '--stream',
      '--out',
      at('late.safetensors'),
      '--layers',
      '4',
    ];
    const refused = await run(words, { cwd: cwd() });
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain(`line ${many.length + 2}`);
    expect(refused.stderr).toContain('--on-unknown skip');
    expect(refused.stderr).toContain('before the error is in');
    expect((await Network.load(at('late.safetensors'))).training.examples).toBe(many.length);
    const told = await run([...words, '--on-unknown', 'skip', '--force'], { cwd: cwd() });
    expect(told.status).toBe(0);
    expect(told.stderr).toContain('left out: 1 row with missing or unknown values');
    expect((await Network.load(at('late.safetensors'))).training.examples).toBe(many.length + 1);
  });
});

describe('a model that another process writes during the training', () => {
  it('is replaced with a warning', async () => {
    await writeFile(at('rows.csv'), ['a,b,label', ...rows].join('\n'));
    const out = at('shared.safetensors');
    const words = ['train', '--data', at('rows.csv'), '--epochs', '1000000', '--out', out];
    const { child, ended } = start(words, { cwd: cwd() });
    while (!existsSync(out.replace('.safetensors', '.jsonl'))) await setTimeout(20);
    await run(['train', '--data', at('rows.csv'), '--epochs', '1', '--quiet', '--out', out], { cwd: cwd() });
    const other = await readFile(out);
    child.kill('SIGTERM');
    const { stderr } = await ended;
    expect(stderr).toContain('warning: another process wrote');
    expect((await readFile(out)).equals(other)).toBe(false);
  });
});
