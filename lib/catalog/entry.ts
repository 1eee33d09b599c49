import type { Dataset } from '../data/dataset.js';
import type { ZipMember } from '../formats/zip/extract.js';

/** A training part and a test part. */
export interface TrainTest {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** Where a data set comes from: it is in the package, generated when loaded, or downloaded. */
export type DatasetOrigin = 'package' | 'generated' | 'download';

/** The description of a named data set, available without loading it. */
export interface DatasetInfo {
  readonly name: string;
  readonly title: string;
  /** Examples in the training part. */
  readonly trainRows: number;
  /** Examples in the test part. */
  readonly testRows: number;
  readonly features: number;
  readonly outputs: number;
  /** Who made the data. */
  readonly attribution: string;
  readonly source: string;
  readonly licence: string;
  readonly origin: DatasetOrigin;
  /** Bytes of its published files (compressed); 0 if it is generated. */
  readonly bytes: number;
}

/** The expected SHA-256 of a file. */
export interface PublishedSum {
  /** `file`: of the published file. `contents`: of the data inside gzip, which can be compressed in many ways. */
  readonly of: 'file' | 'contents';
  readonly sha256: string;
  /** The number of bytes that are hashed. */
  readonly bytes: number;
}

/** A file of a data set. */
export interface PublishedFile {
  /** Its name in the data set's folder. */
  readonly name: string;
  /** Addresses, which are tried in this order. */
  readonly mirrors: readonly string[];
  /** Bytes of the compressed file; approximate if the checksum is of its contents. */
  readonly bytes: number;
  /** Undefined if no checksum is published. Then the first download is trusted and its checksum recorded. */
  readonly sum: PublishedSum | undefined;
  /** For a zip archive: the entries to extract. The archive is deleted afterwards. */
  readonly members?: readonly ZipMember[];
}

/** A named data set. */
export interface CatalogEntry {
  readonly info: DatasetInfo;
  /** The folder of its files within the cache and the other places. */
  readonly folder: string;
  /** Its published files; empty if it is generated. */
  readonly files: readonly PublishedFile[];
  /** The files that load() reads. If they exist, the data set is available. */
  readonly needs: readonly string[];
  /** Whether load() verifies checksums itself. */
  readonly sumsItself: boolean;
  /** Loads the data set from a folder that has the files. */
  load(folder: string): Promise<TrainTest>;
}
