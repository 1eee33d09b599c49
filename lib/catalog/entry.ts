import type { Dataset } from '../data/dataset.js';

/** A training part and a test part. */
export interface TrainTest {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** Where a data set comes from: with the package, made when it is loaded, or by download. */
export type DatasetOrigin = 'package' | 'generated' | 'download';

/** What is known of a named data set without loading it. */
export interface DatasetInfo {
  readonly name: string;
  readonly title: string;
  /** Examples in the training part. */
  readonly trainRows: number;
  /** Examples in the test part. */
  readonly testRows: number;
  readonly features: number;
  readonly outputs: number;
  /** Who made it. */
  readonly attribution: string;
  readonly source: string;
  readonly licence: string;
  readonly origin: DatasetOrigin;
  /** Bytes of its files as they are published (packed); 0 if it is made. */
  readonly bytes: number;
}

/** What a file must be, by SHA-256. */
export interface PublishedSum {
  /** `file`: of the file as it is published. `contents`: of what gzip packs in it, which may be packed in many ways. */
  readonly of: 'file' | 'contents';
  readonly sha256: string;
  /** Bytes that are summed. */
  readonly bytes: number;
}

/** A file of a data set. */
export interface PublishedFile {
  /** Its name in the data set's folder. */
  readonly name: string;
  /** Addresses, tried in this order. */
  readonly mirrors: readonly string[];
  /** Bytes of the file, packed; roughly, where its sum is of its contents. */
  readonly bytes: number;
  /** Undefined: no sum is known, so that the first download is trusted and remembered. */
  readonly sum: PublishedSum | undefined;
  /** For a zip archive: the entries to take out of it, into files of their own; the archive is not kept then. */
  readonly members?: readonly ZipMember[];
}

/** An entry of a zip archive that becomes a file. */
export interface ZipMember {
  /** Its name in the archive, exactly. */
  readonly entry: string;
  /** The name of the file. */
  readonly name: string;
}

/** A named data set. */
export interface CatalogEntry {
  readonly info: DatasetInfo;
  /** The folder of its files within the cache and the other places. */
  readonly folder: string;
  /** Its files as they are published; none if it is made. */
  readonly files: readonly PublishedFile[];
  /** The files that loading it reads; whoever has these has the data set. */
  readonly needs: readonly string[];
  /** Whether loading it compares sums by itself. */
  readonly sumsItself: boolean;
  /** Loads it from a folder that has the files. */
  load(folder: string): Promise<TrainTest>;
}
