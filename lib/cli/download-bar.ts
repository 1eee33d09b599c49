import { bytes, percent } from '../base/numbers.js';
import type { DownloadProgress } from '../catalog/download/get.js';
import { createPaint } from '../terminal/paint.js';
import { LiveLines } from './live-lines.js';
import type { Terminal } from './terminal.js';

/** Characters of the bar itself. */
const BAR = 24;

/** A bar that shows the progress of a download. It draws nothing unless standard error is a terminal. */
export class DownloadBar {
  readonly #lines: LiveLines | undefined;
  readonly #line: (progress: DownloadProgress) => string;

  constructor({ streams: { stderr } }: Terminal) {
    this.#lines = LiveLines.on(stderr);
    const paint = createPaint(stderr.hasColors?.() === true);
    this.#line = (progress) => {
      const { received, total } = progress;
      const done = total === undefined || total === 0 ? 0 : Math.round(Math.min(1, received / total) * BAR);
      return `${paint.cyan('━'.repeat(done))}${paint.dim('─'.repeat(BAR - done))} ${describeDownload(progress)}`;
    };
  }

  /** Shows the progress. */
  update(progress: DownloadProgress): void {
    this.#lines?.show(() => [this.#line(progress)]);
  }

  /** Removes the bar; the next update shows it again. */
  close(): void {
    this.#lines?.close();
  }
}

/** Returns `t10k-images-idx3-ubyte.gz 1.2 MB of 4.42 MB 27.1 %`. */
export function describeDownload({ file = '', received = 0, total }: Partial<DownloadProgress>): string {
  if (total === undefined || total === 0) return `${file}  ${bytes(received)}`;
  return `${file}  ${bytes(received)} of ${bytes(total)}  ${percent(received / total, 1)}`;
}
