/** Shells complete command lines with the scripts of `sparse-train completion`. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../lib/cli/registry.js';
import { expectMistake, runHere, workFolder } from './run.js';

const folder = workFolder();
const at = (name: string) => join(folder(), name);

function shell(program: string, words: readonly string[], input = '') {
  const { stdout, stderr, error } = spawnSync(program, words, {
    cwd: folder(),
    encoding: 'utf8',
    input,
    timeout: 60_000,
  });
  if (error !== undefined) throw error;
  return { stdout, stderr };
}

/** What the bash function offers. bash calls it with the words of the line; equals signs are words of their own. */
function inBash(line: string): string[] {
  const words = line.split(' ').flatMap((word) => word.split(/(?<==)|(?==)/));
  const script = `source completion.bash; COMP_WORDS=(sparse-train "$@"); COMP_CWORD=$#; _sparse_train; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return lines(shell('bash', ['--norc', '--noprofile', '-c', script, 'bash', ...words]));
}

/** What zsh lists when Tab is pressed in an interactive shell. The shell runs in a pseudo-terminal that zsh creates. */
function inZsh(line: string): string[] {
  writeFileSync(at('hits'), '');
  writeFileSync(
    at('press.zsh'),
    `zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'PS1=; autoload -U compinit; compinit -u -D; source completion.zsh; source record.zsh; print READY'
zpty -r z line '*READY*READY*'
zpty -w -n z "$1"$'\\t'
zpty -w -n z $'\\C-a\\C-k: > done\\n'
until [[ -e done ]]; do zpty -r -t z line || sleep 0.02; done
zpty -d z; rm done
`,
  );
  writeFileSync(
    at('record.zsh'),
    `compadd() {
  if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd "$@"; return $?; fi
  typeset -a hits; builtin compadd -A hits "$@"; print -l -- $hits >> hits; builtin compadd "$@"
}
`,
  );
  shell('zsh', ['-f', 'press.zsh', `sparse-train ${line}`]);
  // zsh's matchers may try a path twice.
  return [...new Set(readFileSync(at('hits'), 'utf8').split('\n'))].filter(Boolean);
}

/** What fish lists; descriptions stand behind a tab. */
function inFish(line: string): string[] {
  const script = `source completion.fish; complete -C ${JSON.stringify(`sparse-train ${line}`)}`;
  return lines(shell('fish', ['--no-config', '-c', script])).map((entry) => entry.split('\t')[0] as string);
}

function lines({ stdout, stderr }: { stdout: string; stderr: string }): string[] {
  expect(stderr).toBe('');
  return stdout.split('\n').filter(Boolean);
}

const SHELLS = { bash: inBash, zsh: inZsh, fish: inFish };

function isThere(name: string): boolean {
  // In CI all three shells must be installed.
  return process.env.CI !== undefined || spawnSync(name, ['--version']).error === undefined;
}

beforeAll(async () => {
  for (const name of Object.keys(SHELLS)) {
    const { status, stdout } = await runHere(['completion', name]);
    expect(status).toBe(0);
    writeFileSync(at(`completion.${name}`), stdout);
  }
  mkdirSync(at('models'));
  for (const file of ['rows.csv', 'rows two.csv', 'models/a.safetensors']) writeFileSync(at(file), '');
});

describe.each(Object.entries(SHELLS).filter(([name]) => isThere(name)))('%s', (_, complete) => {
  it.each([
    ['insp', ['inspect']],
    ['train --epo', ['--epochs']],
    ['train --arithmetic ', ['float', 'hardware', 'wide']],
    ['train --arithmetic f', ['float']],
    ['mnist --epochs 3 --optimizer a', ['adam', 'adamw']],
    ['export --format on', ['onnx']],
    ['evaluate model --data fash', ['fashion-mnist']],
    ['datasets get morse fash', ['fashion-mnist']],
    ['datasets g', ['get']],
    ['bench time', ['time-to-accuracy']],
    ['reproduce --quick dens', ['density-curve']],
    ['help veri', ['verify']],
    ['completion z', ['zsh']],
    ['plan --device xc7a2', ['xc7a200t']],
    ['train --epochs ', []],
  ])('completes "%s"', (line, expected) => {
    expect(
      complete(line)
        .map((word) => word.trim())
        .sort(),
    ).toEqual(expected);
  });

  it('completes options after an equals sign', () => {
    const found = complete('train --arithmetic=f').map((word) => word.trim());
    expect(found.map((word) => word.replace('--arithmetic=', ''))).toEqual(['float']);
  });

  it('completes the last item of a list', () => {
    const found = complete('bench online --baseline jax,nump');
    expect(found.map((word) => word.replace('jax,', ''))).toEqual(['numpy']);
  });

  it('completes files and folders, whatever is in their names', () => {
    const plain = (line: string) =>
      complete(line).map((word) => word.replaceAll('\\', '').replace(/\/$/, ''));
    expect(plain('train --data row').sort()).toEqual(['rows two.csv', 'rows.csv']);
    expect(plain('inspect mod').map((path) => path.replace('/a.safetensors', ''))).toEqual(['models']);
    expect(plain('reproduce accuracy --out ')).toEqual(['models']);
  });

  it('offers every command and every option of a command', async () => {
    const commands = complete('');
    for (const entry of COMMANDS) expect(commands, entry.name).toContain(entry.name);
    const { default: train } = await (COMMANDS[1] as (typeof COMMANDS)[number]).load();
    const offered = complete('train --').map((word) => word.trim());
    for (const { flag } of Object.values(train.settings)) expect(offered).toContain(flag);
    expect(offered).toEqual(expect.arrayContaining(['--json', '--help']));
  });
});

it('completes in a bash that somebody types in', () => {
  const typed =
    'source completion.bash; PS1=; sparse-train() { printf "<%s>" "$@"; }\nsparse-train insp\trow\t \nexit\n';
  const { stdout } = shell('script', ['-qec', 'bash --norc --noprofile -i', '/dev/null'], typed);
  expect(stdout).toContain('<inspect><rows');
});

describe('the command completion', () => {
  it('prints its script as JSON, too', async () => {
    const { stdout } = await runHere(['completion', 'fish', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      shell: 'fish',
      script: expect.stringContaining('complete -c'),
    });
  });

  it('does not wrap it in a terminal', async () => {
    const narrow = await runHere(['completion', 'zsh'], '', 40);
    expect(narrow.stdout).toBe((await runHere(['completion', 'zsh'])).stdout);
  });

  it('names the shell that is near an unknown one', () =>
    expectMistake(['completion', 'fsh'], {
      status: 2,
      code: 'INVALID_OPTION',
      says: ['did you mean', 'fish'],
    }));
});
