import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { SparseTrainError } from '../../base/errors.js';
import type { CatalogEntry } from '../entry.js';
import { PACKAGE_DIRECTORY } from '../mnist.js';

/** The folder in which Debian's packages install data sets, such as dataset-fashion-mnist. */
const SYSTEM_FOLDER = '/usr/share/datasets';

/** A folder that may hold data sets, each in a folder of its own. */
export interface Place {
  readonly kind: 'cache' | 'package' | 'system';
  readonly folder: string;
}

/**
 * The folder of downloaded data sets: SPARSE_TRAIN_DATA, or a folder in the platform's cache folder.
 *
 * @throws SparseTrainError FILE_NOT_FOUND if there is no home folder, as in a container whose user has none
 */
export function cacheFolder(): string {
  const folder = knownCacheFolder();
  if (folder !== undefined) return folder;
  throw new SparseTrainError(
    'FILE_NOT_FOUND',
    'there is no folder for downloaded data sets, because this user has no home folder; ' +
      'set SPARSE_TRAIN_DATA to the path of a folder',
  );
}

/** As cacheFolder(), but undefined if there is no home folder. */
export function knownCacheFolder(): string | undefined {
  const { SPARSE_TRAIN_DATA: chosen, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (chosen !== undefined && chosen !== '') return resolve(chosen);
  const home = homeFolder();
  const within = (...names: string[]) => (home === undefined ? undefined : join(home, ...names));
  if (process.platform === 'win32') {
    const local = LOCALAPPDATA || within('AppData', 'Local');
    return local === undefined ? undefined : join(local, 'sparse-train', 'Cache');
  }
  if (process.platform === 'darwin') return within('Library', 'Caches', 'sparse-train');
  const caches = XDG_CACHE_HOME || within('.cache');
  return caches === undefined ? undefined : join(caches, 'sparse-train');
}

/** The home folder; undefined if HOME is not set and the system does not know the user. */
function homeFolder(): string | undefined {
  try {
    return homedir() || undefined;
  } catch {
    return undefined;
  }
}

/** The folder of a data set in the cache. */
export function cacheFolderOf({ folder }: Pick<CatalogEntry, 'folder'>): string {
  return join(cacheFolder(), folder);
}

/** The places where data sets may be, in the order of the search. */
export function places(): readonly Place[] {
  const cache = knownCacheFolder();
  return [
    ...(cache === undefined ? [] : [{ kind: 'cache' as const, folder: cache }]),
    { kind: 'package', folder: PACKAGE_DIRECTORY },
    { kind: 'system', folder: SYSTEM_FOLDER },
  ];
}

/** The first place that has all files of a data set, and the folder there. */
export async function findFiles(entry: CatalogEntry): Promise<Place | undefined> {
  for (const { kind, folder } of places()) {
    const own = join(folder, entry.folder);
    const there = await Promise.all(entry.needs.map((name) => isFile(join(own, name))));
    if (there.every(Boolean)) return { kind, folder: own };
  }
  return undefined;
}

/** Whether a path is a file. A file that this user may not access does not count. */
export async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (stats) => stats.isFile(),
    () => false,
  );
}
