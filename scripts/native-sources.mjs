#!/usr/bin/env node
/**
 * Answers both native builds from native/sources.json, one item a line:
 *
 *   native-sources.mjs sources GROUP              the .cpp files of a group of sources.json, from the repository's root
 *   native-sources.mjs kernels ARCH OS [CXX]      the kernel sets to build for this CPU architecture
 *   native-sources.mjs files SET                  its .cpp files: <family>_<set>.cpp below kernels and bench
 *   native-sources.mjs flags SET gnu|msvc         the compiler flags of a kernel set
 *   native-sources.mjs defines ARCH OS [CXX]      what the dispatch must know: the architecture and the sets built
 *
 * ARCH is Node's name (x64, arm64), OS gyp's (linux, mac, win, ...).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const nativeFolder = fileURLToPath(new URL('../native', import.meta.url));
const { groups, kernels } = JSON.parse(readFileSync(join(nativeFolder, 'sources.json'), 'utf8'));

/** The C++ files of a group's folders that are not a kernel set of their own. */
export function sourcesOf(group) {
  const folders = groups[group];
  if (folders === undefined)
    throw new Error(`unknown group "${group}"; known: ${Object.keys(groups).join(', ')}`);
  return folders.flatMap(filesBelow).filter((path) => setOf(path) === undefined);
}

/** All .cpp files of a folder of native and of those within it. */
function filesBelow(folder) {
  const path = join(nativeFolder, folder);
  const names = existsSync(path) ? readdirSync(path, { recursive: true }) : [];
  return names
    .map((name) => `native/${folder}/${String(name).replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.cpp'))
    .sort();
}

/** The kernel set of a file, if it belongs to one: avx2 for kernels/wide_batch/wide_batch_avx2.cpp. */
function setOf(path) {
  const last = /^native\/(?:kernels|bench)\/.+_([a-z0-9]+)\.cpp$/.exec(path)?.[1];
  return last !== undefined && last in kernels ? last : undefined;
}

/** The .cpp files of a kernel set. */
export function filesOf(set) {
  return ['kernels', 'bench'].flatMap(filesBelow).filter((path) => setOf(path) === set);
}

/** The kernel sets that have files, that fit the architecture and whose flags the compiler knows. */
export function kernelsFor(arch, os, compiler) {
  return Object.keys(kernels).filter((name) => {
    const set = kernels[name];
    if (set.arch !== '*' && set.arch !== arch) return false;
    if (filesOf(name).length === 0) return false;
    return os === 'win' || os === 'mac' || set.gnu.length === 0 || accepts(compiler, set.gnu);
  });
}

/** Whether a GCC-like compiler accepts the flags; a compiler that cannot be asked is assumed to. */
function accepts(compiler = process.env.CXX || 'c++', flags) {
  const [command, ...words] = compiler.split(' ').filter((word) => word !== '');
  const probe = spawnSync(command, [...words, ...flags, '-x', 'c++', '-fsyntax-only', '-'], { input: '' });
  return probe.error !== undefined || probe.status === 0;
}

export function flagsOf(name, style) {
  return kernels[name][style];
}

export function definesFor(arch, os, compiler) {
  const architecture = { x64: ['SPARSE_TRAIN_X86'], arm64: ['SPARSE_TRAIN_ARM64'] }[arch] ?? [];
  return [
    ...architecture,
    ...kernelsFor(arch, os, compiler).map((name) => `SPARSE_TRAIN_HAVE_${name.toUpperCase()}`),
  ];
}

const questions = {
  sources: sourcesOf,
  kernels: kernelsFor,
  files: filesOf,
  flags: flagsOf,
  defines: definesFor,
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [question, ...words] = process.argv.slice(2);
  if (!(question in questions))
    throw new Error(`usage: native-sources.mjs ${Object.keys(questions).join('|')} ...`);
  for (const item of questions[question](...words)) console.log(item);
}
