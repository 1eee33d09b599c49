/** Locates this package on the disk and reads its manifest. All files that ship with the code are found from here. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The parts of package.json that the code uses. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly imports?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const NAME = 'sparse-train';

/** The path of this module. Bundlers that make CommonJS leave import.meta empty, but provide __filename. */
export const THIS_FILE: string = fileURLToPath(
  (import.meta.url as string | undefined) ?? pathToFileURL(__filename),
);

const found = findPackage(THIS_FILE);

/**
 * The package's folder, which holds package.json. If the code was bundled into another program and moved away from
 * its package, this is the folder of the bundle.
 */
export const PACKAGE_ROOT: string = found?.root ?? dirname(THIS_FILE);

/** The package's manifest; undefined if the code was moved away from its package. */
export const MANIFEST: Manifest | undefined = found?.manifest;

/**
 * The path of a file that package.json names under "imports": a program for a thread or a child process, or an asset.
 * The path does not depend on where the bundler put the calling module. Node could resolve the name as well, but it
 * reads folders above the package to do so, which its permission model may forbid.
 *
 * @throws Error if the code was moved away from its package
 */
export function packageFile(name: `#${string}`): string {
  const folder = name.slice(0, name.indexOf('/') + 1);
  const imports = MANIFEST?.imports ?? {};
  const target = imports[name] ?? imports[`${folder}*`]?.replace('*', name.slice(folder.length));
  if (target === undefined)
    throw new Error(`${name} is not known in ${PACKAGE_ROOT}: the code was moved away from its package`);
  return join(PACKAGE_ROOT, target);
}

/** Walks up from a file to the folder of this package. */
function findPackage(file: string): { root: string; manifest: Manifest } | undefined {
  for (let root = dirname(file); ; root = dirname(root)) {
    const manifest = readManifest(join(root, 'package.json'));
    if (manifest?.name === NAME) return { root, manifest };
    if (dirname(root) === root) return undefined;
  }
}

function readManifest(file: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  } catch {
    return undefined;
  }
}
