/**
 * Measures what starting costs: processor time (user and system) and wall time of commands that take turns, so that all
 * of them meet the same load.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fail } from './run.mjs';

/** The command that the others are compared with. */
export const BARE = 'bare Node';
export const IMPORT = "import 'sparse-train'";
export const VERSION = 'sparse-train --version';

/**
 * The words after `node` of each command. @param {string} folder with the package @returns {Record<string, string[]>}
 */
export function startCommands(folder) {
  const api = pathToFileURL(join(folder, 'dist', 'index.js')).href;
  return {
    [BARE]: ['--input-type=module', '--eval', '0'],
    [IMPORT]: ['--input-type=module', '--eval', `import ${JSON.stringify(api)}`],
    [VERSION]: [join(folder, 'dist', 'cli', 'main.js'), '--version'],
  };
}

/**
 * Runs every command once per round. Returns the milliseconds of each round, by command.
 * @param {Record<string, string[]>} commands @param {number} rounds
 * @returns {Record<string, { cpu: number[], wall: number[] }>}
 */
export function measureStarts(commands, rounds) {
  const measured = Object.fromEntries(
    Object.keys(commands).map((name) => [
      name,
      { cpu: /** @type {number[]} */ ([]), wall: /** @type {number[]} */ ([]) },
    ]),
  );
  const cwd = mkdtempSync(join(tmpdir(), 'sparse-train-startup-'));
  try {
    for (let round = 0; round < rounds; round++)
      for (const [name, words] of Object.entries(commands)) {
        const start = performance.now();
        // The shell's times include its ended children.
        const result = spawnSync(
          'bash',
          ['-c', '"$0" "$@" >/dev/null && times', process.execPath, ...words],
          {
            cwd,
            encoding: 'utf8',
          },
        );
        if (result.status !== 0) fail(`${name} failed\n${result.stderr}`);
        const times = [...(result.stdout.trim().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
        const cpu = times.reduce((sum, [, minutes, rest]) => sum + 60 * Number(minutes) + Number(rest), 0);
        measured[name]?.cpu.push(cpu * 1000);
        measured[name]?.wall.push(performance.now() - start);
      }
  } finally {
    rmSync(cwd, { recursive: true });
  }
  return measured;
}
