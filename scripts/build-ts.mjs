#!/usr/bin/env node
/**
 * Compiles lib/ into dist/, and removes what earlier builds left there of modules that are gone. What runs in browsers,
 * lib/report/client and the libraries that it draws with, goes to dist/report/assets.
 */
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './run.mjs';

const dist = join(root, 'dist');
const client = join(root, 'lib', 'report', 'client');
const assets = join(dist, 'report', 'assets');

const compile = (project, ...words) =>
  run(process.execPath, [
    join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
    '--project',
    project,
    ...words,
  ]);

rmSync(assets, { recursive: true, force: true });
// What has not changed since is not compiled again; kept within dist/, so that both go together.
const incrementally = ['--incremental', '--tsBuildInfoFile', join(dist, '.build', 'lib.json')];
if (!compile('tsconfig.json', ...incrementally) || !compile(join(client, 'tsconfig.json'))) process.exit(1);

for (const name of readdirSync(dist, { recursive: true })) {
  if (join(dist, String(name)).startsWith(assets)) continue;
  const module = /^(.*?)(\.d)?\.[jt]s$/.exec(String(name))?.[1];
  if (module !== undefined && !existsSync(join(root, 'lib', `${module}.ts`)))
    rmSync(join(dist, String(name)));
}

mkdirSync(assets, { recursive: true });
for (const name of readdirSync(client).filter((name) => name.endsWith('.css')))
  copyFileSync(join(client, name), join(assets, name));
/** Builds for browsers, of development dependencies: users get them with dist/, with their licences. */
for (const [file, name] of [
  ['uplot/dist/uPlot.iife.min.js', 'uPlot.iife.min.js'],
  ['uplot/dist/uPlot.min.css', 'uPlot.min.css'],
  ['uplot/LICENSE', 'uPlot.LICENSE.txt'],
  ['echarts/dist/echarts.min.js', 'echarts.min.js'],
  ['echarts/LICENSE', 'echarts.LICENSE.txt'],
  ['echarts/NOTICE', 'echarts.NOTICE.txt'],
])
  copyFileSync(join(root, 'node_modules', file), join(assets, name));

const command = join(dist, 'cli', 'main.js');
if (existsSync(command)) chmodSync(command, 0o755);
