#!/usr/bin/env node
/**
 * Installs the packages of prebuilt/ (after `npm run package`) as users do, from a registry on this machine: with each
 * package manager, through bundlers, and in unusual surroundings. Each training must give the digest of this checkout.
 *
 *   node scripts/check-installs.mjs [--only WORD] [--no-build]     only trials with WORD in their name; nothing is compiled
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BUNDLERS } from './installs/bundlers.mjs';
import { checkout } from './installs/checkout.mjs';
import { MANAGERS } from './installs/managers.mjs';
import { startRegistry } from './installs/registry.mjs';
import { surroundings } from './installs/surroundings.mjs';
import { userEnvironment, World } from './installs/world.mjs';
import { fail, output, root } from './run.mjs';

/** The package managers. All come from npm, installed with one command. */
const TOOLS = [
  'pnpm@12.21.0',
  'yarn@1.22.22',
  '@yarnpkg/cli-dist@4.18.1',
  'bun@1.4.5',
  'deno@2.9.6',
  'esbuild@0.28.2',
  'webpack@5.113.0',
  '@vercel/nft@1.11.5',
];

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, build: { type: 'boolean', default: true } },
  allowNegative: true,
});
const prebuilt = join(root, 'prebuilt');
if (!existsSync(join(prebuilt, 'sparse-train')))
  fail('prebuilt/ has no packages; make them: npm run package');

const upstream = output('npm', ['config', 'get', 'registry']).trim();
const registry = await startRegistry(prebuilt, upstream);
const home = mkdtempSync(join(tmpdir(), 'sparse-train-installs-'));
const env = userEnvironment(registry.url, join(home, 'home'));
const failed = [];

/** Runs a trial and prints how it went. */
async function trial(name, action) {
  if (!name.includes(values.only)) return;
  const start = performance.now();
  const seconds = () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  try {
    const text = await action();
    console.log(`ok      ${name}, ${seconds()}${typeof text === 'string' ? `: ${text}` : ''}`);
  } catch (error) {
    failed.push(name);
    console.log(`FAILED  ${name}, ${seconds()}\n${error.message}`);
  }
}

try {
  // Users without a name in the system look into these folders too.
  output('chmod', ['755', home]);
  const tools = new World(join(home, 'tools'), env);
  const words = JSON.parse(
    output(process.execPath, [
      join(root, 'dist', 'cli', 'main.js'),
      ...['mnist', '--layers', '32', '--density', '0.2,1', '--epochs', '1', '--no-save', '--json'],
    ]),
  );
  const shared = {
    digest: words.digest,
    node: process.execPath,
    registry: registry.url,
    platform: registry.manifests.find(
      ({ os, cpu }) => os?.[0] === process.platform && cpu?.[0] === process.arch,
    )?.name,
    build: values.build,
    tools: tools.folder,
    tool: (name) => join(tools.folder, 'node_modules', '.bin', name),
    yarn1: join(tools.folder, 'node_modules', 'yarn', 'bin', 'yarn.js'),
    yarn4: join(tools.folder, 'node_modules', '@yarnpkg', 'cli-dist', 'bin', 'yarn.js'),
  };
  const start = performance.now();
  await tools.succeed('npm', ['install', ...TOOLS]);
  console.log(`tools installed, ${((performance.now() - start) / 1000).toFixed(1)} s`);

  let count = 0;
  for (const [name, action] of Object.entries({ ...MANAGERS, ...BUNDLERS })) {
    const world = new World(join(home, `user-${count++}`), env);
    await trial(name, () => action(world, shared));
  }
  await surroundings(new World(join(home, `user-${count++}`), env), shared, trial);
  await checkout(new World(join(home, `user-${count}`), env), shared, trial);
} finally {
  registry.close();
  rmSync(home, { recursive: true, force: true });
}
if (failed.length > 0) fail(`failed: ${failed.join('; ')}`);
