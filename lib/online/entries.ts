import { type LearnerStage, STAGE_ENTRIES } from '../engine/learner.js';

/** 1.0 as the value of a slot. */
export const ONE = 256;
/** The largest sum of squares of a row's values: 64 slots of 1.0. Rows with a larger sum are scaled down to it. */
const MOST_ENERGY = 64 * ONE * ONE;
/**
 * The engine accepts a sum of absolute values of up to 32,767 per row; the rest is a margin for the slot of the bias.
 */
const MOST_SUM = 32_000;
/** The most entries of one row; the encoder of rows refuses longer ones. */
export const MOST_ENTRIES = 2 ** 14;

/**
 * Writes the entries of rows into a stage: first those that every member network reads, then those that the plain
 * member skips.
 */
export class Entries {
  readonly #stage: LearnerStage;
  readonly #slots: Uint32Array;
  readonly #values: Int16Array;
  /**
   * Entries of the current row that the plain member skips; they are moved behind the others when the row is
   * finished.
   */
  readonly #hatSlots = new Uint32Array(MOST_ENTRIES);
  readonly #hatValues = new Int16Array(MOST_ENTRIES);
  #hats = 0;
  #first = 0;
  #end = 0;
  #energy = 0;
  #sum = 0;
  /** Rows in the stage. */
  rows = 0;

  constructor(stage: LearnerStage) {
    this.#stage = stage;
    this.#slots = stage.slots;
    this.#values = stage.values;
  }

  /** Whether another row of any size fits. */
  get hasRoom(): boolean {
    return this.rows < this.#stage.ends.length && this.#end + MOST_ENTRIES <= STAGE_ENTRIES;
  }

  /** Empties the stage. */
  clear(): void {
    this.rows = 0;
    this.#end = 0;
    this.begin();
  }

  /** Begins a row, and drops an unfinished one. */
  begin(): void {
    this.#end = this.rows === 0 ? 0 : (this.#stage.ends[this.rows - 1] as number);
    this.#first = this.#end;
    this.#hats = 0;
    this.#energy = ONE * ONE;
    this.#sum = ONE;
  }

  /** Adds an entry that all members read. `value` is in units of 1/256; an entry of 0 is left out. */
  plain(slot: number, value: number): void {
    if (value === 0) return;
    this.#slots[this.#end] = slot;
    this.#values[this.#end++] = value;
    this.#energy += value * value;
    this.#sum += Math.abs(value);
  }

  /** Adds an entry that the plain member skips. */
  hat(slot: number, value: number): void {
    if (value === 0) return;
    this.#hatSlots[this.#hats] = slot;
    this.#hatValues[this.#hats++] = value;
    this.#energy += value * value;
    this.#sum += value;
  }

  /** Finishes a row. */
  finish(): void {
    const { ends, plains } = this.#stage;
    const plain = this.#end;
    plains[this.rows] = plain - this.#first;
    for (let i = 0; i < this.#hats; i++) {
      this.#slots[plain + i] = this.#hatSlots[i] as number;
      this.#values[plain + i] = this.#hatValues[i] as number;
    }
    this.#end = plain + this.#hats;
    if (this.#energy > MOST_ENERGY || this.#sum > MOST_SUM) this.#scaleDown();
    ends[this.rows++] = this.#end;
  }

  #scaleDown(): void {
    const values = this.#values;
    const factor = Math.min(Math.sqrt(MOST_ENERGY / this.#energy), MOST_SUM / this.#sum);
    for (let i = this.#first; i < this.#end; i++) values[i] = Math.trunc((values[i] as number) * factor);
  }
}
