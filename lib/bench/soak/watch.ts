import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { rounded } from '../statistics.js';
import { LatencyRecorder } from './latency.js';
import type { SoakPlan } from './plan.js';
import type { SoakResult, SoakSample } from './result.js';

/** The most examples before the event loop gets a turn. */
const BURST = 64;
/** The number of stretches of a run. */
const SAMPLES = 60;

/** The measurements of a run. */
type RunPart = Pick<
  SoakResult,
  'seconds' | 'examples' | 'examplesPerSecond' | 'interrupted' | 'learn' | 'predict' | 'memory' | 'samples'
>;

/** Times a run and records its measurements. */
export class Watch {
  readonly #plan: SoakPlan;
  readonly #name: string;
  readonly #begun = performance.now();
  readonly #learn = new LatencyRecorder();
  readonly #predict = new LatencyRecorder();
  readonly #samples: SoakSample[] = [];
  #known = 0;
  #sampled = 0;
  examples = 0;

  constructor(plan: SoakPlan, layers: readonly number[]) {
    this.#plan = plan;
    this.#name = layers.join('-');
  }

  get #seconds(): number {
    return (performance.now() - this.#begun) / 1000;
  }

  get isOver(): boolean {
    return this.#plan.signal.aborted || this.#seconds >= this.#plan.seconds;
  }

  /** The number of examples to learn before the next {@link pause}. */
  dueNow(most: number): number {
    const { rate } = this.#plan;
    const due = rate === undefined ? BURST : Math.floor(this.#seconds * rate) - this.examples;
    return Math.max(0, Math.min(most, BURST, due));
  }

  note(predict: number, learn: number, isKnown: boolean): void {
    this.#predict.record(predict);
    this.#learn.record(learn);
    if (isKnown) this.#known++;
    this.examples++;
  }

  /** Lets the event loop run until the next example is due. */
  async pause(): Promise<void> {
    const { rate, seconds } = this.#plan;
    if (this.#seconds >= ((this.#samples.length + 1) / SAMPLES) * seconds) this.#sample();
    const ahead = rate === undefined ? 0 : (this.examples + 1) / rate - this.#seconds;
    const left = Math.max(0, seconds - this.#seconds);
    // Short enough to notice an abort.
    if (ahead > 0) await sleep(1000 * Math.min(ahead, left, 1));
    else await turn();
  }

  #sample(): void {
    const [learn, predict] = [this.#learn.takeInterval(), this.#predict.takeInterval()];
    if (learn === undefined || predict === undefined) return;
    const { rss, heapUsed } = process.memoryUsage();
    const seconds = rounded(this.#seconds, 6);
    this.#samples.push({
      seconds,
      examples: this.examples,
      accuracy: rounded(this.#known / (this.examples - this.#sampled)),
      rssBytes: rss,
      heapBytes: heapUsed,
      learn,
      predict,
    });
    this.#known = 0;
    this.#sampled = this.examples;
    this.#plan.onStep(
      `soak ${this.#name}: ${Math.round(seconds)} of ${this.#plan.seconds} s, ${this.examples} examples`,
    );
  }

  finish(): RunPart {
    const seconds = this.#seconds;
    this.#sample();
    const [learn, predict] = [this.#learn.all, this.#predict.all];
    if (learn === undefined || predict === undefined) throw this.#plan.signal.reason;
    const half = Math.ceil(this.#samples.length / 2);
    const most = (samples: readonly SoakSample[]) => Math.max(...samples.map(({ rssBytes }) => rssBytes));
    const firstHalfBytes = most(this.#samples.slice(0, half));
    const secondHalfBytes = most(this.#samples.slice(Math.min(half, this.#samples.length - 1)));
    return {
      seconds: rounded(seconds, 6),
      examples: this.examples,
      examplesPerSecond: rounded(this.examples / seconds),
      interrupted: this.#plan.signal.aborted,
      learn,
      predict,
      memory: { firstHalfBytes, secondHalfBytes, growthBytes: secondHalfBytes - firstHalfBytes },
      samples: this.#samples,
    };
  }
}
