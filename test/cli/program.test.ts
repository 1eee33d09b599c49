import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../lib/cli/registry.js';
import { expectMistake, PENGUINS, PROGRAM, ROOT, run, runHere, workFolder } from './run.js';

const cwd = workFolder();
const { version } = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')) as { version: string };

describe('the program', () => {
  it('prints its version, and starts quickly to do so', async () => {
    const { status, stdout } = await run(['--version'], { cwd: cwd() });
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${version}\n` });
    const fastest = (words: string[]) =>
      Math.min(
        ...Array.from({ length: 5 }, () => {
          const begun = performance.now();
          spawnSync(process.execPath, words);
          return performance.now() - begun;
        }),
      );
    expect(fastest([PROGRAM, '--version']) - fastest(['--eval', '0'])).toBeLessThan(80);
  });

  it('prints its help without words, with --help and with help', async () => {
    const texts = [await runHere([]), await runHere(['--help']), await runHere(['help'])];
    for (const { status, stdout, stderr } of texts) {
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      for (const { name, summary } of COMMANDS) {
        expect(stdout).toContain(name);
        expect(stdout.replaceAll(/\s+/g, ' ')).toContain(summary);
      }
    }
  });

  it.each(COMMANDS.map(({ name }) => name))(
    '%s --help has examples and --json, in 80 columns',
    async (name) => {
      const long = await runHere([name, '--help']);
      const short = await runHere(['help', name]);
      expect(long).toEqual(short);
      expect({ status: long.status, stderr: long.stderr }).toEqual({ status: 0, stderr: '' });
      expect(long.stdout).toMatch(/Examples:\n {2}\$ sparse-train|Examples:\n {2}\$ echo/);
      expect(long.stdout).toContain('--json');
      const [options = '', examples = ''] = long.stdout.split('Examples:');
      expect(examples).toContain(`sparse-train ${name}`);
      expect(Math.max(...options.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
    },
  );

  it('names the command that is near an unknown one', () =>
    expectMistake(['mnsit'], {
      status: 2,
      code: 'UNKNOWN_COMMAND',
      says: ['mnsit', 'did you mean mnist?'],
    }));

  it.each([
    [['help', 'tarin'], 'train'],
    [['hepl'], 'help'],
  ])('names the command that is near a misspelt one after help, and help itself', (words, near) =>
    expectMistake(words, { status: 2, code: 'UNKNOWN_COMMAND', says: [`did you mean ${near}?`] }),
  );

  it('names the option that is near an unknown one', () =>
    expectMistake(['mnist', '--epoch', '3'], {
      status: 2,
      code: 'UNKNOWN_OPTION',
      says: ["'--epoch'", 'did you mean --epochs?'],
    }));

  it.each(['constructor', '__proto__', 'toString'])(
    'takes %s, which every object has, for an unknown name',
    async (name) => {
      const config = join(cwd(), `${name}.json`);
      writeFileSync(config, `{"${name}": 1}`);
      const lines = [
        [name],
        ['train', '--data', PENGUINS, '--delimiter', name],
        ['train', '--data', 'mnist', '--decay', name],
        ['train', '--config', config],
        ['reproduce', name],
        ['plan', '--layers', '4,2', '--device', name],
        ['completion', name],
      ];
      for (const words of lines) {
        const { status, stderr } = await runHere(words);
        expect({ status, stderr }, words.join(' ')).toMatchObject({ status: 2 });
        expect(stderr).toMatch(/^error: .+\n$/);
        expect(stderr).toContain(name);
      }
    },
  );

  it('refuses an unknown kernel set, in one red line or as JSON', async () => {
    const options = { cwd: cwd(), env: { SPARSE_TRAIN_ISA: 'sse9' } };
    const { status, stdout, stderr } = await run(['mnist', '--json'], options);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'ISA_UNAVAILABLE' } });
    expect(stderr).toMatch(/^error: SPARSE_TRAIN_ISA is "sse9".*\n$/);
  });

  it('shows where an error comes from with SPARSE_TRAIN_DEBUG=1', async () => {
    const { stderr } = await run(['inspect', 'nothing'], { cwd: cwd(), env: { SPARSE_TRAIN_DEBUG: '1' } });
    expect(stderr).toContain('.js:');
    expect(stderr).toContain('error: there is no file nothing');
  });
});
