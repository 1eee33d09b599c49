import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readJournal } from '../../lib/search/journal/lines.js';
import { expectMistake, run, runJson, start, workFolder } from '../cli/run.js';

/** Small and quick: 2,000 images, small networks. */
const STUDY = `
trials = 6
sampler = "sobol"
data = { name = "mnist", rows = 2000 }
[[objectives]]
measure = "accuracy"
[[objectives]]
measure = "modelBytes"
[network]
layers = [784, "$width", 10]
density = ["$density", 1]
arithmetic = { kind = "wide", weightBits = "$bits" }
[fit]
epochs = 2
[space]
width = { kind = "int", low = 8, high = 32, log = true }
density = { kind = "float", low = 0.05, high = 0.5, log = true }
bits = { kind = "categorical", choices = [8, 16] }
`;

interface Line {
  type: string;
  trial: number;
  state: string;
  digest: string;
  values: Record<string, number>;
}

const ends = (journal: string): Line[] =>
  readFileSync(journal, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
    .filter(({ type }) => type === 'end');

describe('sparse-train search', () => {
  const folder = workFolder();
  const write = (name: string, text: string) => {
    writeFileSync(join(folder(), name), text);
    return name;
  };

  it('trains every trial once, the same with any number of threads, and keeps them', async () => {
    const options = { cwd: folder() };
    const one = await runJson(['search', write('one.toml', STUDY), '--parallel', '1'], options);
    const two = await runJson(['search', write('two.toml', STUDY), '--parallel', '2'], options);
    expect(one).toMatchObject({
      study: 'one',
      trials: 6,
      ended: 6,
      complete: 6,
      done: true,
      journal: 'one.jsonl',
    });
    const digests = (journal: string) =>
      ends(join(folder(), journal))
        .sort((a, b) => a.trial - b.trial)
        .map(({ digest }) => digest);
    expect(digests('two.jsonl')).toEqual(digests('one.jsonl'));
    expect(new Set(digests('one.jsonl')).size).toBe(6);
    expect(two.front).toHaveLength((one.front as unknown[]).length);
    const { values } = one.best as Line;
    expect(values.accuracy).toBeGreaterThan(0.5);
    expect(values['test.accuracy']).toBeGreaterThan(0.5);
    expect(values.modelBytes).toBeGreaterThan(values.edges as number);
  });

  it('continues with more trials, and repeats none', async () => {
    const options = { cwd: folder() };
    const before = readFileSync(join(folder(), 'one.jsonl'), 'utf8');
    const more = await runJson(['search', 'one.toml', '--trials', '8'], options);
    expect(more).toMatchObject({ trials: 8, ended: 8 });
    const after = readFileSync(join(folder(), 'one.jsonl'), 'utf8');
    expect(after.startsWith(before)).toBe(true);
    expect(
      ends(join(folder(), 'one.jsonl'))
        .map(({ trial }) => trial)
        .slice(6)
        .sort(),
    ).toEqual([6, 7]);
  });

  it('is stopped by Ctrl-C, and killed, and still ends with every trial once', async () => {
    const study = write('hard.toml', STUDY.replace('epochs = 2', 'epochs = 40'));
    const journal = join(folder(), 'hard.jsonl');
    for (const [signal, status] of [
      ['SIGINT', 130],
      ['SIGKILL', null],
    ] as const) {
      const { child, ended } = start(['search', study, '--parallel', '2'], { cwd: folder() });
      const before = ((await readJournal(journal))?.trials ?? []).length;
      for (let i = 0; i < 600; i++) {
        const trials = (await readJournal(journal).catch(() => undefined))?.trials ?? [];
        if (trials.length > before || trials.filter(({ state }) => state !== 'running').length > 1) break;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      child.kill(signal);
      expect((await ended).status).toBe(status);
    }
    await runJson(['search', study], { cwd: folder() });
    expect(
      ends(journal)
        .map(({ trial }) => trial)
        .sort(),
    ).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('prunes', async () => {
    const pruned = STUDY.replace('[[objectives]]\nmeasure = "modelBytes"\n', '')
      .replace('trials = 6', 'trials = 9\npruner = { kind = "asha", minEpochs = 1, reduction = 3 }')
      .replace('epochs = 2', 'epochs = 4');
    const result = await runJson(['search', write('pruned.toml', pruned), '--parallel', '1'], {
      cwd: folder(),
    });
    expect(result.ended).toBe(9);
    expect(result.pruned).toBeGreaterThan(3);
    const [first] = ends(join(folder(), 'pruned.jsonl')).filter(({ state }) => state === 'pruned');
    expect(first).toMatchObject({ curve: [expect.any(Number)], digest: expect.any(String) });
  });

  it('shows people what it found', async () => {
    const { status, stdout, stderr } = await run(['search', 'one.toml', '--trials', '8'], { cwd: folder() });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const part of ['one: 8 of 8 trials, 8 complete', 'accuracy', 'modelBytes', 'one.jsonl'])
      expect(stdout).toContain(part);
  });

  it('counts trials that cannot be trained as failed, and gives up where all are', async () => {
    const unfit = STUDY.replace('784', '785').replace('10]', '9]');
    // Long before the end, or at the end if the study is too short for that.
    for (const trials of [30, 2]) {
      const file = write(`unfit-${trials}.toml`, unfit.replace('trials = 6', `trials = ${trials}`));
      const { status, stderr } = await run(['search', file], { cwd: folder() });
      expect(status).toBe(1);
      expect(stderr).toMatch(/the first \d+ trials all failed, the first with: the data has/);
    }
  });

  it('refuses mistakes with exit status 2 and the place', async () => {
    const path = join(folder(), write('mistake.toml', STUDY.replace('"$width"', '"$widht"')));
    await expectMistake(['search', path, '--journal', join(folder(), 'm.jsonl')], {
      status: 2,
      code: 'INVALID_OPTION',
      says: ['network.layers[1]', 'did you mean "width"?'],
    });
  });
});
