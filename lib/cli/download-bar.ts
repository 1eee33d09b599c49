import cliProgress, { type Options, type Params } from 'cli-progress';
import pc from 'picocolors';
import { bytes, percent } from '../base/numbers.js';
import type { DownloadProgress } from '../catalog/download/get.js';
import type { Terminal } from './terminal.js';

/** Characters of the bar itself. */
const BAR = 24;

/** A bar that shows how far a download is; nothing at all where standard error is no terminal. */
export class DownloadBar {
  readonly #bar: cliProgress.SingleBar | undefined;
  readonly #showCursor: () => void;
  #isShown = false;

  constructor({ streams: { stderr } }: Terminal) {
    this.#showCursor = () => stderr.write('\u001b[?25h');
    if (stderr.isTTY !== true) return;
    const paint = pc.createColors(stderr.hasColors?.() === true);
    this.#bar = new cliProgress.SingleBar({
      stream: stderr,
      format: (_options: Options, { progress }: Params, payload: Partial<DownloadProgress>) => {
        const done = Math.round(progress * BAR);
        return `${paint.cyan('━'.repeat(done))}${paint.dim('─'.repeat(BAR - done))} ${describeDownload(payload)}`;
      },
      hideCursor: true,
      clearOnComplete: true,
      fps: 12,
      gracefulExit: false,
    });
  }

  /** Shows how far it is. */
  update(progress: DownloadProgress): void {
    if (this.#bar === undefined) return;
    if (!this.#isShown) {
      this.#isShown = true;
      this.#bar.start(1, 0, progress);
      process.once('exit', this.#showCursor);
    }
    const { received, total } = progress;
    this.#bar.update(total === undefined || total === 0 ? 0 : received / total, progress);
  }

  /** Takes the bar away; it comes back with the next update. */
  close(): void {
    if (!this.#isShown) return;
    this.#bar?.stop();
    process.off('exit', this.#showCursor);
    this.#isShown = false;
  }
}

/** `t10k-images-idx3-ubyte.gz  1.2 MB of 4.42 MB  27.1 %` */
export function describeDownload({ file = '', received = 0, total }: Partial<DownloadProgress>): string {
  if (total === undefined || total === 0) return `${file}  ${bytes(received)}`;
  return `${file}  ${bytes(received)} of ${bytes(total)}  ${percent(received / total, 1)}`;
}
