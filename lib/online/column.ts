import { momentOf } from '../data/dates.js';
import { type KeyPrefix, keyPrefix, slotName } from '../data/key.js';
import { type Entries, ONE } from './entries.js';
import type { NameTable } from './name-table.js';
import { QUANTILES, RunningScale } from './running-scale.js';

/** Provides new slots. */
export interface SlotSource {
  /**
   * Adds consecutive slots and returns the first. Their first weights are random (numbers) or zero (levels and
   * words). Undefined if no slots are left.
   */
  add(names: readonly string[], random: boolean): number | undefined;
}

/** Numbers farther from the median than this many widths are clipped. */
const FARTHEST = 4;
/** Hat functions are centred from -3 to 3 widths. */
const HATS = 8;
const LAST_HAT = HATS - 1;
/** The number itself, the hats at fixed places, and the hats at quantiles. */
const NUMBER_SLOTS = 1 + HATS + QUANTILES;

/**
 * A column of numbers. While all values are equal (a mark that is present or absent), it has one slot, which says
 * that there is a value. After that it has a slot for the scaled number and two rows of hat functions, which can
 * represent any shape from the first rows on.
 */
export class NumberColumn {
  /** The slot that is used while all values are equal; 0 before it exists. */
  mark = 0;
  /** The first slot of the numbers; 0 while all values are equal. */
  slot = 0;
  /** The value that all rows have had so far. */
  first = 0;
  /** How many rows have had it. */
  equal = 0;
  scale: RunningScale | undefined;
  readonly name: string;
  /** How many slots its numbers have. */
  static readonly slots: number = NUMBER_SLOTS;

  constructor(name: string) {
    this.name = name;
  }

  /** Makes sure that the column has a slot, so that it can learn. */
  prepare(slots: SlotSource): void {
    if (this.mark === 0) this.mark = slots.add([slotName(this.name, 'm')], false) ?? 0;
  }

  /** Adds the entries of a number. */
  encode(value: number, entries: Entries): void {
    if (this.scale === undefined || this.slot === 0) {
      if (this.mark !== 0) entries.plain(this.mark, ONE);
      return;
    }
    const { median, width, quantiles } = this.scale;
    const scaled = (value - median) / width;
    // NaN only if the difference of two huge numbers overflows.
    const z = scaled > FARTHEST ? FARTHEST : scaled >= -FARTHEST ? scaled : scaled < 0 ? -FARTHEST : 0;
    entries.plain(this.slot, Math.floor(z * ONE + 0.5));
    putHats(entries, this.slot + 1, ((z + 3) / 6) * LAST_HAT);
    let above = 0;
    while (above < QUANTILES && (quantiles[above] as number) <= value) above++;
    let place = 0;
    if (above === QUANTILES) place = QUANTILES - 1;
    else if (above > 0) {
      const low = quantiles[above - 1] as number;
      place = above - 1 + (value - low) / ((quantiles[above] as number) - low);
    }
    putHats(entries, this.slot + 1 + HATS, place);
  }

  /** Updates the column's statistics with a number. Infinities are ignored. */
  observe(value: number, slots: SlotSource): void {
    if (this.scale !== undefined) {
      if (Number.isFinite(value)) this.scale.observe(value);
      return;
    }
    if (!Number.isFinite(value)) return;
    // Adding 0 turns -0 into 0: JSON has no -0.
    if (this.equal === 0) this.first = value + 0;
    if (value === this.first) {
      this.equal++;
      return;
    }
    this.scale = new RunningScale(this.name);
    for (let i = 0; i < this.equal; i++) this.scale.observe(this.first);
    this.scale.observe(value);
    const names = Array.from({ length: NUMBER_SLOTS }, (_, i) => slotName(this.name, 'n', String(i)));
    this.slot = slots.add(names, true) ?? 0;
  }
}

/** Divides 1.0 between the two hats beside `place` (0 to 7): the nearer hat gets more. */
function putHats(entries: Entries, first: number, place: number): void {
  const inside = place > 0 ? (place < LAST_HAT ? place : LAST_HAT) : 0;
  const low = Math.min(Math.floor(inside), LAST_HAT - 1);
  const share = Math.floor((inside - low) * ONE + 0.5);
  entries.hat(first + low, ONE - share);
  entries.hat(first + low + 1, share);
}

/** The slots of a column by level (a category, a truth value) or by word. */
export class LevelColumn {
  /** The slots of its levels, in the order in which they came. */
  readonly slots: number[] = [];
  readonly #name: string;
  readonly #kind: string;
  readonly #prefix: KeyPrefix;
  readonly #table: NameTable;

  constructor(name: string, kind: '=' | '~', table: NameTable) {
    this.#name = name;
    this.#kind = kind;
    this.#prefix = keyPrefix(slotName(name, kind));
    this.#table = table;
  }

  /** The slot of a level; 0 if it has none. */
  find(level: string): number {
    return this.#table.find(this.#prefix, level);
  }

  /** The slot of a level, which gets one if there are any left; otherwise 0. */
  prepare(level: string, source: SlotSource): number {
    const known = this.find(level);
    if (known !== 0) return known;
    const slot = source.add([slotName(this.#name, this.#kind, level)], false) ?? 0;
    if (slot !== 0) this.#add(slot);
    return slot;
  }

  /** Gives a level a slot that exists already. */
  restore(level: string, slot: number): void {
    if (slot !== 0 && this.find(level) === 0) this.#add(slot);
  }

  /** The levels with their slots. */
  entries(names: readonly string[]): [level: string, slot: number][] {
    const { length } = slotName(this.#name, this.#kind);
    return this.slots.map((slot) => [(names[slot] as string).slice(length), slot]);
  }

  #add(slot: number): void {
    this.#table.add(slot);
    this.slots.push(slot);
  }
}

/** The most entries of a number: the number itself, and two from each row of hats. */
export const ENTRIES_OF_NUMBER = 5;

/** The cycles of a date, with the number of slots around each cycle. */
const CYCLES = [
  ['hour', 24],
  ['weekday', 7],
  ['month', 12],
] as const;
const CYCLE_SLOTS = 24 + 7 + 12;
/** The most entries of a date's cycles. */
export const ENTRIES_OF_CYCLES = 2 * CYCLES.length;

/** A column of dates: the date as a number, and its place in the day, the week and the year. */
export class DateColumn {
  readonly days: NumberColumn;
  /** The first slot of its cycles; 0 before there is one. */
  slot = 0;
  /** How many slots its cycles have. */
  static readonly slots: number = CYCLE_SLOTS;
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
    this.days = new NumberColumn(slotName(name, 'd'));
  }

  encode(time: number, entries: Entries): void {
    const moment = momentOf(time);
    this.days.encode(moment.days, entries);
    if (this.slot === 0) return;
    let first = this.slot;
    for (const [cycle, length] of CYCLES) {
      const place = moment[cycle];
      const low = Math.floor(place);
      const share = Math.floor((place - low) * ONE + 0.5);
      entries.plain(first + low, ONE - share);
      entries.plain(first + ((low + 1) % length), share);
      first += length;
    }
  }

  prepare(slots: SlotSource): void {
    this.days.prepare(slots);
    if (this.slot !== 0) return;
    const names = Array.from({ length: CYCLE_SLOTS }, (_, i) => slotName(this.#name, 'c', String(i)));
    this.slot = slots.add(names, false) ?? 0;
  }

  observe(time: number, slots: SlotSource): void {
    this.days.observe(momentOf(time).days, slots);
  }
}
