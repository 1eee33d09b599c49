import cliProgress, { type Options, type Params } from 'cli-progress';
import pc from 'picocolors';
import { count, seconds } from '../../base/numbers.js';
import type { StudyEvent } from '../../search/run.js';
import type { Study } from '../../search/study.js';
import { measureText } from '../../terminal/study-text.js';
import type { Terminal } from '../terminal.js';

/** Characters of a bar. */
const BAR = 20;

/** Running trials that have a line of their own; the others are only counted. */
const LINES = 16;

/** A line for the study and one for each running trial; nothing at all where standard error is no terminal. */
export class StudyBars {
  readonly #bars: cliProgress.MultiBar | undefined;
  readonly #study: Study;
  readonly #begun = performance.now();
  readonly #endedBefore: number;
  readonly #trials = new Map<number, cliProgress.SingleBar>();
  readonly #values = new Map<number, string>();
  #total: cliProgress.SingleBar | undefined;

  constructor({ streams: { stderr } }: Terminal, study: Study, quiet: boolean) {
    this.#study = study;
    this.#endedBefore = study.ended;
    if (quiet || stderr.isTTY !== true) return;
    const paint = pc.createColors(stderr.hasColors?.() === true);
    this.#bars = new cliProgress.MultiBar({
      stream: stderr,
      format: (_options: Options, { progress }: Params, { text = '' }: { text?: string }) => {
        const done = Math.round(progress * BAR);
        return `${paint.cyan('━'.repeat(done)) + paint.dim('─'.repeat(BAR - done))} ${text}`;
      },
      hideCursor: true,
      clearOnComplete: true,
      fps: 8,
      gracefulExit: false,
    });
    this.#total = this.#bars.create(study.plan.trials, study.ended, { text: this.#totalText() });
  }

  /** Shows what happened. */
  update(event: StudyEvent): void {
    if (this.#bars === undefined) return;
    const { number } = event.trial;
    if (event.type === 'start' && this.#trials.size < LINES && !this.#trials.has(number))
      this.#trials.set(number, this.#bars.create(1, 0, { text: `trial ${number}` }));
    if (event.type === 'epoch') {
      const { objectives } = this.#study.plan;
      this.#values.set(number, `  ${measureText(objectives[0]?.measure ?? '', event.value)}`);
    }
    if (event.type === 'progress')
      this.#trials
        .get(number)
        ?.update(event.fraction, { text: `trial ${number}${this.#values.get(number) ?? ''}` });
    if (event.type !== 'end') return;
    const bar = this.#trials.get(number);
    if (bar !== undefined) this.#bars.remove(bar);
    this.#trials.delete(number);
    this.#values.delete(number);
    this.#total?.update(this.#study.ended, { text: this.#totalText() });
  }

  #totalText(): string {
    const { plan, ended, best } = this.#study;
    const words = [`${count(ended)} of ${count(plan.trials)} trials`];
    const { measure = '' } = plan.objectives[0] ?? {};
    if (best !== undefined)
      words.push(`best ${measureText(measure, best.values[measure])} (trial ${best.number})`);
    const done = ended - this.#endedBefore;
    const elapsed = (performance.now() - this.#begun) / 1000;
    if (done > 0 && ended < plan.trials)
      words.push(`${seconds((elapsed / done) * (plan.trials - ended))} left`);
    return words.join('  ');
  }

  /** Takes the lines away. */
  close(): void {
    this.#bars?.stop();
  }
}
