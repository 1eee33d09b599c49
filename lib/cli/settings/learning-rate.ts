import { invalidOption, nearMiss, SparseTrainError } from '../../base/errors.js';
import type { Kind } from '../../base/options/kinds.js';
import { type LearningRate, SCHEDULES } from '../../training/learning-rate.js';

/** How a learning rate changes from epoch to epoch, without the rate itself. */
export type Decay =
  | { kind: 'constant' }
  | { kind: 'cosine' }
  | { kind: 'exponential'; factor: number }
  | { kind: 'step'; factor: number; every: number }
  | { kind: 'powers-of-two'; boundaries: number[] };

const FORMS: Readonly<Record<Decay['kind'], string>> = {
  constant: 'constant',
  cosine: 'cosine',
  exponential: 'exponential:FACTOR',
  step: 'step:FACTOR:EPOCHS',
  'powers-of-two': 'powers-of-two:EXAMPLES,EXAMPLES,...',
};

/** How a learning rate changes: `cosine`, `exponential:0.3`, `step:0.5:2` and so on. */
export const decay: Kind<Decay> = {
  expected: `one of ${Object.values(FORMS).join(', ')}`,
  placeholder: '<schedule>',
  words: Object.keys(FORMS),
  fromText: (text) => text,
  check(name, value) {
    const forms = Object.values(FORMS).join(', ');
    if (typeof value !== 'string') throw invalidOption(name, `one of ${forms}`, value);
    const [kind = '', ...numbers] = value.split(':');
    if (!Object.hasOwn(FORMS, kind))
      throw invalidOption(name, `one of ${forms}`, value, nearMiss(kind, Object.keys(FORMS)));
    const form = FORMS[kind as Decay['kind']];
    const parsed = parseDecay(kind as Decay['kind'], numbers);
    if (parsed === undefined) throw invalidOption(name, form, value);
    return parsed;
  },
};

function parseDecay(kind: Decay['kind'], texts: readonly string[]): Decay | undefined {
  const [first = '', second = ''] = texts;
  const factor = Number(first);
  const isFactor = first !== '' && accepts(SCHEDULES.step.factor.kind, factor);
  switch (kind) {
    case 'constant':
    case 'cosine':
      return texts.length === 0 ? { kind } : undefined;
    case 'exponential':
      return texts.length === 1 && isFactor ? { kind, factor } : undefined;
    case 'step': {
      const every = Number(second);
      const isWhole = second !== '' && accepts(SCHEDULES.step.every.kind, every);
      return texts.length === 2 && isFactor && isWhole ? { kind, factor, every } : undefined;
    }
    case 'powers-of-two': {
      const boundaries = texts.length === 0 ? [] : first.split(',').map(Number);
      const ascend = accepts(SCHEDULES['powers-of-two'].boundaries.kind, boundaries);
      return texts.length <= 1 && ascend ? { kind, boundaries } : undefined;
    }
  }
}

function accepts(kind: Kind<unknown>, value: unknown): boolean {
  try {
    kind.check('', value);
    return true;
  } catch (error) {
    if (error instanceof SparseTrainError) return false;
    throw error;
  }
}

/** Writes a {@link Decay} as on the command line. */
export function describeDecay(change: Decay): string {
  switch (change.kind) {
    case 'exponential':
      return `${change.kind}:${change.factor}`;
    case 'step':
      return `${change.kind}:${change.factor}:${change.every}`;
    case 'powers-of-two':
      return [change.kind, change.boundaries.join(',')].filter((text) => text !== '').join(':');
    default:
      return change.kind;
  }
}

/** Combines a rate and its change into a learning rate of the API. */
export function learningRateOption(rate: number, change: Decay): LearningRate {
  if (change.kind !== 'powers-of-two') return { ...change, rate };
  const exponent = -Math.log2(rate);
  if (Number.isInteger(exponent) && exponent >= 0)
    return { kind: change.kind, exponent, boundaries: change.boundaries };
  throw invalidOption('learningRate', 'a power of two (1, 0.5, 0.25, ...) with --decay powers-of-two', rate);
}
