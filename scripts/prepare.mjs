#!/usr/bin/env node
/**
 * Runs after `npm ci` has installed the packages: builds the addon and dist/.
 *
 * The first `npx sparse-train` in a checkout runs it too: npx looks for the command in its cache of packages, installs
 * the checkout there as a link, and prepares it. If a build exists, nothing is built again, so that the command starts
 * at once; sparse-train.mjs says whether the build is old.
 */
import { join } from 'node:path';
import { isBuilt } from './build-state.mjs';
import { run } from './run.mjs';

if (process.env.npm_command !== 'exec' || !isBuilt()) {
  const isDone = ['build-addon.mjs', 'build-ts.mjs'].every((script) =>
    run(process.execPath, [join('scripts', script)]),
  );
  if (!isDone) process.exitCode = 1;
}
