#!/usr/bin/env node
/**
 * Makes the package for 64-bit ARM Linux on another machine, with Debian's cross compiler (g++-aarch64-linux-gnu), in
 * prebuilt/linux-arm64-gnu/: `node scripts/cross-package.mjs`, before `npm run package`, which then names it among the
 * optional dependencies.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPlatformPackage } from './build-platform-package.mjs';
import { fail, has, output, root, run } from './run.mjs';

const TOOLS = 'aarch64-linux-gnu-';

if (!has(`${TOOLS}g++`)) fail(`${TOOLS}g++ is not installed (Debian: apt-get install g++-aarch64-linux-gnu)`);

// node-gyp builds in build/, which holds this machine's addon, so it gets a copy of the sources.
const copy = mkdtempSync(join(tmpdir(), 'sparse-train-arm64-'));
try {
  for (const path of output('git', ['ls-files', 'native', 'scripts', 'binding.gyp', 'package.json'])
    .trim()
    .split('\n')) {
    mkdirSync(join(copy, path, '..'), { recursive: true });
    cpSync(join(root, path), join(copy, path));
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const tool = (name) => `${TOOLS}${name}`;
  const env = {
    ...process.env,
    npm_config_arch: 'arm64',
    CC: tool('gcc'),
    CXX: tool('g++'),
    LINK: tool('g++'),
    AR: tool('ar'),
  };
  if (
    !run(process.execPath, [join('scripts', 'build-addon.mjs')], {
      cwd: copy,
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  )
    fail('the cross build failed');
  const addon = join(copy, 'build', 'Release', 'sparse_train.node');
  const header = output('readelf', ['--file-header', '--dynamic', addon]);
  if (!/Machine:\s+AArch64/.test(header)) fail(`${addon} is not for AArch64\n${header}`);
  if (/NEEDED.*libstdc\+\+/.test(header))
    fail(`${addon} needs a C++ library, which should be inside\n${header}`);
  const symbols = output(`${TOOLS}nm`, ['--dynamic', '--defined-only', addon])
    .trim()
    .split('\n')
    .map((line) => line.split(' ').at(-1));
  if (!symbols.includes('napi_register_module_v1'))
    fail(`${addon} has no entry for Node: ${symbols.join(', ')}`);
  const { name, version, folder } = await buildPlatformPackage({
    addon,
    platform: 'linux',
    arch: 'arm64',
    libc: 'gnu',
    tools: TOOLS,
  });
  console.log(`${name}@${version} in ${folder}; defines ${symbols.join(', ')}`);
} finally {
  rmSync(copy, { recursive: true });
}
