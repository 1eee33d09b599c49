import { invalidOption, nearest, SparseTrainError } from '../../base/errors.js';
import type { LearningRate } from '../../training/learning-rate.js';
import type { ValueKind } from './value-kinds.js';

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
export const decay: ValueKind<Decay> = {
  placeholder: '<schedule>',
  fromText: (text) => text,
  check(name, value) {
    const forms = Object.values(FORMS).join(', ');
    if (typeof value !== 'string') throw invalidOption(name, `one of ${forms}`, value);
    const [kind = '', ...numbers] = value.split(':');
    const form = FORMS[kind as Decay['kind']];
    if (form === undefined) {
      const near = nearest(kind, Object.keys(FORMS));
      const hint = near === undefined ? '' : `; did you mean "${near}"?`;
      throw new SparseTrainError(
        'INVALID_OPTION',
        invalidOption(name, `one of ${forms}`, value).message + hint,
      );
    }
    const parsed = parseDecay(kind as Decay['kind'], numbers);
    if (parsed === undefined) throw invalidOption(name, form, value);
    return parsed;
  },
};

function parseDecay(kind: Decay['kind'], texts: readonly string[]): Decay | undefined {
  const [first = '', second = ''] = texts;
  const factor = Number(first);
  const isFactor = first !== '' && factor > 0 && factor <= 1;
  switch (kind) {
    case 'constant':
    case 'cosine':
      return texts.length === 0 ? { kind } : undefined;
    case 'exponential':
      return texts.length === 1 && isFactor ? { kind, factor } : undefined;
    case 'step': {
      const every = Number(second);
      const isWhole = Number.isSafeInteger(every) && every >= 1;
      return texts.length === 2 && isFactor && isWhole ? { kind, factor, every } : undefined;
    }
    case 'powers-of-two': {
      const boundaries = texts.length === 0 ? [] : first.split(',').map(Number);
      const ascend = boundaries.every((b, i) => Number.isSafeInteger(b) && b > (boundaries[i - 1] ?? 0));
      return texts.length <= 1 && ascend ? { kind, boundaries } : undefined;
    }
  }
}

/** A {@link Decay} as the command line has it. */
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

/** A learning rate of the API from a rate and how it changes. */
export function learningRateOption(rate: number, change: Decay): LearningRate {
  if (change.kind !== 'powers-of-two') return { ...change, rate };
  const exponent = -Math.log2(rate);
  if (Number.isInteger(exponent) && exponent >= 0)
    return { kind: change.kind, exponent, boundaries: change.boundaries };
  throw invalidOption(
    '--learning-rate',
    'a power of two (1, 0.5, 0.25, ...) with --decay powers-of-two',
    rate,
  );
}
