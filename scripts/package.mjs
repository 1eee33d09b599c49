#!/usr/bin/env node
/**
 * Makes what users install, in prebuilt/: the package of this platform's addon, and the main package with the platform
 * packages as optionalDependencies. Those are not in the repository's own package.json, because package-lock.json could
 * not name packages that are not published yet, and `npm ci` would fail.
 *
 * On a release, each platform's machine runs build-platform-package.mjs, and the folders are collected in prebuilt/;
 * every platform found there becomes an optional dependency. With --no-platform none is made here.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildPlatformPackage } from './build-platform-package.mjs';
import { absoluteLinks } from './published-links.mjs';
import { fail, output, root } from './run.mjs';

/** Runs npm through the running Node (on Windows npm is not an executable). */
function npm(...words) {
  const script = process.env.npm_execpath;
  if (script === undefined) fail('run it through npm: npm run package');
  return output(process.execPath, [script, ...words]);
}

/**
 * The folder for binding.gyp in the package, because yarn 1 builds every package that has it in its root,
 * whatever "gypfile" says.
 */
const PACKED_GYP = 'native/packed-binding.gyp';

const prebuilt = join(root, 'prebuilt');
const platform = process.argv.includes('--no-platform') ? undefined : await buildPlatformPackage();

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const staged = join(prebuilt, manifest.name);
rmSync(staged, { recursive: true, force: true });
mkdirSync(staged, { recursive: true });

// The files of the repository that npm would pack ("files" of package.json), without its generated parts.
const [{ files }] = JSON.parse(npm('pack', '--dry-run', '--json', '--ignore-scripts'));
// npm also packs the command of the checkout, which users do not get.
for (const { path } of files.filter(({ path }) => path !== manifest.bin[manifest.name])) {
  const target = join(staged, path === 'binding.gyp' ? PACKED_GYP : path);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(join(root, path), target, { preserveTimestamps: true });
}
// The README's links lead to files of the repository, which the package does not contain.
const readme = readFileSync(join(root, 'README.md'), 'utf8');
writeFileSync(join(staged, 'README.md'), absoluteLinks(readme, manifest));

const { devDependencies, scripts, gypfile, ...published } = manifest;
published.bin = { [manifest.name]: manifest.imports['#cli'].replace('./', '') };
published.files = manifest.files.map((path) => (path === 'binding.gyp' ? PACKED_GYP : path));
published.scripts = { 'build:addon': scripts['build:addon'] };
published.optionalDependencies = Object.fromEntries(
  readdirSync(prebuilt)
    .map((folder) => join(prebuilt, folder, 'package.json'))
    .filter((path) => existsSync(path))
    .map((path) => JSON.parse(readFileSync(path, 'utf8')))
    .filter(({ name }) => name.startsWith('@sparse-train/'))
    .map(({ name, version }) => {
      if (version !== manifest.version)
        fail(`prebuilt/ has ${name}@${version}, but this is ${manifest.version}`);
      return [name, version];
    })
    .sort(),
);
writeFileSync(join(staged, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);

for (const folder of [...(platform === undefined ? [] : [platform.folder]), staged]) {
  const [{ filename, size, entryCount }] = JSON.parse(
    npm('pack', folder, '--json', '--ignore-scripts', '--pack-destination', prebuilt),
  );
  console.log(`${join('prebuilt', filename)}: ${entryCount} files, ${(size / 1e6).toFixed(1)} MB`);
}
