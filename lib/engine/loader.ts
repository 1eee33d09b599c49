/**
 * Finds the compiled addon: a build in this folder (a checkout, or one made by `npm rebuild`), otherwise the platform
 * package that npm installed beside this one. When neither loads, the error says what was tried, why each failed and
 * which command mends it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SparseTrainError } from '../base/errors.js';

/** What the loader knows of the world; tests put another world in its place. */
export interface LoaderEnvironment {
  /** The package's folder: the one with package.json, and with build/ if the addon was built here. */
  root: string;
  /** Loads a module by path or package name. */
  require: (id: string) => unknown;
  /** As process.platform, process.arch. */
  platform: string;
  arch: string;
  /** The C library; only asked on Linux. */
  libc: () => { name: 'gnu' | 'musl'; version: string | undefined };
}

interface Attempt {
  what: string;
  why: string;
  /** Something was there, but could not be used. */
  broken: boolean;
}

interface Manifest {
  name: string;
  version: string;
  optionalDependencies?: Record<string, string>;
}

/** The world as it is. */
export const thisMachine: LoaderEnvironment = {
  // This module is two folders below the package's, as lib/engine/loader.ts and as dist/engine/loader.js.
  root: resolve(fileURLToPath(new URL('../..', import.meta.url))),
  require: createRequire(import.meta.url),
  platform: process.platform,
  arch: process.arch,
  libc: libcOfThisProcess,
};

/**
 * Loads the native addon.
 * @returns The addon's exports; native.ts gives them their types.
 * @throws SparseTrainError NATIVE_UNAVAILABLE if there is no addon for this machine or it does not load.
 */
export function loadAddon(environment: LoaderEnvironment = thisMachine): unknown {
  const attempts: Attempt[] = [];

  const local = join(environment.root, 'build', 'Release', 'sparse_train.node');
  if (existsSync(local)) {
    try {
      return environment.require(local);
    } catch (error) {
      attempts.push({ what: local, why: reason(error), broken: true });
    }
  } else {
    attempts.push({ what: local, why: 'there is no such file', broken: false });
  }

  const name = platformPackage(environment);
  try {
    return environment.require(name);
  } catch (error) {
    const missing = isMissing(error, name);
    attempts.push({ what: name, why: missing ? 'it is not installed' : reason(error), broken: !missing });
  }

  throw new SparseTrainError('NATIVE_UNAVAILABLE', explain(environment, name, attempts));
}

/** The name of the package that carries the addon for a machine, as `@sparse-train/linux-x64-gnu`. */
export function platformPackage(environment: Pick<LoaderEnvironment, 'platform' | 'arch' | 'libc'>): string {
  const { platform, arch, libc } = environment;
  const abi = platform === 'linux' ? `-${libc().name}` : platform === 'win32' ? '-msvc' : '';
  return `@sparse-train/${platform}-${arch}${abi}`;
}

function explain(environment: LoaderEnvironment, name: string, attempts: Attempt[]): string {
  const lines = [`the native engine could not be loaded on ${machine(environment)}`, 'Tried:'];
  for (const attempt of attempts) lines.push(`  - ${attempt.what}: ${attempt.why}`);
  lines.push('To mend it:');
  for (const advice of advise(environment, name, attempts)) lines.push(`  ${advice}`);
  return lines.join('\n');
}

function machine({ platform, arch, libc }: LoaderEnvironment): string {
  const words = [`${platform}-${arch}`];
  if (platform === 'linux') {
    const { name, version } = libc();
    words.push(name === 'gnu' ? `glibc${version === undefined ? '' : ` ${version}`}` : 'musl');
  }
  words.push(`Node ${process.versions.node}`);
  return words.join(', ');
}

function advise({ root }: LoaderEnvironment, name: string, [local, packaged]: Attempt[]): string[] {
  if (existsSync(join(root, 'tsconfig.json')))
    return ['npm run build            (in this checkout; it needs a C++17 compiler)'];

  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  const build =
    `npm install node-gyp@12 node-addon-api@8 && npm explore ${manifest.name} -- npm run build:addon` +
    '            (builds it here; it needs a C++17 compiler)';
  if (local?.broken) return [build];
  const version = manifest.optionalDependencies?.[name];
  if (version === undefined) return [`there is no ready-made ${name}, so build it:`, build];
  if (packaged?.broken) return ['the ready-made addon does not fit this machine, so build it:', build];
  return [
    `npm install ${name}@${version}`,
    '(npm leaves it out with --omit=optional, or when node_modules or package-lock.json come from another machine)',
  ];
}

function libcOfThisProcess(): { name: 'gnu' | 'musl'; version: string | undefined } {
  // The report lists network interfaces too unless told not to, and looking up their names can take seconds.
  const report = process.report as (NodeJS.ProcessReport & { excludeNetwork?: boolean }) | undefined;
  if (report === undefined) return { name: 'gnu', version: undefined };
  const before = report.excludeNetwork;
  report.excludeNetwork = true;
  const { header } = report.getReport() as { header: { glibcVersionRuntime?: string } };
  report.excludeNetwork = before ?? false;
  const version = header.glibcVersionRuntime;
  return { name: version === undefined ? 'musl' : 'gnu', version };
}

/** Whether the error says that this very package is absent (and not one that it would need). */
function isMissing(error: unknown, name: string): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === 'MODULE_NOT_FOUND' && error.message.includes(`'${name}'`);
}

function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0] ?? message;
}
