/**
 * Installing with each package manager. Each trial gets a world and the shared values, and throws if
 * something is wrong.
 */
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Promised in docs/dependencies.md. */
const MOST_PACKAGES = 15;
const MOST_BYTES = 6e6;

const COMMAND = join('node_modules', 'sparse-train', 'dist', 'cli', 'main.js');
const MNIST = ['mnist', '--layers', '32', '--density', '0.2,1', '--epochs', '1', '--json'];
const SAVING = [...MNIST, '--out', 'model.safetensors'];

/** Throws unless training printed the digest that this repository's own build gives. */
function checkDigest(stdout, digest) {
  const { digest: found } = JSON.parse(stdout);
  if (found !== digest) throw new Error(`the digest is ${found}, not ${digest}`);
}

/** Trains with a command and expects the digest, and the model if it is saved. */
export async function train(world, digest, command, words, options) {
  checkDigest(await world.succeed(command, [...words, ...SAVING], options), digest);
  if (!existsSync(join(world.folder, 'model.safetensors'))) throw new Error('there is no model');
}

function bytesBelow(path) {
  const stats = lstatSync(path);
  if (!stats.isDirectory()) return stats.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesBelow(join(path, name)), 0);
}

/** Counts the third-party packages and files that users get, and looks for install scripts. */
function weigh(folder) {
  const { packages } = JSON.parse(readFileSync(join(folder, 'node_modules', '.package-lock.json'), 'utf8'));
  const others = Object.entries(packages).filter(
    ([path]) => !/node_modules\/(sparse-train|@sparse-train\/[^/]+)$/.test(path),
  );
  const scripts = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript);
  const bytes = others.reduce((sum, [path]) => sum + bytesBelow(join(folder, path)), 0);
  const text = `${others.length} packages of others, ${(bytes / 1e6).toFixed(1)} MB`;
  if (scripts.length > 0) throw new Error(`install scripts: ${scripts.map(([path]) => path).join(', ')}`);
  if (others.length > MOST_PACKAGES || bytes > MOST_BYTES)
    throw new Error(
      `${text}; at most ${MOST_PACKAGES} and ${MOST_BYTES / 1e6} MB: ${others.map(([path]) => path).join(', ')}`,
    );
  return text;
}

/** @type {Record<string, (world: import('./world.mjs').World, shared: any) => Promise<string | void>>} */
export const MANAGERS = {
  async npm(world, { digest, node }) {
    await world.succeed('npm', ['install', 'sparse-train']);
    const text = weigh(world.folder);
    await train(world, digest, join('node_modules', '.bin', 'sparse-train'), []);
    await world.succeed(node, ['--eval', "if (!require('sparse-train').Network) process.exit(1)"]);
    return text;
  },

  async 'npm --ignore-scripts'(world, { digest, node }) {
    await world.succeed('npm', ['install', '--ignore-scripts', 'sparse-train']);
    await train(world, digest, node, [COMMAND]);
  },

  async 'npm --omit=optional, then building from source'(world, { digest, node, platform, build }) {
    await world.succeed('npm', ['install', '--omit=optional', 'sparse-train']);
    await world.refuse(`npm install ${platform}@`, node, [COMMAND, 'mnist']);
    if (!build) return 'refused; not built';
    await world.succeed(node, [join('node_modules', 'sparse-train', 'scripts', 'build-addon.mjs')]);
    await train(world, digest, node, [COMMAND]);
  },

  async pnpm(world, { digest, tool }) {
    await world.succeed(tool('pnpm'), ['add', 'sparse-train']);
    await world.succeed(tool('pnpm'), ['install', '--frozen-lockfile']);
    await train(world, digest, tool('pnpm'), ['exec', 'sparse-train']);
  },

  async 'yarn 1'(world, { digest, node, yarn1, registry }) {
    world.write('.yarnrc', `registry "${registry}"\n`);
    await world.succeed(node, [yarn1, 'add', '--non-interactive', 'sparse-train']);
    await train(world, digest, node, [COMMAND]);
  },

  async "yarn 4, Plug'n'Play"(world, { digest, node, yarn4 }) {
    world.write('yarn.lock', '');
    const added = await world.run(node, [yarn4, 'add', 'sparse-train']);
    if (added.status !== 0 || added.all.includes('YN0004')) throw new Error(added.all);
    if (!existsSync(join(world.folder, '.pnp.cjs'))) throw new Error('no .pnp.cjs');
    await train(world, digest, node, [yarn4, 'sparse-train']);
  },

  async bun(world, { digest, tool }) {
    await world.succeed(tool('bun'), ['add', 'sparse-train']);
    await train(world, digest, tool('bun'), [COMMAND]);
  },

  async deno(world, { digest, tool }) {
    world.write('deno.json', '{ "nodeModulesDir": "auto" }\n');
    await world.succeed(tool('deno'), ['add', 'npm:sparse-train']);
    await train(world, digest, tool('deno'), ['run', '--allow-all', COMMAND]);
  },
};
