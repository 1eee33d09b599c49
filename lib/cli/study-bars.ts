import { count, seconds } from '../base/numbers.js';
import type { StudyEvent } from '../search/run.js';
import type { Study } from '../search/study.js';
import { measureText } from '../terminal/study-text.js';
import { LiveLines } from './live-lines.js';
import { progressLine } from './progress-line.js';
import type { Terminal } from './terminal.js';

/** The most running trials that have a line of their own. */
const LINES = 16;

/** The progress of a running trial, and its latest measurement. */
interface TrialLine {
  fraction: number;
  value: readonly string[];
}

/**
 * One line for the study and one for each running trial. Draws nothing unless standard error is a terminal.
 */
export class StudyBars {
  readonly #lines: LiveLines | undefined;
  readonly #study: Study;
  readonly #terminal: Terminal;
  readonly #begun = performance.now();
  readonly #endedBefore: number;
  readonly #trials = new Map<number, TrialLine>();

  constructor(terminal: Terminal, study: Study, quiet: boolean) {
    const { stderr } = terminal.streams;
    this.#terminal = terminal;
    this.#study = study;
    this.#endedBefore = study.ended;
    this.#lines = quiet ? undefined : LiveLines.on(stderr);
    this.#lines?.show(() => this.#text());
  }

  /** Shows an event of the study. */
  update(event: StudyEvent): void {
    if (event.type === 'waiting') {
      // These are shown even without progress bars; otherwise the search would wait in silence.
      this.#terminal.note(`waiting: ${event.reason}`);
      return;
    }
    const { number } = event.trial;
    if (event.type === 'start' && this.#trials.size < LINES && !this.#trials.has(number))
      this.#trials.set(number, { fraction: 0, value: [] });
    const trial = this.#trials.get(number);
    if (event.type === 'epoch' && trial !== undefined) {
      const { objectives } = this.#study.plan;
      trial.value = [measureText(objectives[0]?.measure ?? '', event.value)];
    }
    if (event.type === 'progress' && trial !== undefined) trial.fraction = event.fraction;
    if (event.type === 'end') this.#trials.delete(number);
    this.#lines?.show(() => this.#text());
  }

  #text(): string[] {
    const { plan, ended } = this.#study;
    const { stderr } = this.#terminal.streams;
    return [
      progressLine(stderr, ended / plan.trials, this.#total()),
      ...[...this.#trials].map(([number, { fraction, value }]) =>
        progressLine(stderr, fraction, [`trial ${number}`, ...value]),
      ),
    ];
  }

  #total(): string[] {
    const { plan, ended, best } = this.#study;
    const words = [`${count(ended)} of ${count(plan.trials)} trials`];
    const { measure = '' } = plan.objectives[0] ?? {};
    if (best !== undefined)
      words.push(`best ${measureText(measure, best.values[measure])} (trial ${best.number})`);
    const done = ended - this.#endedBefore;
    const elapsed = (performance.now() - this.#begun) / 1000;
    if (done > 0 && ended < plan.trials)
      words.push(`${seconds((elapsed / done) * (plan.trials - ended))} left`);
    return words;
  }

  /** Removes the lines. */
  close(): void {
    this.#lines?.close();
  }
}
