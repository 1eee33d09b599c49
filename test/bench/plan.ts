import type { Recipe } from '../../lib/bench/plan.js';

/** A recipe for tests that train nothing. */
export const MISSING_NETWORK: Recipe = {
  name: 'none',
  network: { layers: [1, 2] },
  epochs: 1,
  learningRate: 0.01,
};
