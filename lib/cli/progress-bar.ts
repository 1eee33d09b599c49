import cliProgress, { type Options, type Params } from 'cli-progress';
import pc from 'picocolors';
import { percent, perSecond, seconds, significant } from '../base/numbers.js';
import type { TrainingProgress } from '../training/records.js';
import type { Terminal } from './terminal.js';

/** The most and the least characters of the bar itself; with no room for these there is only text. */
const BAR = 24;
const SHORTEST = 6;
/** Of a terminal that does not say how wide it is. */
const COLUMNS = 80;

/** A bar that shows how far training is; nothing at all where standard error is no terminal. */
export class TrainingBar {
  readonly #bar: cliProgress.SingleBar | undefined;
  readonly #showCursor: () => void;
  #state: 'waiting' | 'shown' | 'closed' = 'waiting';

  constructor({ streams: { stderr } }: Terminal, quiet: boolean) {
    this.#showCursor = () => stderr.write('\u001b[?25h');
    if (quiet || stderr.isTTY !== true) return;
    const paint = pc.createColors(stderr.hasColors?.() === true);
    this.#bar = new cliProgress.SingleBar({
      stream: stderr,
      format: (_options: Options, { progress }: Params, payload: Partial<TrainingProgress>) => {
        const text = describeProgress(payload, progress);
        // A line that is full would be broken by some terminals, and then not be taken away.
        const columns = (stderr.columns ?? COLUMNS) - 1;
        const width = Math.min(BAR, columns - text.length - 1);
        if (width < SHORTEST) return text.slice(0, columns);
        const done = Math.round(progress * width);
        return `${paint.cyan('━'.repeat(done))}${paint.dim('─'.repeat(width - done))} ${text}`;
      },
      hideCursor: true,
      clearOnComplete: true,
      fps: 12,
      gracefulExit: false,
    });
  }

  /** Shows how far fit() is. */
  update(progress: TrainingProgress): void {
    if (this.#bar === undefined || this.#state === 'closed') return;
    if (this.#state === 'waiting') {
      this.#state = 'shown';
      this.#bar.start(1, 0, progress);
      process.once('exit', this.#showCursor);
    }
    this.#bar.update(progress.fraction ?? 0, progress);
  }

  /** Takes the bar away for good. */
  close(): void {
    if (this.#state === 'shown') {
      this.#bar?.stop();
      process.off('exit', this.#showCursor);
    }
    this.#state = 'closed';
  }
}

/** `67 %  epoch 2/3  214 k/s  97.4 % right  loss 0.0873  0.3 s left` */
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
