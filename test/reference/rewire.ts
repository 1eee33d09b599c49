/** Dynamic patterns: docs/arithmetic.md, section of that name. */
import { at, range, sum } from './integers.js';
import type { Pattern } from './patterns.js';
import { junctionKey, Reader, streamKey } from './random.js';

export interface RewireRule {
  /** In units of 2^-16. */
  share: number;
  byGradient: boolean;
}

/** Activations of the left and deltas of the right layer of one input. */
export interface Recorded {
  activations: readonly number[];
  deltas: readonly number[];
}

/**
 * The left neurons of whole tiles: the same for all 16 right neurons of a block, and in pairs except for an odd last
 * one.
 */
export function hasWholeTiles(pattern: Pattern, left: number): boolean {
  return pattern.every((lefts, right) => {
    const first = at(pattern, right - (right % 16));
    const isSame = lefts.length === first.length && lefts.every((l, i) => l === first[i]);
    return isSame && lefts.every((l) => (l ^ 1) >= left || lefts.includes(l ^ 1));
  });
}

/** The pattern after the weakest edges have moved. */
export function rewired(
  pattern: Pattern,
  left: number,
  weightOf: (left: number, right: number) => number,
  recorded: readonly Recorded[],
  rule: RewireRule,
  where: { seed: number; junction: number; time: number },
): Pattern {
  const [G, H] = hasWholeTiles(pattern, left) ? [2, 16] : [1, 1];
  const units = Math.floor(left / G);
  const reader = new Reader(streamKey(junctionKey(where.seed, 'rewire', where.junction), where.time));
  const next: number[][] = [];
  for (let first = 0; first < pattern.length; first += H) {
    const rights = range(Math.min(H, pattern.length - first)).map((i) => first + i);
    const lefts = at(pattern, first);
    const leftsOf = (unit: number) => range(G).map((i) => unit * G + i);
    const present = range(units).filter((unit) => lefts.includes(unit * G));
    const absent = range(units).filter((unit) => !lefts.includes(unit * G));
    const total = (unit: number, value: (l: number, r: number) => number) =>
      sum(rights.flatMap((r) => leftsOf(unit).map((l) => Math.abs(value(l, r)))));

    const magnitude = new Map(present.map((unit) => [unit, total(unit, weightOf)]));
    const gradient = new Map(
      rule.byGradient
        ? absent.map((unit) => [
            unit,
            total(unit, (l, r) =>
              sum(recorded.map(({ activations, deltas }) => at(activations, l) * at(deltas, r))),
            ),
          ])
        : [],
    );
    const value = (map: Map<number, number>, unit: number) => map.get(unit) ?? 0;
    const weakest = [...present].sort((a, b) => value(magnitude, a) - value(magnitude, b) || a - b);
    const wanted = Math.floor((present.length * rule.share + 2 ** 15) / 2 ** 16);
    let candidates = absent;
    if (rule.byGradient) {
      candidates = absent
        .filter((unit) => value(gradient, unit) > 0)
        .sort((a, b) => value(gradient, b) - value(gradient, a) || a - b);
    }
    const moves = Math.min(wanted, candidates.length, present.length);
    const grown = range(moves).map((i) => {
      if (rule.byGradient) return at(candidates, i);
      const drawn = i + reader.below(candidates.length - i);
      [candidates[i], candidates[drawn]] = [at(candidates, drawn), at(candidates, i)];
      return at(candidates, i);
    });
    const kept = [...present.filter((unit) => !weakest.slice(0, moves).includes(unit)), ...grown];
    const last = lefts.filter((l) => l >= units * G);
    const row = [...kept.flatMap(leftsOf), ...last].sort((a, b) => a - b);
    for (const _ of rights) next.push(row);
  }
  return next;
}
