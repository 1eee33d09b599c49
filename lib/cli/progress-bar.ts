import { percent, perSecond, seconds, significant } from '../base/numbers.js';
import type { TrainingProgress } from '../training/records.js';
import { LiveLines } from './live-lines.js';
import { progressLine } from './progress-line.js';
import type { OutputStream, Terminal } from './terminal.js';

/** A progress bar of training. It draws nothing unless standard error is a terminal. */
export class TrainingBar {
  readonly #stream: OutputStream;
  readonly #lines: LiveLines | undefined;
  #isClosed = false;

  constructor({ streams: { stderr } }: Terminal, quiet: boolean) {
    this.#stream = stderr;
    this.#lines = quiet ? undefined : LiveLines.on(stderr);
  }

  /** Shows the progress that fit() reports. */
  update(progress: TrainingProgress): void {
    if (this.#isClosed) return;
    const { fraction = 0 } = progress;
    this.#lines?.show(() => [progressLine(this.#stream, fraction, describeProgress(progress, fraction))]);
  }

  /** Removes the bar for good. */
  close(): void {
    this.#isClosed = true;
    this.#lines?.close();
  }
}

/** `67 %`, `epoch 2/3`, `214 k/s`, `97.4 % right`, `loss 0.0873`, `0.3 s left` */
export function describeProgress(progress: Partial<TrainingProgress>, fraction: number): string[] {
  const { epoch, epochs, samplesPerSecond = 0, loss, accuracy, seconds: elapsed = 0 } = progress;
  const words = [`${Math.floor(100 * fraction)} %`.padStart(5), `epoch ${epoch}/${epochs}`];
  if (samplesPerSecond > 0) words.push(perSecond(samplesPerSecond));
  if (accuracy !== undefined) words.push(`${percent(accuracy, 1)} right`);
  if (loss !== undefined) words.push(`loss ${significant(loss, 3)}`);
  if (fraction > 0.02 && fraction < 1 && elapsed > 0.3)
    words.push(`${seconds((elapsed * (1 - fraction)) / fraction)} left`);
  return words;
}
