import type { NetworkSpec } from '../../lib/engine/spec.js';
import { at, clip, range, sum } from './integers.js';
import { junctionKey, Reader, shuffle } from './random.js';

/** For every right neuron the left neurons that it reads, ascending. */
export type Pattern = number[][];

export function makePattern(
  wanted: NetworkSpec['patterns'][number],
  left: number,
  right: number,
  seed: number,
  junction: number,
): Pattern {
  const reader = new Reader(junctionKey(seed, 'pattern', junction));
  switch (wanted.kind) {
    case 'dense':
      return range(right).map(() => range(left));
    case 'tiled':
      return deal(left, right, wanted.edges, { group: 2, block: 16 }, reader);
    case 'structured':
      return deal(left, right, wanted.edges, { group: 1, block: 1 }, reader);
    case 'random':
      return scatter(left, right, wanted.edges, reader);
    case 'custom':
      return range(right).map((r) => [
        ...wanted.left.subarray(at(wanted.offsets, r), at(wanted.offsets, r + 1)),
      ]);
    case 'interleaver':
      throw new Error('interleavers belong to the hardware');
  }
}

/** Deals groups of left neurons to blocks of right neurons. */
function deal(
  left: number,
  right: number,
  edges: number,
  size: { group: number; block: number },
  reader: Reader,
): Pattern {
  const groups = Math.ceil(left / size.group);
  const perCard = right * size.group;
  const hand = clip(Math.floor((edges + Math.floor(perCard / 2)) / perCard), 1, groups);

  let deck = range(groups);
  let dealt = groups;
  const nextHand = (): number[] => {
    const held: number[] = [];
    while (held.length < hand) {
      if (dealt === groups) {
        shuffle(deck, reader);
        deck = [
          ...deck.filter((card) => !held.includes(card)),
          ...deck.filter((card) => held.includes(card)),
        ];
        dealt = 0;
      }
      held.push(at(deck, dealt));
      dealt++;
    }
    return held.sort(ascending);
  };

  const pattern: Pattern = [];
  while (pattern.length < right) {
    const lefts = nextHand()
      .flatMap((card) => range(size.group).map((i) => card * size.group + i))
      .filter((neuron) => neuron < left);
    for (let i = 0; i < size.block && pattern.length < right; i++) pattern.push(lefts);
  }
  return pattern;
}

/** Exactly this many edges, anywhere. */
function scatter(left: number, right: number, edges: number, reader: Reader): Pattern {
  const holes = edges > Math.floor((left * right) / 2);
  const drawn = holes ? left * right - edges : edges;
  const least = !holes && edges >= right ? 1 : 0;
  const most = holes && edges >= right ? left - 1 : left;

  const counts: number[] = range(right).map(() => least);
  for (let rest = drawn - right * least; rest > 0; ) {
    const r = reader.below(right);
    if (at(counts, r) === most) continue;
    counts[r] = at(counts, r) + 1;
    rest--;
  }

  const pattern = counts.map((count) => {
    const chosen = 2 * count > left ? select(left, count, reader) : draw(left, count, reader);
    return holes ? range(left).filter((l) => !chosen.includes(l)) : chosen;
  });
  if (edges >= left && edges >= right) adoptOrphans(pattern, left, reader);
  return pattern;
}

/** Selection sampling: draws `count` of the numbers below n in one pass. */
function select(n: number, count: number, reader: Reader): number[] {
  const chosen: number[] = [];
  for (let i = 0; chosen.length < count; i++) {
    if (reader.below(n - i) < count - chosen.length) chosen.push(i);
  }
  return chosen;
}

/** Draws `count` of the numbers below n by repeating until there are enough different ones. */
function draw(n: number, count: number, reader: Reader): number[] {
  const chosen = new Set<number>();
  while (chosen.size < count) {
    for (let missing = count - chosen.size; missing > 0; missing--) chosen.add(reader.below(n));
  }
  return [...chosen].sort(ascending);
}

/** Gives every left neuron without an edge one from a neuron that has several. */
function adoptOrphans(pattern: Pattern, left: number, reader: Reader): void {
  const fanOut = range(left).map((l) => sum(pattern.map((lefts) => (lefts.includes(l) ? 1 : 0))));
  const edges = pattern.flatMap((lefts, r) => lefts.map((_, i) => ({ r, i })));
  for (let orphan = 0; orphan < left; orphan++) {
    if (at(fanOut, orphan) > 0) continue;
    let e = reader.below(edges.length);
    const owner = () => at(at(pattern, at(edges, e).r), at(edges, e).i);
    while (at(fanOut, owner()) < 2) e = (e + 1) % edges.length;
    fanOut[owner()] = at(fanOut, owner()) - 1;
    fanOut[orphan] = 1;
    at(pattern, at(edges, e).r)[at(edges, e).i] = orphan;
  }
  for (const lefts of pattern) lefts.sort(ascending);
}

const ascending = (a: number, b: number): number => a - b;
