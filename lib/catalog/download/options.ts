/**
 * The options of downloadDataset(). They are in a file of their own because the code that downloads is loaded only when
 * it is used.
 */
import { anyText, boolean, callback, instanceOf, listOf, whole } from '../../base/options/kinds.js';
import { type OptionsOf, option } from '../../base/options/table.js';

/** The progress of a download. */
export interface DownloadProgress {
  /** The name of the file. */
  readonly file: string;
  /** Bytes so far. */
  readonly received: number;
  /** Total bytes, if the server reports them. */
  readonly total: number | undefined;
}

/** The options of downloadDataset(). */
export const DOWNLOAD = {
  /** Addresses of folders to try before the data set's own mirrors; their file names must be the data set's. */
  mirrors: option(listOf(anyText), {
    text: "addresses of folders to try before the data set's own mirrors",
    otherwise: 'none',
  }),
  /** Whether to download it even if it is already here. */
  force: option(boolean, { text: 'whether to download it even if it is already here', default: false }),
  /** Stops the download. */
  signal: option(instanceOf(AbortSignal, 'an AbortSignal'), { text: 'stops the download' }),
  /** Called as bytes arrive. */
  onProgress: option(callback<(progress: DownloadProgress) => void>(), { text: 'called as bytes arrive' }),
  /** Milliseconds without a byte after which a connection counts as lost: 30,000 by default. */
  idleMs: option(whole(1), {
    text: 'milliseconds without a byte after which a connection counts as lost',
    otherwise: '30,000',
  }),
  /** Milliseconds to wait before a lost connection is opened again: 500 by default. */
  pauseMs: option(whole(0), {
    text: 'milliseconds to wait before a lost connection is opened again',
    otherwise: '500',
  }),
};

/** Options of a download. */
export interface DownloadOptions extends OptionsOf<typeof DOWNLOAD> {}
