import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectMistake, PENGUINS, runHere, workFolder } from './run.js';

const cwd = workFolder();
const at = (name: string) => join(cwd(), name);

beforeAll(async () => {
  const penguins = ['train', '--data', PENGUINS, '--on-missing', 'skip', '--quiet'];
  const trained = await Promise.all([
    runHere([...penguins, '--label', 'species', '--out', at('species.safetensors')]),
    runHere([...penguins, '--label', 'body_mass_g', '--epochs', '40', '--out', at('mass.safetensors')]),
    runHere([...penguins, '--label', 'sex', '--output-layer', 'sigmoid', '--out', at('sex.safetensors')]),
    runHere(['mnist', '--layers', '16', '--epochs', '1', '--quiet', '--out', at('mnist.safetensors')]),
  ]);
  for (const { status, stderr } of trained)
    expect({ status, stderr: stderr.replace(/^11 rows.*\n/, '') }).toEqual({ status: 0, stderr: '' });
});

/** The penguins without missing values. */
async function wholePenguins(): Promise<string> {
  const { readFile, writeFile } = await import('node:fs/promises');
  const lines = (await readFile(PENGUINS, 'utf8')).split('\n').filter((line) => !line.includes('NA'));
  await writeFile(at('whole.csv'), lines.join('\n'));
  return at('whole.csv');
}

async function evaluate(model: string, data: readonly string[]): Promise<Record<string, unknown>> {
  const { status, stdout, stderr } = await runHere([
    'evaluate',
    at(`${model}.safetensors`),
    ...data,
    '--json',
  ]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe('sparse-train evaluate', () => {
  it('measures classes', async () => {
    const result = await evaluate('species', ['--data', await wholePenguins()]);
    expect(result).toMatchObject({ kind: 'classification', examples: 333 });
    expect(result.accuracy).toBeGreaterThan(0.95);
    expect((result.perClass as { name: string }[]).map(({ name }) => name)).toEqual([
      'Adelie',
      'Chinstrap',
      'Gentoo',
    ]);
  });

  it('measures numbers', async () => {
    const result = await evaluate('mass', ['--data', await wholePenguins()]);
    expect(result).toMatchObject({ kind: 'regression', examples: 333 });
    expect(result.r2).toBeGreaterThan(0.8);
    expect(result.rmse).toBeLessThan(400);
  });

  it('measures yes or no', async () => {
    const result = await evaluate('sex', ['--data', await wholePenguins()]);
    expect(result).toMatchObject({ kind: 'classification', examples: 333 });
    expect((result.perClass as { name: string }[]).map(({ name }) => name)).toEqual(['female', 'male']);
  });

  it('draws a confusion matrix that fits the page, for ten classes too', async () => {
    const { stdout } = await runHere(['evaluate', at('mnist.safetensors'), '--data', 'mnist']);
    expect(stdout).toMatch(/% of the 10,000 examples right/);
    expect(stdout).toMatch(/is \\ said +0 +1 +2 +3 +4 +5 +6 +7 +8 +9\n/);
    expect(stdout).toMatch(/class +examples +precision +recall +F1/);
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
  });

  it('reports numbers in their own unit', async () => {
    const { stdout } = await runHere(['evaluate', at('mass.safetensors'), '--data', await wholePenguins()]);
    expect(stdout).toMatch(/off by \d+ on the 333 examples/);
    expect(stdout).toMatch(/body_mass_g +\d+ +\d+ +0\.\d+/);
  });

  it('refuses wrong usage', async () => {
    const model = at('species.safetensors');
    const usage = (words: string[], code: string, says: string[]) =>
      expectMistake(['evaluate', ...words], { status: 2, code, says });
    await usage([], 'MISSING_ARGUMENT', ['model']);
    await usage([model], 'INVALID_OPTION', ['--data']);
    await usage([model, '--data', PENGUINS, '--label', 'species'], 'INVALID_OPTION', [
      '--label',
      'leave it out',
    ]);
    await usage([model, '--data', 'mnist', '--threads', 'two'], 'INVALID_OPTION', ['--threads', '"two"']);
  });

  it('fails where model and data do not fit', async () => {
    const failure = (words: string[], code: string, says: string[]) =>
      expectMistake(['evaluate', ...words], { status: 1, code, says });
    await failure(['nothing.safetensors', '--data', 'mnist'], 'FILE_NOT_FOUND', ['nothing.safetensors']);
    await failure([PENGUINS, '--data', 'mnist'], 'INVALID_FILE', ['penguins.csv is not a usable model']);
    await failure([at('species.safetensors'), '--data', 'mnist'], 'INVALID_DATA', ['784 features']);
    await failure([at('species.safetensors'), '--data', PENGUINS, '--on-missing', 'error'], 'INVALID_DATA', [
      'line 5',
    ]);
  });
});
