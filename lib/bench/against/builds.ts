import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SparseTrainError } from '../../base/errors.js';

/** A build of this package: a checkout, or an installed package. */
export interface Build {
  /** The folder with its package.json. */
  readonly folder: string;
  /** The module that `import 'sparse-train'` loads. */
  readonly entry: string;
  readonly version: string;
  /** The commit of a checkout, with "+changes" where files differ from it; undefined for an installed package. */
  readonly commit: string | undefined;
}

interface Manifest {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly main?: unknown;
  readonly exports?: unknown;
}

/** Conditions of package.json's `exports` that apply to an import in Node. */
const CONDITIONS = new Set(['node', 'import', 'module-sync', 'default']);

/**
 * Finds the build in a folder: the folder itself, or `node_modules/sparse-train` within it.
 *
 * @throws SparseTrainError FILE_NOT_FOUND if there is none, or if it has not been built
 */
export function findBuild(folder: string): Build {
  const own = resolve(folder);
  for (const root of [own, join(own, 'node_modules', 'sparse-train')]) {
    const manifest = readManifest(root);
    if (manifest?.name !== 'sparse-train') continue;
    const main = target((manifest.exports as Record<string, unknown> | undefined)?.['.']) ?? manifest.main;
    const entry = join(root, typeof main === 'string' ? main : 'dist/index.js');
    if (!existsSync(entry)) {
      throw new SparseTrainError('FILE_NOT_FOUND', `${root} has not been built; run there: npm ci`);
    }
    return { folder: root, entry, version: String(manifest.version), commit: commitOf(root) };
  }
  throw new SparseTrainError(
    'FILE_NOT_FOUND',
    `${own} is not a build of sparse-train; give a checkout of the repository, or a folder where the package is installed`,
  );
}

/** The name of a build in tables. */
export function describeBuild({
  version,
  commit,
}: {
  readonly version: string;
  readonly commit?: string | undefined;
}): string {
  return commit ?? `v${version}`;
}

function readManifest(folder: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  } catch {
    return undefined;
  }
}

/** The path that Node chooses for an import from the conditions of an entry of `exports`. */
function target(entry: unknown): string | undefined {
  if (typeof entry === 'string') return entry;
  if (typeof entry !== 'object' || entry === null) return undefined;
  for (const [condition, inner] of Object.entries(entry)) {
    const found = CONDITIONS.has(condition) ? target(inner) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function commitOf(folder: string): string | undefined {
  if (!existsSync(join(folder, '.git'))) return undefined;
  const git = (...words: string[]) =>
    execFileSync('git', ['-C', folder, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    const changes = git('status', '--porcelain', '--untracked-files=no');
    return `${git('rev-parse', '--short', 'HEAD')}${changes === '' ? '' : '+changes'}`;
  } catch {
    return undefined; // git is not installed
  }
}
