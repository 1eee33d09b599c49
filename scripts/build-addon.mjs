#!/usr/bin/env node
/**
 * Builds the native addon with node-gyp into build/Release, again only where something changed. Node's headers are taken
 * from beside the running Node if they are there, so that nothing is downloaded.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const nodeGyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');

const installation = resolve(dirname(process.execPath), '..');
const headers = existsSync(join(installation, 'include', 'node', 'node_api.h'))
  ? [`--nodedir=${installation}`]
  : [];
const chosen = process.env.npm_config_nodedir === undefined ? headers : [];

for (const step of [['configure'], ['build', `--jobs=${availableParallelism()}`]]) {
  const words = [nodeGyp, ...step, '--release', '--loglevel=warn', ...chosen];
  const { status } = spawnSync(process.execPath, words, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
