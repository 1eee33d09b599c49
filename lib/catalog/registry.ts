import { join } from 'node:path';
import { SparseTrainError } from '../base/errors.js';
import { text } from '../base/options/kinds.js';
import { checkOptions, type OptionsOf, option } from '../base/options/table.js';
import type { Dataset } from '../data/dataset.js';
import type { Table } from '../formats/format.js';
import { CATALOG, catalogEntry } from './catalog.js';
import type { Downloaded } from './download/get.js';
import { DOWNLOAD, type DownloadOptions } from './download/options.js';
import type { CatalogEntry, DatasetInfo, TrainTest } from './entry.js';
import { PACKAGE_DIRECTORY } from './mnist.js';
import { cacheFolderOf, findFiles, isFile, type Place } from './store/places.js';
import { checkSum, ensureGenuine, readRecords, type SumRecord } from './store/sums.js';

export type { DatasetInfo, TrainTest } from './entry.js';

/** The options of loadDataset(). */
export const LOAD = {
  /** A folder with the data set's original files, instead of the usual places. */
  directory: option(text('<folder>', 'the path of a folder'), {
    text: "a folder with the data set's original files",
    otherwise: 'the usual places',
  }),
};

/** Options of {@link loadDataset}. */
export interface LoadDatasetOptions extends OptionsOf<typeof LOAD> {}

/** Where a data set is, and how its files are verified. */
export interface DatasetStatus extends DatasetInfo {
  /** The folder of its files; undefined if they are missing, or if it has no files. */
  readonly place: Place | undefined;
  /** Whether it can be loaded now. */
  readonly isHere: boolean;
  /**
   * How its files are verified. `each time`: with published checksums whenever they are loaded;
   * `published`: with published checksums when they were downloaded; `first download`: only with the checksum of the
   * first download, because none is published; `not yet`: when they are first loaded.
   */
  readonly verified: 'each time' | 'published' | 'first download' | 'not yet' | undefined;
  /** The addresses of its download. */
  readonly mirrors: readonly string[];
}

/** The data sets that {@link loadDataset} knows. */
export function listDatasets(): readonly DatasetInfo[] {
  return CATALOG.map(({ info }) => info);
}

/** Lists the data sets, and says which of them are available here. */
export async function datasetStatuses(): Promise<readonly DatasetStatus[]> {
  return Promise.all(CATALOG.map(statusOf));
}

async function statusOf(entry: CatalogEntry): Promise<DatasetStatus> {
  const isMade = entry.info.origin === 'generated';
  const place = isMade ? undefined : await findFiles(entry);
  const isHere = isMade || place !== undefined;
  const mirrors = entry.files.flatMap((file) => file.mirrors);
  return {
    ...entry.info,
    place,
    isHere,
    verified: place === undefined ? undefined : await verificationOf(entry, place),
    mirrors,
  };
}

async function verificationOf(
  { sumsItself, needs }: CatalogEntry,
  { folder, kind }: Place,
): Promise<DatasetStatus['verified']> {
  if (sumsItself || kind !== 'cache') return 'each time';
  const all: Record<string, SumRecord> = await readRecords(folder);
  const records = needs.map((name) => all[name]);
  if (records.some((record) => record === undefined)) return 'not yet';
  return records.every((record) => record?.comparedWith === 'published') ? 'published' : 'first download';
}

/**
 * Loads a data set by name. `'mnist'` is in the package and `'morse'` is generated; the others must have been
 * downloaded ({@link downloadDataset}) or installed: nothing is downloaded here.
 *
 * @example
 * const { train, test } = await loadDataset('mnist');
 *
 * @throws SparseTrainError UNKNOWN_DATASET, UNKNOWN_OPTION, INVALID_OPTION; FILE_NOT_FOUND if it is not here,
 * FILE_ACCESS or INVALID_FILE if its files are not the original ones
 */
export async function loadDataset(name: string, options: LoadDatasetOptions = {}): Promise<NamedTable> {
  const { directory } = checkOptions('loadDataset options', LOAD, options);
  const entry = catalogEntry(name);
  if (entry.info.origin === 'generated') {
    if (directory === undefined) return asTable(await entry.load(''));
    throw new SparseTrainError(
      'INVALID_OPTION',
      `directory has no meaning for '${name}', which is generated, not read`,
    );
  }
  return asTable(await entry.load(await verifiedFolder(entry, directory)));
}

/** A named data set: a table of full rows that always has a test part. */
export interface NamedTable extends Table {
  readonly train: Dataset;
  readonly test: Dataset;
}

function asTable({ train, test }: TrainTest): NamedTable {
  return { train, test, schema: undefined, skipped: 0, remarks: [] };
}

/**
 * Finds the folder of a data set's files and verifies them.
 *
 * @param directory - their folder, if it is known
 * @throws SparseTrainError FILE_NOT_FOUND, INVALID_FILE
 */
async function verifiedFolder(entry: CatalogEntry, directory: string | undefined): Promise<string> {
  const place = directory === undefined ? await findFiles(entry) : undefined;
  const folder = directory ?? place?.folder;
  if (folder === undefined) {
    // The package's own data set is missing: the loader's message says how to restore it.
    if (entry.info.origin === 'package') return join(PACKAGE_DIRECTORY, entry.folder);
    throw notHere(entry);
  }
  if (entry.sumsItself) return folder;
  for (const name of entry.needs) {
    const file = join(folder, name);
    const sum = entry.files.find((published) => published.name === name)?.sum;
    if (place?.kind === 'cache') await ensureGenuine(file, sum);
    else if (!(await isFile(file))) throw new SparseTrainError('FILE_NOT_FOUND', `there is no file ${file}`);
    else if (sum !== undefined) await checkSum(file, sum);
  }
  return folder;
}

function notHere(entry: CatalogEntry): SparseTrainError {
  const { name, bytes } = entry.info;
  const size = bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
  const files = entry.files.map((file) => file.name).join(', ');
  return new SparseTrainError(
    'FILE_NOT_FOUND',
    `the data set ${name} is not here; download it (${size}) with: sparse-train datasets get ${name}; or place its files ` +
      `(${files}) in ${cacheFolderOf(entry)}`,
  );
}

/**
 * Finds a data set's files in an earlier download, the package or the system. If there are none, it downloads them into
 * the cache and verifies their checksums. Interrupted downloads are resumed.
 *
 * @returns their folder; undefined for data sets without files
 * @throws SparseTrainError UNKNOWN_DATASET, UNKNOWN_OPTION; DOWNLOAD_FAILED if no mirror has it, FILE_ACCESS
 */
export async function downloadDataset(
  name: string,
  options: DownloadOptions = {},
): Promise<Downloaded | undefined> {
  const given = checkOptions('downloadDataset options', DOWNLOAD, options);
  const entry = catalogEntry(name);
  // Loaded only when needed, because few programs download anything.
  const { getFiles } = await import('./download/get.js');
  return getFiles(entry, given);
}
