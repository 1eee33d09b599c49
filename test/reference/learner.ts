/**
 * A learner of rows with named values, as docs/arithmetic.md defines it ("Learner"): numbers, levels, lists of words and
 * targets of either kind. Slow and plain.
 */
import { at, clip, range, round, shiftRight, sum, within } from './integers.js';
import { lanesOf, mix64, randomAt, streamKey } from './random.js';
import { softmax } from './softmax.js';

type Value = number | string | readonly string[];
export type ReferenceRow = Readonly<Record<string, Value>>;

const MEMBERS = 3;
const ONE = 256;

function mix32(x: number): number {
  let h = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

export function keyOf(name: string): { low: number; key: bigint } {
  let low = 0x811c9dc5;
  let high = 0x9e3779b9;
  for (const u of range(name.length).map((i) => name.charCodeAt(i))) {
    low = Math.imul(low ^ u, 0x01000193);
    high = Math.imul(high ^ u, 0x85ebca6b);
  }
  return { low: mix32(low), key: BigInt(mix32(low)) + (BigInt(mix32(high)) << 32n) };
}

/** The initial weights of a row, `hidden` for each member. */
export function initial(seed: number, stream: number, key: bigint, shift: number, hidden = 64): number[] {
  const row = mix64(streamKey(seed, stream) ^ key);
  return range(MEMBERS * hidden).map((i) => {
    const word = Number((randomAt(row, Math.floor(i / 4)) >> BigInt(16 * (i % 4))) & 0xffffn);
    return shiftRight(word >= 32768 ? word - 65536 : word, shift);
  });
}

/** A column of numbers. */
class NumberColumn {
  readonly name: string;
  readonly values: number[] = [];
  readonly sample: number[] = [];
  count = 0;
  median = 0;
  width = 1;
  quantiles: number[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** Whether two different values have been seen. */
  get isSpread(): boolean {
    return this.count > 0;
  }

  see(value: number): void {
    if (!Number.isFinite(value)) return;
    if (this.isSpread) {
      this.#enter(value);
      return;
    }
    this.values.push(value);
    if (this.values.some((other) => other !== value)) for (const other of this.values) this.#enter(other);
  }

  #enter(value: number): void {
    const n = ++this.count;
    if (n <= 256) this.sample.push(value);
    else {
      const place = Math.floor((mix32(mix32(n) ^ keyOf(this.name).low) / 2 ** 32) * Math.min(n, 16384));
      if (place < 256) this.sample[place] = value;
    }
    const step = n <= 16 ? 1 : n <= 1024 ? 2 ** (Math.floor(Math.log2(n)) - 3) : 512;
    if (n % step === 0) this.#measure();
  }

  #measure(): void {
    const sorted = [...this.sample].sort((a, b) => a - b);
    const s = sorted.length;
    const q = (part: number) => at(sorted, Math.min(s - 1, Math.floor(part * s)));
    this.median = q(0.5);
    const middle = (q(0.75) - q(0.25)) / 1.349;
    const most = (q(0.95) - q(0.05)) / 3.29;
    const widths = [
      middle < most / 10 ? most : middle,
      (q(0.99) - q(0.01)) / 4.65,
      (at(sorted, s - 1) - at(sorted, 0)) / 4,
    ];
    this.width = widths.find((w) => w > 0 && w < Infinity) ?? 1;
    this.quantiles = range(8).map((i) => q((i + 0.5) / 8));
  }

  /** Entries by slot name: those that all members read, and the hats. */
  entries(x: number): { plain: [string, number][]; hats: [string, number][] } {
    const slot = (i: number) => `${this.name}\u0000n${i}`;
    if (!this.isSpread) return { plain: [[`${this.name}\u0000m`, ONE]], hats: [] };
    const scaled = (x - this.median) / this.width;
    const z = Number.isNaN(scaled) ? 0 : within(scaled, 4);
    const pair = (first: number, place: number): [string, number][] => {
      const p = clip(Number.isNaN(place) ? 0 : place, 0, 7);
      const low = Math.min(Math.floor(p), 6);
      const share = Math.floor((p - low) * ONE + 0.5);
      return [
        [slot(first + low), ONE - share],
        [slot(first + low + 1), share],
      ];
    };
    const k = this.quantiles.findIndex((quantile) => quantile > x);
    const below = at(this.quantiles, k < 1 ? 0 : k - 1);
    const place = k === -1 ? 7 : k === 0 ? 0 : k - 1 + (x - below) / (at(this.quantiles, k) - below);
    return {
      plain: [[slot(0), Math.floor(z * ONE + 0.5)]],
      hats: [...pair(1, ((z + 3) / 6) * 7), ...pair(9, place)],
    };
  }
}

