/**
 * Finds the compiled addon: a build in this package's folder, or else the platform package that npm installed beside
 * it. An addon of another release is not used: it may compute differently. If neither loads, the error lists each
 * attempt, why it failed and which command helps.
 */
import { existsSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { SparseTrainError } from '../base/errors.js';
import { MANIFEST, type Manifest, PACKAGE_ROOT, THIS_FILE } from '../base/package.js';

/** The loader's view of its surroundings; tests replace it. */
export interface LoaderEnvironment {
  /** The package's folder: it holds package.json, and build/ if the addon was built here. */
  root: string;
  /** Undefined if the code was bundled and moved away from its package. */
  manifest: Manifest | undefined;
  /** Loads a file. */
  require: (path: string) => unknown;
  /** Loads a platform package by its name. */
  requirePackage: (name: string) => unknown;
  /** Values of process.platform and process.arch. */
  platform: string;
  arch: string;
  /** The C library; only called on Linux. */
  libc: () => { name: 'gnu' | 'musl'; version: string | undefined };
}

interface Attempt {
  what: string;
  why: string;
  /** A file was found but could not be used. */
  broken: boolean;
  /** Node's permission model does not allow addons. */
  forbidden: boolean;
}

// webpack replaces calls of a createRequire that is imported by name, and a bundle made that way could load nothing.
// Tools that collect a program's files recognise `module.createRequire`.
const require = module.createRequire(THIS_FILE);

/**
 * The published platform packages. Each is a require() of a literal name, because tools that collect a program's
 * files recognise only those.
 */
const PUBLISHED: Readonly<Record<string, () => unknown>> = {
  '@sparse-train/linux-x64-gnu': () => require('@sparse-train/linux-x64-gnu'),
  '@sparse-train/linux-arm64-gnu': () => require('@sparse-train/linux-arm64-gnu'),
  '@sparse-train/darwin-x64': () => require('@sparse-train/darwin-x64'),
  '@sparse-train/darwin-arm64': () => require('@sparse-train/darwin-arm64'),
  '@sparse-train/win32-x64-msvc': () => require('@sparse-train/win32-x64-msvc'),
};

/** The names of the published platform packages. */
export const PLATFORM_PACKAGES: readonly string[] = Object.keys(PUBLISHED);

/** This process and its machine. */
export const thisMachine: LoaderEnvironment = {
  root: PACKAGE_ROOT,
  manifest: MANIFEST,
  require,
  requirePackage: (name) => (PUBLISHED[name] ?? (() => require(name)))(),
  platform: process.platform,
  arch: process.arch,
  libc: libcOfThisProcess,
};

/**
 * Loads the native addon.
 *
 * @returns The addon's exports; native.ts gives them their types.
 * @throws SparseTrainError NATIVE_UNAVAILABLE if there is no addon for this machine or if it does not load.
 */
export function loadAddon(environment: LoaderEnvironment = thisMachine): unknown {
  const attempts: Attempt[] = [];

  const local = join(environment.root, 'build', 'Release', 'sparse_train.node');
  if (existsSync(local)) {
    try {
      return ofThisRelease(environment.require(local), environment);
    } catch (error) {
      attempts.push({ what: local, why: reason(error), broken: true, forbidden: isForbidden(error) });
    }
  } else {
    attempts.push({ what: local, why: 'there is no such file', broken: false, forbidden: false });
  }

  const name = platformPackage(environment);
  try {
    return ofThisRelease(environment.requirePackage(name), environment);
  } catch (error) {
    const missing = isMissing(error, name);
    const why = missing ? 'it is not installed' : reason(error);
    // Another release of the package may run here.
    const broken = !missing && !(error instanceof AnotherRelease);
    attempts.push({ what: name, why, broken, forbidden: isForbidden(error) });
  }

  throw new SparseTrainError('NATIVE_UNAVAILABLE', explain(environment, name, attempts));
}

class AnotherRelease extends Error {}

/** Returns the addon. @throws AnotherRelease if its version is not that of this package */
function ofThisRelease(addon: unknown, { manifest }: LoaderEnvironment): unknown {
  const { version } = addon as { version?: unknown };
  if (typeof version === 'string' && manifest !== undefined && version !== manifest.version)
    throw new AnotherRelease(`it is of release ${version}, but this package is of ${manifest.version}`);
  return addon;
}

/** The name of the package that holds the addon for a machine, such as `@sparse-train/linux-x64-gnu`. */
export function platformPackage(environment: Pick<LoaderEnvironment, 'platform' | 'arch' | 'libc'>): string {
  const { platform, arch, libc } = environment;
  const abi = platform === 'linux' ? `-${libc().name}` : platform === 'win32' ? '-msvc' : '';
  return `@sparse-train/${platform}-${arch}${abi}`;
}

function explain(environment: LoaderEnvironment, name: string, attempts: Attempt[]): string {
  const lines = [`the native engine could not be loaded on ${machine(environment)}`, 'Tried:'];
  for (const attempt of attempts) lines.push(`  - ${attempt.what}: ${attempt.why}`);
  lines.push('What helps:');
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

function advise({ root, manifest }: LoaderEnvironment, name: string, attempts: Attempt[]): string[] {
  if (attempts.some(({ forbidden }) => forbidden))
    return ['start Node with --allow-addons as well    (its permission model forbids addons)'];
  if (existsSync(join(root, 'tsconfig.json')))
    return ['npm run build    (in this checkout; it needs a C++17 compiler)'];
  if (manifest === undefined)
    return [
      'a bundler has moved this code away from its package: mark sparse-train as external',
      '(esbuild: --packages=external; webpack: externals), and install it where the bundle runs',
    ];

  const build = `node ${join(root, 'scripts', 'build-addon.mjs')}    (needs a C++17 compiler, make and Python 3)`;
  const [local, packaged] = attempts;
  if (local?.broken) return [build];
  const version = manifest.optionalDependencies?.[name];
  if (version === undefined)
    return [`no addon is published for this platform (${name}), so build it:`, build];
  if (packaged?.broken) return ['the published addon does not run on this machine, so build it:', build];
  return [
    `npm install ${name}@${version}`,
    '(npm leaves it out with --omit=optional, or when node_modules or package-lock.json come from another machine)',
  ];
}

function libcOfThisProcess(): { name: 'gnu' | 'musl'; version: string | undefined } {
  // By default the report looks up the names of network interfaces, which can take seconds.
  const report = process.report as (NodeJS.ProcessReport & { excludeNetwork?: boolean }) | undefined;
  if (report === undefined) return { name: 'gnu', version: undefined };
  const before = report.excludeNetwork;
  report.excludeNetwork = true;
  const { header } = report.getReport() as { header: { glibcVersionRuntime?: string } };
  report.excludeNetwork = before ?? false;
  const version = header.glibcVersionRuntime;
  return { name: version === undefined ? 'musl' : 'gnu', version };
}

/** Whether the error says that this package itself is missing, not one that it needs. */
function isMissing(error: unknown, name: string): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  const { code, message } = error;
  return (code === 'MODULE_NOT_FOUND' && message.includes(name)) || code === 'UNDECLARED_DEPENDENCY';
}

/** Whether Node's permission model forbids addons. */
function isForbidden(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_DLOPEN_DISABLED';
}

function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0] ?? message;
}
