import { bytes, percent } from '../base/numbers.js';
import type { DownloadProgress } from '../catalog/download/options.js';
import { LiveLines } from './live-lines.js';
import { progressLine } from './progress-line.js';
import type { OutputStream, Terminal } from './terminal.js';

/** A bar that shows the progress of a download. It draws nothing unless standard error is a terminal. */
export class DownloadBar {
  readonly #stream: OutputStream;
  readonly #lines: LiveLines | undefined;

  constructor({ streams: { stderr } }: Terminal) {
    this.#stream = stderr;
    this.#lines = LiveLines.on(stderr);
  }

  /** Shows the progress of a download. */
  update(progress: DownloadProgress): void {
    const { received, total = 0 } = progress;
    const fraction = total === 0 ? 0 : received / total;
    this.#lines?.show(() => [progressLine(this.#stream, fraction, describeDownload(progress))]);
  }

  /** Removes the bar; the next update shows it again. */
  close(): void {
    this.#lines?.close();
  }
}

/** `t10k-images-idx3-ubyte.gz`, `1.2 MB of 4.42 MB`, `27.1 %` */
export function describeDownload({ file = '', received = 0, total }: Partial<DownloadProgress>): string[] {
  if (total === undefined || total === 0) return [file, bytes(received)];
  return [file, `${bytes(received)} of ${bytes(total)}`, percent(received / total, 1)];
}
