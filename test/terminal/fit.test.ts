/** The output of commands fits the terminal. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../lib/cli/registry.js';
import { DurableModel } from '../../lib/public/serve.js';
import { benchText } from '../../lib/terminal/bench/text.js';
import { createPaint } from '../../lib/terminal/paint.js';
import { fitted } from '../../lib/terminal/width.js';
import { GPU, RESULT } from '../bench/sample.js';
import { PENGUINS, ROOT, runHere, workFolder } from '../cli/run.js';
import { lessons } from '../serve/rows.js';

const STUDY = `
trials = 4
sampler = "random"
data = { name = "mnist", rows = 500 }
[[objectives]]
measure = "accuracy"
[[objectives]]
measure = "modelBytes"
[network]
layers = [784, "$width", 10]
arithmetic = "$arithmetic"
[fit]
epochs = 1
[space]
width = { kind = "int", low = 8, high = 32 }
arithmetic = { kind = "categorical", choices = [{ kind = "wide", weightBits = 8, weightFraction = 5 }, { kind = "float" }] }
`;

const folder = workFolder();
const penguins = ['--data', PENGUINS, '--on-missing', 'skip'];
const at = (name: string) => join(folder(), name);

/** A command line of each command, and more where a command prints several kinds of text. */
const CALLS: Readonly<Record<string, () => string[][]>> = {
  mnist: () => [['mnist', '--epochs', '2', '--no-save']],
  train: () => [
    ['train', ...penguins, '--dry-run'],
    ['train', ...penguins, '--epochs', '12', '--no-save'],
    ['train', ...penguins, '--label', 'body_mass_g', '--epochs', '3', '--no-save'],
  ],
  evaluate: () => [
    ['evaluate', at('m.safetensors'), '--data', 'mnist'],
    ['evaluate', at('p.safetensors'), '--data', PENGUINS],
  ],
  // Lines of JSON are data; their errors are text with CSV.
  predict: () => [['predict', at('p.safetensors'), PENGUINS, '--to', 'csv']],
  stream: () => [['stream', PENGUINS, '--label', 'species', '--compare']],
  // It runs until it is stopped, and logs lines of JSON.
  serve: () => [],
  replay: () => [['replay', `${at('live.safetensors')}.journal`, '--out', at('replayed.safetensors')]],
  datasets: () => [['datasets']],
  inspect: () => [
    ['inspect', at('m.safetensors')],
    ['inspect', at('p.safetensors')],
    ['inspect', at('h.safetensors')],
  ],
  report: () => [['report', at('m.jsonl'), '--out', at('m.html')]],
  export: () => [['export', at('m.safetensors'), '--out', at('m.npz'), '--force']],
  import: () => [['import', at('m.npz'), '--out', at('i.safetensors')]],
  verify: () => [['verify', join(ROOT, 'test', 'fixtures', 'hardware-64-16-4.json')]],
  plan: () => [
    ['plan', '--layers', '1024,64,32', '--fan-out', '4,16', '--device', 'xc7a100t', '--clock', '100'],
    ['plan', '--layers', '1024,64,32', '--fan-out', '4,16', '--multipliers', '3', '--no-measure'],
    ['plan', '--host', '--layers', '784,64,10'],
  ],
  fixture: () => [
    ['fixture', '--model', at('h.safetensors'), '--inputs', '10', '--out', at('f.json')].concat([
      '--memories',
      at('f'),
      '--data',
      'mnist',
    ]),
  ],
  reproduce: () => [['reproduce', 'bit-widths', '--quick', '--out', at('again')]],
  search: () => [['search', at('study.toml'), '--journal', at('study.jsonl'), '--report', at('study.html')]],
  worker: () => [['worker']],
  bench: () => [],
  // A script for a shell is not wrapped.
  completion: () => [],
};

/** Lines that are too wide, except single words that are too long: they stay whole, to be copied. */
function tooWide(text: string, columns: number): string[] {
  return text
    .split('\n')
    .filter((line) => [...line].length > columns && (columns >= 80 || /\S\s+\S/.test(line)));
}

beforeAll(async () => {
  writeFileSync(at('study.toml'), STUDY);
  for (const [name, ...options] of [
    ['m', 'mnist', '--epochs', '1'],
    ['h', 'mnist', '--epochs', '1', '--arithmetic', 'hardware'],
    ['p', 'train', ...penguins, '--epochs', '2'],
  ]) {
    const [command = '', ...rest] = options;
    const words = [command, ...rest, '--out', at(`${name}.safetensors`), '--quiet', '--force'];
    expect(await runHere(words)).toEqual({ status: 0, stdout: '', stderr: '' });
  }
  const model = await DurableModel.open(at('live.safetensors'), { create: { target: 'class' } });
  for (const lesson of lessons(0, 5)) await model.learn(lesson);
  await model.close();
  await runHere(['export', at('m.safetensors'), '--out', at('m.npz'), '--force']);
});

describe.each([80, 40])('in a terminal of %i columns', (columns) => {
  it.each(COMMANDS.map(({ name }) => name))(
    '%s prints nothing wider, and neither does its help',
    async (name) => {
      const help = await runHere([name, '--help'], '', columns);
      expect(tooWide(help.stdout, columns)).toEqual([]);
      expect(help.stdout).toContain('Examples:');
      for (const words of CALLS[name]?.() ?? expect.unreachable(`no call of ${name}`)) {
        const { stdout, stderr } = await runHere(words, '', columns);
        expect(stdout + stderr).not.toBe('');
        // Progress moves the cursor; progress-bar.test.ts measures it.
        // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what moves it
        const text = stdout + stderr.replaceAll(/\r?[^\n]*\u001b\[[?\d]*[a-zA-Z]/g, '');
        expect(tooWide(text, columns), words.join(' ')).toEqual([]);
      }
    },
  );

  it('the list of commands, and errors, are no wider', async () => {
    const help = await runHere(['--help'], '', columns);
    const error = await runHere(
      ['train', '--data', PENGUINS, '--on-missing', 'error', '--no-save'],
      '',
      columns,
    );
    expect(tooWide(help.stdout + error.stderr, columns)).toEqual([]);
    expect(error.stderr.split('\n').length).toBeGreaterThan(2);
  });

  it('the results of bench are no wider', () => {
    const text = benchText(RESULT, [GPU], { paint: createPaint(false), columns });
    expect(tooWide(fitted(text, columns), columns)).toEqual([]);
  });
});
