#!/usr/bin/env node
/**
 * Makes the package that carries the addon for this machine's platform, such as @sparse-train/linux-x64-gnu, in
 * prebuilt/<platform>/ from build/Release. `npm run package` runs it.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fail, output, root } from './run.mjs';

/** Builds the package's folder and returns { name, version, folder }. */
export async function buildPlatformPackage() {
  const addon = join(root, 'build', 'Release', 'sparse_train.node');
  const loader = join(root, 'dist', 'native-loader.js');
  if (!existsSync(addon) || !existsSync(loader)) fail('nothing is built yet: npm run build');
  const { platformPackage, thisMachine } = await import(loader);
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

  const name = platformPackage(thisMachine);
  const folder = join(root, 'prebuilt', name.split('/')[1]);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });

  const target = join(folder, 'sparse_train.node');
  copyFileSync(addon, target);
  if (process.platform === 'linux') output('strip', ['--strip-unneeded', target]);
  if (process.platform === 'darwin') output('strip', ['-x', target]);
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));

  const libc = process.platform === 'linux' ? thisMachine.libc().name : undefined;
  const needs = libc === 'gnu' ? ` It needs glibc ${oldestGlibc(target)} or newer.` : '';
  writeFileSync(
    join(folder, 'README.md'),
    `# ${name}\n\nThe native engine of [${manifest.name}](https://www.npmjs.com/package/${manifest.name}) for ` +
      `${process.platform}-${process.arch}. npm installs it with ${manifest.name}; there is no need to ask for it.${needs}\n`,
  );
  const platformManifest = {
    name,
    version: manifest.version,
    description: `The native engine of ${manifest.name} for ${process.platform}-${process.arch}`,
    license: manifest.license,
    engines: manifest.engines,
    os: [process.platform],
    cpu: [process.arch],
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
function oldestGlibc(path) {
  const versions = output('objdump', ['--dynamic-syms', path]).matchAll(/GLIBC_(\d+)\.(\d+)/g);
  const [major, minor] = [...versions]
    .map(([, major, minor]) => [Number(major), Number(minor)])
    .reduce((a, b) => (b[0] > a[0] || (b[0] === a[0] && b[1] > a[1]) ? b : a), [2, 0]);
  return `${major}.${minor}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { name, version, folder } = await buildPlatformPackage();
  console.log(`${name}@${version} in ${folder}`);
}
