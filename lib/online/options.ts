import { invalidOption } from '../base/errors.js';
import { type Kind, listOf, oneOf, seedKind, whole } from '../base/options/kinds.js';
import { type CheckedOptions, type OptionsOf, option } from '../base/options/table.js';
import { columnKindsKind } from '../data/column-kinds.js';
import { LEARNER_WIDTH, MAX_LEARNER_HIDDEN, MAX_SLOTS } from '../engine/limits.js';
import type { TargetKind } from './head.js';

const targetWord = oneOf(['class', 'number'], '<kind>');

/** One kind of target, or a list of them. */
const targetKind: Kind<TargetKind | readonly TargetKind[]> = {
  expected: "'class', 'number', or a list of these",
  placeholder: '<kind>',
  check(name, value) {
    return Array.isArray(value)
      ? listOf(targetWord, { least: 1, most: 8 }).check(name, value)
      : targetWord.check(name, value);
  },
  bounds: { within: ['class', ['class', 'number']], beyond: ['classes', [], 1] },
};

/** Hidden neurons of a member. */
const hiddenKind: Kind<number> = {
  ...whole(LEARNER_WIDTH, MAX_LEARNER_HIDDEN),
  expected: `a multiple of ${LEARNER_WIDTH} from ${LEARNER_WIDTH} to ${MAX_LEARNER_HIDDEN}`,
  check(name, value) {
    const isMultiple = typeof value === 'number' && value % LEARNER_WIDTH === 0;
    if (isMultiple && value >= LEARNER_WIDTH && value <= MAX_LEARNER_HIDDEN) return value;
    throw invalidOption(name, hiddenKind.expected, value);
  },
  bounds: {
    within: [LEARNER_WIDTH, MAX_LEARNER_HIDDEN],
    beyond: [0, LEARNER_WIDTH + 1, MAX_LEARNER_HIDDEN + LEARNER_WIDTH],
  },
};

/** The options of a learner. */
export const LEARNER = {
  /** What is predicted: 'class' (the default) or 'number'; a list for several targets at once. */
  target: option(targetKind, {
    text: 'what is predicted: class or number; in the API also a list, for several targets at once',
    default: 'class',
  }),
  /**
   * Hidden neurons of each of the three networks, a multiple of 64; 64 by default. More neurons fit finer shapes, and
   * cost time and memory in proportion.
   */
  hidden: option(hiddenKind, {
    text: 'hidden neurons of each of the three networks, a multiple of 64; time and memory grow with them',
    default: LEARNER_WIDTH,
    flag: '--hidden',
  }),
  /** The seed of all random numbers; 1 by default. */
  seed: option(seedKind, { text: 'seed of all random numbers', default: 1, flag: '--seed' }),
  /**
   * The kinds of columns whose values do not make them clear: { zip: 'category', note: 'text', when: 'date', id:
   * 'ignore' }.
   */
  schema: option(columnKindsKind, {
    text: 'kinds of columns whose values do not show it: number, category, text, date or ignore',
  }),
  /** How many of the latest rows the windowed metrics cover; 1000 by default. */
  window: option(whole(10, 1_000_000), {
    text: 'how many of the latest rows the windowed metrics cover',
    default: 1000,
    flag: '--window',
  }),
  /** What to do when the stream changes: 'mark' the change (the default), or also learn 'faster' for 500 rows. */
  onDrift: option(oneOf(['mark', 'faster']), {
    text: 'where the stream changes: mark it, or also learn faster for 500 rows',
    default: 'mark',
    flag: '--on-drift',
  }),
  /**
   * How many names (levels, words, 17 for a column of numbers) can get weights of their own, 384 bytes each
   * with 64 hidden neurons; 524,288 by default. Names beyond that are ignored.
   */
  maxNames: option(whole(64, MAX_SLOTS), {
    text: 'the most names (levels, words, 17 for a column of numbers) that get weights, 384 bytes each with 64 hidden neurons; later ones are ignored',
    default: 524_288,
    flag: '--max-names',
  }),
  /** The most classes; 1000 by default. A further class is an error. */
  maxClasses: option(whole(2, 65_536), {
    text: 'the most classes; one more is an error',
    default: 1000,
    flag: '--max-classes',
  }),
};

/** Options of a {@link Learner}. */
export interface LearnerOptions extends OptionsOf<typeof LEARNER> {}

/** {@link LearnerOptions} with every default filled in. */
export type CheckedLearnerOptions = CheckedOptions<typeof LEARNER>;
