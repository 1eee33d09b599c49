#!/usr/bin/env node
/**
 * Makes the package that carries the addon for a platform, such as @sparse-train/linux-x64-gnu, in prebuilt/<platform>/:
 * for this machine from build/Release (`npm run package` runs it), or from a cross build (cross-package.mjs).
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { fail, output, root } from './run.mjs';

/**
 * The platform of a package, and its parts.
 *
 * @typedef {object} Target
 * @property {string} addon the compiled addon
 * @property {string} platform as process.platform
 * @property {string} arch as process.arch
 * @property {'gnu' | 'musl' | undefined} libc of Linux
 * @property {string} tools the prefix of the names of strip and objdump
 */

/** This machine's target. @returns {Promise<Target>} */
async function thisTarget() {
  const { thisMachine } = await loader();
  const { platform, arch } = process;
  const addon = join(root, 'build', 'Release', 'sparse_train.node');
  return {
    addon,
    platform,
    arch,
    libc: platform === 'linux' ? thisMachine.libc().name : undefined,
    tools: '',
  };
}

function loader() {
  const path = join(root, 'dist', '.build', 'modules', 'engine', 'loader.js');
  if (!existsSync(path)) fail('nothing is built yet: npm run build');
  return import(pathToFileURL(path).href);
}

/** Builds the package's folder and returns { name, version, folder }. @param {Target} [wanted] this machine by default */
export async function buildPlatformPackage(wanted) {
  const { addon, platform, arch, libc, tools } = wanted ?? (await thisTarget());
  if (!existsSync(addon)) fail(`there is no ${addon}: npm run build`);
  const { platformPackage } = await loader();
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

  const name = platformPackage({ platform, arch, libc: () => ({ name: libc }) });
  const folder = join(root, 'prebuilt', name.split('/')[1]);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });

  const target = join(folder, 'sparse_train.node');
  copyFileSync(addon, target);
  if (platform === 'linux') output(`${tools}strip`, ['--strip-unneeded', target]);
  if (platform === 'darwin') output('strip', ['-x', target]);
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));

  const needs = libc === 'gnu' ? ` It needs glibc ${oldestGlibc(target, tools)} or newer.` : '';
  writeFileSync(
    join(folder, 'README.md'),
    `# ${name}\n\nThe native engine of [${manifest.name}](https://www.npmjs.com/package/${manifest.name}) for ` +
      `${platform}-${arch}. npm installs it with ${manifest.name}; there is no need to ask for it.${needs}\n`,
  );
  const platformManifest = {
    name,
    version: manifest.version,
    description: `The native engine of ${manifest.name} for ${platform}-${arch}`,
    license: manifest.license,
    engines: manifest.engines,
    os: [platform],
    cpu: [arch],
    ...(libc === undefined ? {} : { libc: [libc === 'gnu' ? 'glibc' : 'musl'] }),
    main: 'sparse_train.node',
    exports: { '.': './sparse_train.node', './package.json': './package.json' },
    files: ['sparse_train.node'],
    preferUnplugged: true,
    publishConfig: { access: 'public' },
  };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(platformManifest, null, 2)}\n`);
  return { name, version: manifest.version, folder };
}

/** The newest glibc symbol version that the addon asks for. */
function oldestGlibc(path, tools) {
  const versions = output(`${tools}objdump`, ['--dynamic-syms', path]).matchAll(/GLIBC_(\d+)\.(\d+)/g);
  const [major, minor] = [...versions]
    .map(([, major, minor]) => [Number(major), Number(minor)])
    .reduce((a, b) => (b[0] > a[0] || (b[0] === a[0] && b[1] > a[1]) ? b : a), [2, 0]);
  return `${major}.${minor}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { name, version, folder } = await buildPlatformPackage();
  console.log(`${name}@${version} in ${folder}`);
}
