/** Colours and cursor movements, in a terminal that the program `script` provides. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { PROGRAM, workFolder } from '../cli/run.js';

const folder = workFolder();
const ESCAPE = '\u001b';

/** What is written to a terminal while a network trains. */
function sent(env: Record<string, string>): string {
  const { NO_COLOR: _, FORCE_COLOR: __, COLORTERM: ___, CI: ____, ...rest } = process.env;
  const command = `'${process.execPath}' '${PROGRAM}' mnist --epochs 1 --no-save`;
  const { stdout, status } = spawnSync('script', ['-qec', command, '/dev/null'], {
    cwd: folder(),
    encoding: 'utf8',
    env: { ...rest, TERM: 'xterm', ...env },
  });
  expect(status).toBe(0);
  expect(stdout).toContain('of the 10,000 test examples right');
  return stdout;
}

describe.runIf(process.platform === 'linux')('a terminal', () => {
  const colour = `${ESCAPE}[36m`;
  const moves = `${ESCAPE}[?25l`;

  it.each([
    ['as it is', {}],
    ['with an empty NO_COLOR, which means nothing', { NO_COLOR: '' }],
  ])('%s gets colours and a progress bar', (_, env) => {
    const text = sent(env);
    expect(text).toContain(colour);
    expect(text).toContain(moves);
  });

  it('with NO_COLOR gets a progress bar without colours', () => {
    const text = sent({ NO_COLOR: '1' });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these begin colours
    expect(text).not.toMatch(/\u001b\[\d+m/);
    expect(text).toContain(moves);
  });

  it('that is dumb gets nothing but text', () => {
    expect(sent({ TERM: 'dumb' })).not.toContain(ESCAPE);
  });
});