interface Entry {
  name: string;
  value: number;
  isHat: boolean;
}

interface Truth {
  output: number;
  number: number;
}

interface Forward {
  a: number[];
  sums: number[];
  p: number[];
}

export class ReferenceLearner {
  readonly seed: number;
  readonly kind: 'class' | 'number';
  /** Hidden neurons of each member. */
  readonly hidden: number;
  /** Weights of all members for each slot, by name. */
  readonly weights = new Map<string, number[]>();
  /** For each output: weights of all members and three biases. */
  readonly outputs: { key: bigint; weights: number[]; biases: number[] }[] = [];
  readonly classes: string[] = [];
  shares: number[] = range(MEMBERS).map(() => 1 / MEMBERS);
  readonly #columns = new Map<string, NumberColumn>();
  readonly #memory: { entries: Entry[]; truth: Truth }[] = [];
  #remembered = 0;
  #rows = 0;
  #count = 0;
  #mean = 0;
  #squares = 0;

  constructor(seed: number, kind: 'class' | 'number', hidden = 64) {
    this.seed = seed;
    this.kind = kind;
    this.hidden = hidden;
    this.weights.set('', initial(seed, 10, 0n, 5, hidden));
    if (kind === 'number') this.#addOutput(0n);
  }

  get #deviation(): number {
    const deviation = this.#count > 0 ? Math.sqrt(this.#squares / this.#count) : 0;
    return deviation > 0 ? deviation : 1;
  }

  #addOutput(key: bigint): void {
    this.outputs.push({ key, weights: initial(this.seed, 11, key, 7, this.hidden), biases: [0, 0, 0] });
  }

  /** The prediction: the probability of each class, or the number. */
  predict(row: ReferenceRow): number[] {
    const { mixed } = this.#predict(this.#entries(row, false));
    return this.kind === 'class' ? mixed : mixed.map((value) => value * this.#deviation + this.#mean);
  }

  learn(row: ReferenceRow, truth: string | number): void {
    const entries = this.#entries(row, true);
    const target: Truth = { output: 0, number: 0 };
    if (this.kind === 'class') {
      if (!this.classes.includes(String(truth))) {
        this.classes.push(String(truth));
        this.#addOutput(keyOf(String(truth)).key);
      }
      target.output = this.classes.indexOf(String(truth));
    } else {
      const z = within((Number(truth) - this.#mean) / this.#deviation, 8);
      target.number = Math.floor(z * 16384 + 0.5);
      this.#see(Number(truth));
    }
    const forward = this.#predict(entries).members;
    this.#weigh(forward, target);
    for (const m of range(MEMBERS)) this.#step(m, entries, at(forward, m), target, 3 * this.#rows);
    const count = this.#memory.length;
    for (const i of count === 0 ? [] : [0, 1]) {
      const draw = randomAt(streamKey(this.seed, 13), 2 * this.#rows + i) >> 32n;
      const old = at(this.#memory, Number((draw * BigInt(count)) >> 32n));
      this.#step(0, old.entries, this.#forward(0, old.entries), old.truth, 3 * this.#rows + 1 + i);
    }
    if (entries.length - 1 <= 256) this.#memory[this.#remembered++ % 1000] = { entries, truth: target };
    this.#rows++;
    for (const [name, value] of Object.entries(row)) {
      if (typeof value === 'number') this.#columns.get(name)?.see(value);
      if (typeof value === 'number' && this.#columns.get(name)?.isSpread)
        for (const i of range(17)) this.#slot(`${name}\u0000n${i}`, true);
    }
  }

  #slot(name: string, isRandom: boolean): void {
    if (this.weights.has(name)) return;
    const zeros = range(MEMBERS * this.hidden).map(() => 0);
    this.weights.set(name, isRandom ? initial(this.seed, 10, keyOf(name).key, 5, this.hidden) : zeros);
  }

  #entries(row: ReferenceRow, learns: boolean): Entry[] {
    const entries: Entry[] = [];
    const put = (name: string, value: number, isHat: boolean) => {
      if (learns) this.#slot(name, false);
      if (value !== 0 && this.weights.has(name)) entries.push({ name, value, isHat });
    };
    for (const [name, value] of Object.entries(row)) {
      if (typeof value === 'string') put(`${name}\u0000=${value}`, ONE, false);
      else if (typeof value !== 'number') for (const word of value) put(`${name}\u0000~${word}`, ONE, false);
      else {
        if (learns && !this.#columns.has(name)) this.#columns.set(name, new NumberColumn(name));
        if (learns) this.#slot(`${name}\u0000m`, false);
        const { plain = [], hats = [] } = this.#columns.get(name)?.entries(value) ?? {};
        for (const [slot, x] of plain) put(slot, x, false);
        for (const [slot, x] of hats) put(slot, x, true);
      }
    }
    const energy = ONE * ONE + sum(entries.map(({ value }) => value * value));
    const size = ONE + sum(entries.map(({ value }) => Math.abs(value)));
    if (energy > 2 ** 22 || size > 32000) {
      const factor = Math.min(Math.sqrt(2 ** 22 / energy), 32000 / size);
      for (const entry of entries) entry.value = Math.trunc(entry.value * factor);
    }
    return [{ name: '', value: ONE, isHat: false }, ...entries];
  }

  #read(m: number, entries: readonly Entry[]): readonly Entry[] {
    return m === 1 ? entries.filter(({ isHat }) => !isHat) : entries;
  }

  #forward(m: number, entries: readonly Entry[]): Forward {
    const read = this.#read(m, entries);
    const a = range(this.hidden).map((h) => {
      const total = sum(read.map(({ name, value }) => value * at(this.#row(name), this.hidden * m + h)));
      return clip(round(total, 12), 0, 2047);
    });
    const sums = this.outputs.map(({ weights, biases }) =>
      within(at(biases, m) + sum(a.map((x, h) => x * at(weights, this.hidden * m + h))), 2 ** 30),
    );
    return { a, sums, p: this.kind === 'class' && sums.length > 0 ? softmax(sums, 12) : [] };
  }

  #row(name: string): number[] {
    return this.weights.get(name) as number[];
  }

  #predict(entries: readonly Entry[]): { members: Forward[]; mixed: number[] } {
    const members = range(MEMBERS).map((m) => this.#forward(m, entries));
    const mixed = this.outputs.map((_, k) =>
      members.reduce(
        (total, { p, sums }, m) =>
          total + at(this.shares, m) * (this.kind === 'class' ? at(p, k) / 16384 : at(sums, k) / 2 ** 20),
        0,
      ),
    );
    return { members, mixed };
  }

  #weigh(members: readonly Forward[], { output, number }: Truth): void {
    const raised = members.map(({ p, sums }, m) => {
      if (this.kind === 'class') return at(this.shares, m) * (Math.max(at(p, output), 16) / 16384);
      const error = (round(at(sums, 0), 6) - number) / 16384;
      return at(this.shares, m) * (1 / (1 + 2 * error * error));
    });
    const total = sum(raised);
    this.shares = raised.map((share) => (1 - 0.02) * (share / total) + 0.02 / 3);
  }

  #step(m: number, entries: readonly Entry[], { a, sums, p }: Forward, truth: Truth, step: number): void {
    const r = m === 2 ? 2 : 0;
    const lanes = lanesOf(streamKey(this.seed, 12), step);
    const rho = (key: bigint, h: number) =>
      (at(lanes, h % 32) + Number(key & 0xffffn) + Math.floor((this.hidden * m + h) / 32) * 0x3d4d) % 65536;
    const g = this.outputs.map((_, k) =>
      within(
        this.kind === 'class'
          ? (k === truth.output ? 16384 : 0) - at(p, k)
          : truth.number - round(at(sums, k), 6),
        32767,
      ),
    );
    const e = a.map((x, h) => {
      const error = sum(this.outputs.map(({ weights }, k) => at(g, k) * at(weights, this.hidden * m + h)));
      return x === 0 ? 0 : within(round(error, 12), 32767);
    });
    for (const [k, { key, weights, biases }] of this.outputs.entries()) {
      for (const [h, x] of a.entries()) {
        const change = shiftRight(at(g, k) * x * 2 ** r + rho(key, h), 16);
        weights[this.hidden * m + h] = within(at(weights, this.hidden * m + h) + change, 8191);
      }
      biases[m] = within(at(biases, m) + at(g, k) * 2 ** r, 2 ** 29);
    }
    for (const { name, value } of this.#read(m, entries)) {
      const row = this.#row(name);
      const key = name === '' ? 0n : keyOf(name).key;
      for (const [h, error] of e.entries()) {
        const change = shiftRight(error * value * 2 ** r + rho(key, h), 16);
        row[this.hidden * m + h] = within(at(row, this.hidden * m + h) + change, 32767);
      }
    }
  }

  #see(y: number): void {
    let step = y - this.#mean;
    if (this.#count > 20) step = within(step, 6 * this.#deviation);
    this.#count++;
    this.#mean += step / this.#count;
    this.#squares += (step * step * (this.#count - 1)) / this.#count;
  }
}
