import { createHash, type Hash } from 'node:crypto';
import { slotName } from '../data/key.js';
import type { LearnerState } from '../engine/learner.js';
import type { NumberColumn } from './column.js';
import { ClassHead } from './head.js';
import type { LearnerParts } from './parts.js';

/** Member networks: each has a bias for each output. */
const MEMBERS = 3;
/** Numbers before the slots of a remembered row: entry count, plain entry count, output, number. */
const HEAD = 4;

/**
 * SHA-256 of everything that a learner has learned. Names are hashed in sorted order, so learners that saw them in
 * another order have the same digest. Scores are measurements and are not included.
 */
export function learnerDigest({ options, slots, encoder, heads, rows }: LearnerParts): string {
  const hash = createHash('sha256');
  const text = (value: unknown) => hash.update(`${JSON.stringify(value)}\n`);
  text(['sparse-train learner', 1, options.target, options.seed, rows]);
  /** Weights of one name and target. */
  const row = MEMBERS * options.hidden;
  const order = sortedOrder(slots.names);
  const ranks = new Int32Array(order.length);
  for (const [rank, slot] of order.entries()) ranks[slot] = rank;
  for (const head of heads) {
    const state = head.engine.exportState();
    const classes = head instanceof ClassHead ? head.classes : [''];
    text([head.kind, classes.length, state.learned, head.toState().scale, head.toState().detector]);
    hash.update(state.shares);
    for (const slot of order) {
      hash.update(`${slots.names[slot]}\n`);
      hash.update(state.inputWeights.subarray(slot * row, (slot + 1) * row));
    }
    const outputs = sortedOrder(classes);
    for (const k of outputs) {
      hash.update(`${classes[k]}\n`);
      hash.update(state.outputWeights.subarray(k * row, (k + 1) * row));
      hash.update(state.outputBiases.subarray(k * MEMBERS, (k + 1) * MEMBERS));
    }
    hashMemory(hash, state, ranks, classes);
  }
  const columns = [...encoder.columns.values()].sort((a, b) => compare(a.name, b.name));
  for (const { name, number, date } of columns) {
    hashNumber(hash, name, number);
    hashNumber(hash, slotName(name, 'd'), date?.days);
  }
  return hash.digest('hex');
}

function hashNumber(hash: Hash, name: string, column: NumberColumn | undefined): void {
  if (column === undefined || (column.equal === 0 && column.scale === undefined)) return;
  hash.update(`${name}\n${column.first} ${column.equal}\n`);
  if (column.scale !== undefined) hash.update(column.scale.toState());
}

/** Hashes the remembered rows, with their entries sorted by name. */
function hashMemory(
  hash: Hash,
  { memory }: LearnerState,
  ranks: Int32Array,
  classes: readonly string[],
): void {
  hash.update(memory.subarray(0, 1));
  for (let at = 1; at < memory.length; ) {
    const [entries, plain, output, number] = memory.subarray(at, at + HEAD) as unknown as [
      number,
      number,
      number,
      number,
    ];
    const slots = memory.subarray(at + HEAD, at + HEAD + entries);
    const values = memory.subarray(at + HEAD + entries, at + HEAD + 2 * entries);
    const named = Array.from(slots, (slot, i): [number, number] => [
      ranks[slot] as number,
      values[i] as number,
    ]);
    named.sort(([a], [b]) => a - b);
    hash.update(Int32Array.from([entries, plain, number, ...named.flat()]));
    hash.update(`${classes[output] ?? ''}\n`);
    at += HEAD + 2 * entries;
  }
}

/** The positions of names in the order of their UTF-16 code units, which does not depend on the machine's language. */
function sortedOrder(names: readonly string[]): number[] {
  return names.map((_, i) => i).sort((a, b) => compare(names[a] as string, names[b] as string));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
