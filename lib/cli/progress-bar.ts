import { percent, perSecond, seconds, significant } from '../base/numbers.js';
import { createPaint } from '../terminal/paint.js';
import type { TrainingProgress } from '../training/records.js';
import { LiveLines } from './live-lines.js';
import type { Terminal } from './terminal.js';

/** The most and the fewest characters of the bar. If even the fewest do not fit, only the text is shown. */
const BAR = 24;
const SHORTEST = 6;
/** The assumed width of a terminal that does not report it. */
const COLUMNS = 80;

/** A progress bar of training. It draws nothing unless standard error is a terminal. */
export class TrainingBar {
  readonly #lines: LiveLines | undefined;
  readonly #line: (progress: TrainingProgress) => string;
  #isClosed = false;

  constructor({ streams: { stderr } }: Terminal, quiet: boolean) {
    this.#lines = quiet ? undefined : LiveLines.on(stderr);
    const paint = createPaint(stderr.hasColors?.() === true);
    this.#line = (progress) => {
      const fraction = progress.fraction ?? 0;
      const text = describeProgress(progress, fraction);
      // Some terminals wrap a line that fills all columns.
      const columns = (stderr.columns ?? COLUMNS) - 1;
      const width = Math.min(BAR, columns - text.length - 1);
      if (width < SHORTEST) return text.slice(0, columns);
      const done = Math.round(fraction * width);
      return `${paint.cyan('━'.repeat(done))}${paint.dim('─'.repeat(width - done))} ${text}`;
    };
  }

  /** Shows the progress that fit() reports. */
  update(progress: TrainingProgress): void {
    if (!this.#isClosed) this.#lines?.show(() => [this.#line(progress)]);
  }

  /** Removes the bar for good. */
  close(): void {
    this.#isClosed = true;
    this.#lines?.close();
  }
}

/** Returns `67 % epoch 2/3 214 k/s 97.4 % right loss 0.0873 0.3 s left`. */
export function describeProgress(progress: Partial<TrainingProgress>, fraction: number): string {
  const { epoch, epochs, samplesPerSecond = 0, loss, accuracy, seconds: elapsed = 0 } = progress;
  const words = [`${Math.floor(100 * fraction)} %`.padStart(5), `epoch ${epoch}/${epochs}`];
  if (samplesPerSecond > 0) words.push(perSecond(samplesPerSecond));
  if (accuracy !== undefined) words.push(`${percent(accuracy, 1)} right`);
  if (loss !== undefined) words.push(`loss ${significant(loss, 3)}`);
  if (fraction > 0.02 && fraction < 1 && elapsed > 0.3)
    words.push(`${seconds((elapsed * (1 - fraction)) / fraction)} left`);
  return words.join('  ');
}
