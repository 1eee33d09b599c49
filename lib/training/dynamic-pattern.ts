import { SparseTrainError } from '../base/errors.js';
import { checkNumberAbove, checkOneOf, checkWhole } from '../base/options/checks.js';
import { checkOptionNames } from '../base/options/names.js';
import type { ResolvedOptions } from '../network/options.js';

/**
 * Edges that move during training: the weakest give way to others, and every right neuron keeps its number of edges
 * (docs/arithmetic.md, "Dynamic patterns"). Where a junction consists of whole tiles, tiles move; otherwise single edges.
 */
export interface DynamicPatternOptions {
  /**
   * Where edges grow: 'set' anywhere (Mocanu et al., sparse evolutionary training), 'rigl' where the gradient of the last
   * examples is largest (Evci et al., RigL). New edges begin with weight 0.
   */
  method: 'set' | 'rigl';
  /** Share of the edges that move at the first time, above 0 to 1; it falls linearly to 0 at `until`. 0.3 by default. */
  fraction?: number | undefined;
  /** Examples from one move to the next, over all epochs; by default those of an epoch. */
  every?: number | undefined;
  /** The share of training after which the pattern stays, above 0 to 1; 0.75 by default. */
  until?: number | undefined;
  /** 'rigl': of how many examples before each move (at most those since the last) gradients are added up; 1000 by default. */
  samples?: number | undefined;
}

/** {@link DynamicPatternOptions} with every default filled in; `every` undefined: an epoch. */
export interface DynamicPatternRule {
  readonly method: 'set' | 'rigl';
  readonly fraction: number;
  readonly every: number | undefined;
  readonly until: number;
  readonly samples: number;
}

/** Gradients of no more examples are kept. */
const MAX_SAMPLES = 2 ** 20;

/**
 * Checks the `dynamicPattern` option of fit() against the network and fills in its defaults.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION
 */
export function resolveDynamicPattern(
  option: DynamicPatternOptions,
  network: ResolvedOptions,
  { batchSize, isStream }: { batchSize: number; isStream: boolean },
): DynamicPatternRule {
  checkOptionNames('dynamicPattern', option, ['method', 'fraction', 'every', 'until', 'samples']);
  const { method, fraction = 0.3, every, until = 0.75, samples = 1000 } = option;
  checkOneOf('dynamicPattern.method', method, ['set', 'rigl']);
  checkNumberAbove('dynamicPattern.fraction', fraction, 0, 1);
  if (every !== undefined) checkWhole('dynamicPattern.every', every, 1, Number.MAX_SAFE_INTEGER);
  checkNumberAbove('dynamicPattern.until', until, 0, 1);
  checkWhole('dynamicPattern.samples', samples, 1, MAX_SAMPLES);
  const refuse = (why: string) =>
    new SparseTrainError('INVALID_OPTION', `dynamicPattern is given, but ${why}`);
  const { kind } = network.arithmetic;
  if (kind !== 'wide')
    throw refuse(`the ${kind} arithmetic keeps its pattern; use arithmetic of kind 'wide'`);
  if (network.patterns.every((pattern) => pattern.kind === 'dense'))
    throw refuse('the network is dense, so no edge can move; give it a density below 1');
  if (network.patterns.some((pattern) => pattern.kind === 'interleaver'))
    throw refuse(
      "a clash-free pattern would lose what it is for; use pattern 'tiled', 'structured' or 'random'",
    );
  if (batchSize > 1) throw refuse(`batchSize is ${batchSize}, and edges move only in online training`);
  if (isStream) throw refuse('the data is a stream, of which nobody knows how much is to come');
  return { method, fraction, every, until, samples };
}

/**
 * The share of the edges that move after so many examples, in units of 2^-16 as the engine takes it; 0: the pattern
 * stays. Double precision, in the order that the parentheses say.
 *
 * @param presented - examples since the beginning of fit()
 * @param of - examples that fit() will present
 */
export function movingShare({ fraction, until }: DynamicPatternRule, presented: number, of: number): number {
  const left = 1 - presented / (until * of);
  return left > 0 ? Math.floor(fraction * left * 65536 + 0.5) : 0;
}
