import { number, oneOf, whole } from '../base/options/kinds.js';
import { type CheckedOptions, type OptionsOf, option, type Rule } from '../base/options/table.js';
import { literal, optionName, say, type Wording } from '../base/wording.js';
import { MAX_RECORD } from '../engine/limits.js';
import type { ResolvedOptions } from '../network/options.js';

/** The options of `dynamicPattern`. */
export const DYNAMIC_PATTERN = {
  /**
   * Where edges grow: 'set' anywhere (Mocanu et al., sparse evolutionary training), 'rigl' where the gradient of the last
   * examples is largest (Evci et al., RigL). New edges begin with weight 0.
   */
  method: option(oneOf(['set', 'rigl']), {
    text: 'where edges grow: set (anywhere) or rigl (where the gradient is largest)',
    required: true,
  }),
  /** The share of the edges that move the first time, above 0 to 1; it falls linearly to 0 at `until`. 0.3 by default. */
  fraction: option(number({ above: 0, to: 1 }), {
    text: 'the share of the edges that move the first time',
    default: 0.3,
  }),
  /** Examples from one move to the next, counted over all epochs; by default an epoch. */
  every: option(whole(1), { text: 'examples from one move to the next', otherwise: 'an epoch' }),
  /** The share of training after which the pattern stays, above 0 to 1; 0.75 by default. */
  until: option(number({ above: 0, to: 1 }), {
    text: 'the share of training after which the pattern stays',
    default: 0.75,
  }),
  /** 'rigl': the examples before each move (at most those since the last) whose gradients are added up; 1000 by default. */
  samples: option(whole(1, MAX_RECORD), {
    text: 'rigl: the examples before each move whose gradients are added up',
    default: 1000,
  }),
};

/**
 * Edges that move during training: the weakest are replaced by others, and every right neuron keeps its number of edges
 * (docs/arithmetic.md, "Dynamic patterns"). Where a junction consists of whole tiles, tiles move; otherwise single edges.
 */
export interface DynamicPatternOptions extends OptionsOf<typeof DYNAMIC_PATTERN> {}

/** {@link DynamicPatternOptions} with every default filled in; `every` undefined: an epoch. */
export type DynamicPatternRule = CheckedOptions<typeof DYNAMIC_PATTERN>;

interface Context {
  readonly network: ResolvedOptions;
  readonly batchSize: number;
  readonly isStream: boolean;
}

function refusal(
  name: string,
  when: (context: Context) => boolean,
  why: Wording | ((context: Context) => Wording),
  advice?: Wording,
): Rule<Context> {
  return {
    option: name,
    when,
    refuse: (context) =>
      say`${optionName('dynamicPattern')} is given, but ${typeof why === 'function' ? why(context) : why}`,
    advice,
  };
}

/** Refuses networks and trainings whose edges cannot move. */
export const DYNAMIC_PATTERN_RULES: readonly Rule<Context>[] = [
  refusal(
    'arithmetic.kind',
    ({ network }) => network.arithmetic.kind !== 'wide',
    ({ network }) => `the ${network.arithmetic.kind} arithmetic keeps its pattern`,
    say`use ${optionName('arithmetic.kind', 'wide')}`,
  ),
  refusal(
    'density',
    ({ network }) => network.patterns.every(({ kind }) => kind === 'dense'),
    'the network is dense, so no edge can move',
    say`give a ${optionName('density')} below 1`,
  ),
  refusal(
    'pattern',
    ({ network }) => network.patterns.some(({ kind }) => kind === 'interleaver'),
    'a clash-free pattern would no longer be free of clashes',
    say`use ${optionName('pattern')} ${literal('tiled')}, ${literal('structured')} or ${literal('random')}`,
  ),
  refusal(
    'batchSize',
    ({ batchSize }) => batchSize > 1,
    ({ batchSize }) =>
      say`${optionName('batchSize')} is ${batchSize}, and edges move only in online training`,
  ),
  refusal('dynamicPattern', ({ isStream }) => isStream, 'the data is a stream, whose length is not known'),
];

/**
 * The share of the edges that move after this number of examples, in units of 2^-16, as the engine takes it; 0: the
 * pattern stays. Computed in double precision, in the order that the parentheses show.
 *
 * @param presented - examples since the beginning of fit()
 * @param of - examples that fit() will present
 */
export function movingShare({ fraction, until }: DynamicPatternRule, presented: number, of: number): number {
  const left = 1 - presented / (until * of);
  return left > 0 ? Math.floor(fraction * left * 65536 + 0.5) : 0;
}
