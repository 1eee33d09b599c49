#!/usr/bin/env node
/**
 * The command `sparse-train` of a checkout, for `npx sparse-train`. It starts the build that is there at once, and says so
 * if the sources have changed since, as after `git pull`. Published packages start dist/cli/main.js.
 */
import { commandsForChanges, isBuilt } from './build-state.mjs';
import { fail } from './run.mjs';

if (!isBuilt()) fail('error: this checkout is not built; run `npm ci`, or `npm run build`');
const commands = commandsForChanges();
if (commands !== undefined)
  process.stderr.write(`warning: the sources have changed since this build; run \`${commands}\`\n`);
await import('../dist/cli/main.js');
