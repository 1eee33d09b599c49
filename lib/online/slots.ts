import { keyWords } from '../data/key.js';
import type { EngineLearner } from '../engine/learner.js';
import type { SlotSource } from './column.js';

/** The slots of a learner, numbered from 1; slot 0 is the bias. All its engines use the same slots. */
export class Slots implements SlotSource {
  readonly names: string[] = [''];
  /** How many new names got no slot because the maximum had been reached. */
  refused = 0;
  readonly #most: number;
  readonly #engines: readonly EngineLearner[];

  constructor(most: number, engines: readonly EngineLearner[]) {
    this.#most = most;
    this.#engines = engines;
  }

  add(names: readonly string[], random: boolean): number | undefined {
    if (this.names.length + names.length > this.#most) {
      this.refused += names.length;
      return undefined;
    }
    const first = this.names.length;
    for (const name of names) {
      this.names.push(name);
      const [low, high] = keyWords(name);
      for (const engine of this.#engines) engine.addSlot(low, high, random);
    }
    return first;
  }
}
