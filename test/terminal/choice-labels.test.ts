import { describe, expect, it } from 'vitest';
import { choiceLabels } from '../../lib/terminal/choice-labels.js';

const labels = (...choices: unknown[]) => [...choiceLabels(choices).values()];

describe('labels of choices', () => {
  it('have the kind, and as few other values as tell choices apart', () => {
    const wide = (weightBits: number) => ({ kind: 'wide', weightBits, weightFraction: weightBits - 4 });
    expect(labels(wide(8), wide(16), { kind: 'float' })).toEqual([
      'wide, weightBits 8',
      'wide, weightBits 16',
      'float',
    ]);
    expect(labels({ rate: 1, size: 2 }, { rate: 1, size: 3 })).toEqual(['size 2', 'size 3']);
    expect(labels({ kind: 'a', n: [1] }, { kind: 'b', n: [1] })).toEqual(['a', 'b']);
  });

  it('are the JSON where nothing is shorter', () => {
    expect(labels({ kind: 'alone' })).toEqual(['{"kind":"alone"}']);
  });

  it('are not needed for words, numbers and lists', () => {
    expect(labels('a', 1, null, undefined, [1, 2])).toEqual([]);
  });
});
