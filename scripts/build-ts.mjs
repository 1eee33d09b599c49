#!/usr/bin/env node
/**
 * Builds dist/ from lib/: tsc checks the types and writes the declarations, and rolldown bundles the modules,
 * so that a program loads a few files instead of hundreds. Code for browsers, lib/report/client and its
 * drawing libraries, goes to dist/report/assets.
 */
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beginBuild } from './build-state.mjs';
import { root, run } from './run.mjs';

const lib = join(root, 'lib');
const dist = join(root, 'dist');
const client = join(lib, 'report', 'client');
const assets = join(dist, 'report', 'assets');
const chunks = join(dist, 'chunks');
/**
 * Every module as a separate file, for tests and scripts that need modules which no entry exports. Not
 * published.
 */
const modules = join(dist, '.build', 'modules');

/** The modules that package.json names, such as `cli/main`, and the modules that threads run. */
export function entries() {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const paths = { ...manifest.imports, ...manifest.exports };
  const targets = Object.values(paths).flatMap(filesOf);
  const named = targets.flatMap((path) => /^(?:\.\/)?dist\/(.*)\.js$/.exec(path)?.[1] ?? []);
  return [...new Set(named)].filter((name) => existsSync(join(lib, `${name}.ts`)));
}

/** The files named by a value of "exports", under all conditions. */
function filesOf(target) {
  return typeof target === 'string' ? [target] : Object.values(target ?? {}).flatMap(filesOf);
}

function compile(project, ...words) {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  return run(process.execPath, [tsc, '--project', project, ...words]);
}

/** Removes old modules from earlier builds, and all modules that are not entries. */
function removeLeftovers(wanted) {
  for (const name of existsSync(dist) ? readdirSync(dist, { recursive: true }) : []) {
    const path = join(dist, String(name));
    if (path.startsWith(assets) || path.startsWith(join(dist, '.build'))) continue;
    const [, module, declaration] = /^(.*?)(\.d)?\.[jt]s$/.exec(String(name).replaceAll(sep, '/')) ?? [];
    if (module === undefined) continue;
    const isKept =
      declaration === undefined ? wanted.includes(module) : existsSync(join(lib, `${module}.ts`));
    if (!isKept) rmSync(path);
  }
}

/**
 * Modules that share a file. Without groups, each set of modules that the same entries need would become a
 * separate file, and a command would load fifty files. Modules that are loaded on demand, such as downloads,
 * stay separate in any case.
 */
const GROUPS = [
  // `sparse-train --version` needs nothing else.
  { name: 'package', test: /lib[\\/]base[\\/](package|open-files)\.ts$/, priority: 1 },
  { name: 'core', test: /lib[\\/](base|engine|data|network|training|catalog(?![\\/]download))[\\/]/ },
];

/** Whether an id is the name of a package or of a module of Node, not a path. */
const isPackage = (id) => !id.startsWith('.') && !id.startsWith('/') && !/^[A-Za-z]:/.test(id);

/** Reads the modules that the requested ones need. */
async function read(wanted, external) {
  const { rolldown } = await import('rolldown');
  return rolldown({
    input: Object.fromEntries(wanted.map((name) => [name, join(lib, `${name}.ts`)])),
    platform: 'node',
    external,
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    transform: { target: 'node20' },
    treeshake: { moduleSideEffects: (id) => /lib[\\/]cli[\\/]main\.ts$|(thread|side)\.ts$/.test(id) },
  });
}

async function bundle(wanted) {
  const build = await read(wanted, isPackage);
  await build.write({
    dir: dist,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    // Without "-", which ends the name.
    hashCharacters: 'hex',
    codeSplitting: { groups: GROUPS },
    minify: false,
  });
  await build.close();

  const apart = await read(wanted, isPackage);
  await apart.write({
    dir: modules,
    format: 'esm',
    preserveModules: true,
    preserveModulesRoot: lib,
    entryFileNames: '[name].js',
  });
  await apart.close();
  // Their types are beside them, like those of the bundled modules.
  const hasTypes = (path) =>
    !path.startsWith(assets) && (path.endsWith('.d.ts') || statSync(path).isDirectory());
  for (const name of readdirSync(dist).filter((name) => name !== '.build' && name !== 'chunks'))
    cpSync(join(dist, name), join(modules, name), { recursive: true, filter: hasTypes });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = entries();
  const storeState = beginBuild('ts');
  // tsc does not compile unchanged files again; its notes are kept within dist/, so that both are deleted
  // together.
  const incrementally = ['--incremental', '--tsBuildInfoFile', join(dist, '.build', 'declarations.json')];
  const declarations = ['--emitDeclarationOnly', ...incrementally];
  rmSync(assets, { recursive: true, force: true });
  for (const folder of [chunks, modules]) rmSync(folder, { recursive: true, force: true });
  if (!compile('tsconfig.json', ...declarations) || !compile(join(client, 'tsconfig.json'))) process.exit(1);
  removeLeftovers(wanted);
  await bundle(wanted);

  mkdirSync(assets, { recursive: true });
  for (const name of readdirSync(client).filter((name) => name.endsWith('.css')))
    copyFileSync(join(client, name), join(assets, name));
  /**
   * Builds for browsers, from development dependencies: users get the results and their licences in dist/.
   */
  for (const [file, name] of [
    ['uplot/dist/uPlot.iife.min.js', 'uPlot.iife.min.js'],
    ['uplot/dist/uPlot.min.css', 'uPlot.min.css'],
    ['uplot/LICENSE', 'uPlot.LICENSE.txt'],
    ['echarts/dist/echarts.min.js', 'echarts.min.js'],
    ['echarts/LICENSE', 'echarts.LICENSE.txt'],
    ['echarts/NOTICE', 'echarts.NOTICE.txt'],
  ])
    copyFileSync(join(root, 'node_modules', file), join(assets, name));

  chmodSync(join(dist, 'cli', 'main.js'), 0o755);
  storeState();
}
