/** Shared by the scripts: the repository's root, and running a command. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');

/**
 * Runs a command in the repository's root, its output passed through, and returns whether it succeeded.
 * @param {string} command @param {string[]} words @param {import('node:child_process').SpawnSyncOptions} [options]
 */
export function run(command, words, options = {}) {
  const result = spawnSync(command, words, { cwd: root, stdio: 'inherit', ...options });
  if (result.error !== undefined) console.error(`${command}: ${result.error.message}`);
  return result.status === 0;
}

/**
 * Runs a command and returns its standard output; throws, with what it printed, when it fails.
 * @param {string} command @param {string[]} words @param {import('node:child_process').SpawnSyncOptions} [options]
 */
export function output(command, words, options = {}) {
  const result = spawnSync(command, words, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 30, ...options });
  if (result.error !== undefined) throw result.error;
  if (result.status !== 0) {
    throw new Error(
      `${command} ${words.join(' ')} exited with ${result.status ?? result.signal}\n${result.stdout}${result.stderr}`,
    );
  }
  return result.stdout;
}

/** Whether a command exists. @param {string} command */
export function has(command, probe = '--version') {
  return spawnSync(command, [probe], { stdio: 'ignore' }).error === undefined;
}

/** Ends the script with a message and exit status 1. @param {string} message @returns {never} */
export function fail(message) {
  console.error(message);
  process.exit(1);
}
