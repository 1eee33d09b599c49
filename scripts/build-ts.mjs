#!/usr/bin/env node
/** Compiles lib/ into dist/, and removes what earlier builds left there of modules that are gone. */
import { chmodSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './run.mjs';

if (
  !run(process.execPath, [
    join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
    '--project',
    'tsconfig.json',
  ])
)
  process.exit(1);

const dist = join(root, 'dist');
for (const name of readdirSync(dist, { recursive: true })) {
  const module = /^(.*?)(\.d)?\.[jt]s$/.exec(String(name))?.[1];
  if (module !== undefined && !existsSync(join(root, 'lib', `${module}.ts`)))
    rmSync(join(dist, String(name)));
}

const command = join(dist, 'cli', 'main.js');
if (existsSync(command)) chmodSync(command, 0o755);
