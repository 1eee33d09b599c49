import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import envPaths from 'env-paths';
import type { CatalogEntry } from '../entry.js';
import { PACKAGE_DIRECTORY } from '../mnist.js';

/** Where Debian's packages of data sets (such as dataset-fashion-mnist) put them. */
const SYSTEM_FOLDER = '/usr/share/datasets';

/** A folder that may hold data sets, each in a folder of its own. */
export interface Place {
  readonly kind: 'cache' | 'package' | 'system';
  readonly folder: string;
}

/** Where downloaded data sets are kept: SPARSE_TRAIN_DATA, or the platform's cache folder. */
export function cacheFolder(): string {
  const { SPARSE_TRAIN_DATA: chosen } = process.env;
  return chosen === undefined || chosen === ''
    ? envPaths('sparse-train', { suffix: '' }).cache
    : resolve(chosen);
}

/** The folder of a data set in the cache. */
export function cacheFolderOf({ folder }: Pick<CatalogEntry, 'folder'>): string {
  return join(cacheFolder(), folder);
}

/** The places where data sets may be, in the order in which they are looked for. */
export function places(): readonly Place[] {
  return [
    { kind: 'cache', folder: cacheFolder() },
    { kind: 'package', folder: PACKAGE_DIRECTORY },
    { kind: 'system', folder: SYSTEM_FOLDER },
  ];
}

/** The first place that has all files of a data set, and its folder there. */
export async function findFiles(entry: CatalogEntry): Promise<Place | undefined> {
  for (const { kind, folder } of places()) {
    const own = join(folder, entry.folder);
    const there = await Promise.all(entry.needs.map((name) => isFile(join(own, name))));
    if (there.every(Boolean)) return { kind, folder: own };
  }
  return undefined;
}

/** Whether there is a file; one that may not be looked at counts as none. */
export async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (stats) => stats.isFile(),
    () => false,
  );
}
