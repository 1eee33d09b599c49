import { nearest, SparseTrainError } from '../../base/errors.js';
import { type Kind, number, oneOf } from '../../base/options/kinds.js';
import type { SoakPlan } from '../../bench/soak/plan.js';
import { kernelSets } from '../../engine/kernel-sets.js';
import { hardwareMnistValues, mnistValues } from '../presets.js';
import { duration } from './duration.js';
import { networkOptions, networkSettings } from './network.js';
import type { Settings, Values } from './setting.js';

/**
 * A kernel set, `other` or `none`. Only misspelt names are refused here; the run knows which kernel sets this
 * machine has.
 */
const checkedSet: Kind<string> = {
  expected: 'the name of a kernel set, other or none',
  placeholder: '<set>',
  words: ['other', 'none'],
  fromText: (value) => value,
  check(name, value) {
    const words = [...kernelSets(), 'other', 'none'];
    const isUnknown = typeof value === 'string' && value !== '' && nearest(value, words) === undefined;
    return isUnknown ? value : oneOf(words).check(name, value);
  },
};

/** Options of a long run of online learning. */
const runSettings = {
  duration: { flag: '--duration', kind: duration(1000 * 3600), description: 'how long: 30s, 5m, 1h' },
  rate: {
    flag: '--rate',
    kind: number({ above: 0, to: 1_000_000 }),
    description: 'examples a second',
  },
  check: {
    flag: '--check',
    kind: checkedSet,
    description:
      'the kernel set (or other) of a second engine that learns the same examples in jobs of 4096 and is compared after each; none: no second engine',
  },
} as const satisfies Settings;

export const soakSettings = { ...runSettings, ...networkSettings } as const satisfies Settings;

export type SoakValues = Values<typeof soakSettings>;

const MINUTE = 60;

/**
 * The long run that the options describe, on data with MNIST's shape; a quick run takes two seconds by
 * default.
 */
export function soakPlan(values: SoakValues, quick: boolean): Omit<SoakPlan, 'onStep' | 'signal'> {
  const { duration: seconds = quick ? 2 : MINUTE, rate, check = 'other' } = values;
  const isHardware = values.arithmetic === 'hardware';
  const filled = isHardware ? hardwareMnistValues(values) : mnistValues(values);
  const [inputs, outputs] = isHardware ? [1024, 32] : [784, 10];
  const network = networkOptions(filled, [inputs, ...(filled.layers ?? []), outputs]);
  return { network, seconds, rate, check };
}

/** @throws SparseTrainError INVALID_OPTION if something is set that only a long run has */
export function refuseSoakSettings(values: SoakValues, what: string): void {
  const given = Object.entries(soakSettings).find(([key]) => values[key as keyof SoakValues] !== undefined);
  if (given === undefined) return;
  throw new SparseTrainError(
    'INVALID_OPTION',
    `${given[1].flag} works with "bench soak", not with "bench ${what}"`,
  );
}
