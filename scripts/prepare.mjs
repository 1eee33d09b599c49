#!/usr/bin/env node
/**
 * Runs after `npm ci` has installed the packages: builds the addon and dist/.
 *
 * `npx sparse-train` in a checkout runs it too: npx looks for the command in its cache of packages, installs
 * the checkout there as a link, and prepares it. If a build exists, nothing is built again, so that the
 * command starts at once; `npm run build` builds what has changed.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './run.mjs';

const isBuilt = [join('build', 'Release', 'sparse_train.node'), join('dist', 'cli', 'main.js')].every(
  (file) => existsSync(join(root, file)),
);
if (process.env.npm_command !== 'exec' || !isBuilt) {
  const isDone = ['build-addon.mjs', 'build-ts.mjs'].every((script) =>
    run(process.execPath, [join('scripts', script)]),
  );
  if (!isDone) process.exitCode = 1;
}
