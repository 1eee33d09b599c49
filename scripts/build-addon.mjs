#!/usr/bin/env node
/**
 * Builds the native addon with node-gyp into build/Release; unchanged files are not compiled again. Uses
 * Node's headers from beside the running Node if they are there, so that nothing is downloaded.
 *
 * In an installed package (`node node_modules/sparse-train/scripts/build-addon.mjs`) it first installs
 * node-gyp and node-addon-api into build/tools, because users do not get development dependencies.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The same versions as devDependencies in package.json; a test compares them. */
export const TOOLS = { 'node-gyp': '12.4', 'node-addon-api': '8.9' };

const root = fileURLToPath(new URL('..', import.meta.url));
const toolsFolder = join(root, 'build', 'tools');

/** The folder whose node_modules contains the tools. */
function findTools() {
  for (const folder of [root, toolsFolder]) {
    try {
      const { resolve } = createRequire(join(folder, 'package.json'));
      return { folder, nodeGyp: resolve('node-gyp/bin/node-gyp.js'), api: resolve('node-addon-api') };
    } catch {
      // The next folder may have them.
    }
  }
  return undefined;
}

function installTools() {
  console.log(`installing ${Object.keys(TOOLS).join(' and ')} into ${toolsFolder}`);
  mkdirSync(toolsFolder, { recursive: true });
  const packages = Object.entries(TOOLS).map(([name, version]) => `${name}@${version}`);
  // Otherwise npm would use the settings of the npm that runs this script, such as --global.
  const env = { ...process.env, npm_config_global: 'false', npm_config_location: 'project' };
  const { status } = spawnSync(
    'npm',
    ['install', '--prefix', toolsFolder, '--no-audit', '--no-fund', '--omit=dev', ...packages],
    { cwd: toolsFolder, env, stdio: 'inherit', shell: process.platform === 'win32' },
  );
  if (status !== 0) process.exit(status ?? 1);
}

/** Runs node-gyp in the package's folder. @returns {number} its exit status */
function build({ nodeGyp, folder }) {
  const installation = resolve(dirname(process.execPath), '..');
  const hasHeaders = existsSync(join(installation, 'include', 'node', 'node_api.h'));
  const chosen =
    hasHeaders && process.env.npm_config_nodedir === undefined ? [`--nodedir=${installation}`] : [];
  // binding.gyp asks for node-addon-api.
  const env = { ...process.env, NODE_PATH: join(folder, 'node_modules') };
  for (const step of [['configure'], ['build', `--jobs=${availableParallelism()}`]]) {
    const words = [nodeGyp, ...step, '--release', '--loglevel=warn', ...chosen];
    const { status } = spawnSync(process.execPath, words, { cwd: root, env, stdio: 'inherit' });
    if (status !== 0) return status ?? 1;
  }
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (findTools() === undefined) installTools();
  // Published packages have no binding.gyp in their folder, because yarn 1 would build each of them during
  // installation.
  const [gyp, packed] = [join(root, 'binding.gyp'), join(root, 'native', 'packed-binding.gyp')];
  const isPacked = !existsSync(gyp);
  if (isPacked) copyFileSync(packed, gyp);
  // Published packages do not change, and have no such module.
  const storeState = isPacked ? undefined : (await import('./build-state.mjs')).beginBuild('addon');
  try {
    process.exitCode = build(findTools());
    if (process.exitCode === 0) storeState?.();
  } finally {
    if (isPacked) rmSync(gyp);
  }
}
