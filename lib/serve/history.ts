import type { LearnedEvent } from './durable-model.js';
import type { Scores } from './model/served-model.js';

/** Seconds between two points; doubled whenever there are {@link MOST_POINTS} of them. */
const FIRST_INTERVAL = 1;
const MOST_POINTS = 720;
const MOST_MISTAKES = 20;

/** A point of the curves in /history. */
export interface HistoryPoint {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly rows: number;
  readonly drifts: number;
  /** The rolling scores of the first target. */
  readonly scores: Readonly<Record<string, number>>;
}

/** A wrong prediction of a class. */
export interface Mistake {
  readonly at: number;
  readonly row: unknown;
  readonly predicted: string;
  readonly actual: string;
}

/** What /history shows: the course of the scores since the process started, and the latest mistakes. */
export class History {
  readonly points: HistoryPoint[] = [];
  readonly mistakes: Mistake[] = [];
  readonly #facts: () => { rows: number; drifts: number; scores(): readonly Scores[] | undefined };
  #interval = FIRST_INTERVAL;
  #due = 0;

  constructor(facts: () => { rows: number; drifts: number; scores(): readonly Scores[] | undefined }) {
    this.#facts = facts;
  }

  /** Adds a row that has been learned. */
  add({ lesson, learned }: LearnedEvent): void {
    const { predicted } = (learned ?? {}) as { predicted?: unknown };
    const actual = String(lesson.target);
    if (typeof predicted === 'string' && predicted !== actual) {
      const row = 'row' in lesson ? lesson.row : undefined;
      this.mistakes.push({ at: Date.now(), row, predicted, actual });
      if (this.mistakes.length > MOST_MISTAKES) this.mistakes.shift();
    }
    const now = Date.now();
    if (now < this.#due) return;
    this.#due = now + this.#interval * 1000;
    const { rows, drifts, scores } = this.#read();
    this.points.push({ at: now, rows, drifts, scores });
    if (this.points.length < MOST_POINTS) return;
    this.points.splice(0, this.points.length, ...this.points.filter((_, i) => i % 2 === 1));
    this.#interval *= 2;
  }

  #read(): Omit<HistoryPoint, 'at'> {
    const facts = this.#facts();
    return { rows: facts.rows, drifts: facts.drifts, scores: facts.scores()?.[0]?.window ?? {} };
  }
}
