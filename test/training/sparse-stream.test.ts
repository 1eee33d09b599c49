import { describe, it } from 'vitest';
import { Network } from '../../lib/index.js';
import { expectRefusal } from '../datasets/refusal.js';

describe('a stream of sparse rows', () => {
  it('is refused at a number that is not finite', async () => {
    for (const wrong of [Number.NaN, Infinity]) {
      const stream = [
        { input: { indices: Uint32Array.of(0, 2), values: Float32Array.of(1, 2) }, label: 0 },
        { input: { indices: Uint32Array.of(1), values: Float32Array.of(wrong) }, label: 1 },
      ];
      await expectRefusal('INVALID_DATA', ['finite'], () => new Network({ layers: [4, 2] }).fit(stream));
    }
  });
});
