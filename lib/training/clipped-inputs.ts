import { percent } from '../base/numbers.js';
import { warn } from '../base/warning.js';
import { countClipped } from '../data/clipping.js';
import { CsrMatrix } from '../data/csr.js';
import type { NetworkCore } from '../network/core.js';
import type { Examples } from './examples.js';

/** The share of a feature's values, or of all, above which clipping is worth a warning. */
const WORTH_A_WARNING = 0.01;

/** The largest absolute input of a network's number format; undefined if nothing is clipped. */
function inputLimit({ options: { arithmetic } }: NetworkCore): number | undefined {
  switch (arithmetic.kind) {
    case 'float':
      return undefined;
    case 'wide':
      // Inputs are multiples of 2^-8 from -2047 to 2047 (docs/arithmetic.md).
      return 2047.5 / 256;
    case 'hardware':
      return 2 ** arithmetic.integerBits;
  }
}

/**
 * Counts the inputs that the network's number format clips, for inspect() and the run log, and warns once if they are
 * many. Bytes that are not scaled are never clipped, and cost nothing here.
 */
export function noteClippedInputs(core: NetworkCore, { inputs, featureNames }: Examples): void {
  const limit = inputLimit(core);
  const { engineScaling, scaling, unit } = core.reader;
  const numbers = inputs instanceof CsrMatrix ? inputs.values : inputs.data;
  const isScaled = scaling !== undefined && scaling.kind !== 'none';
  if (limit === undefined || (numbers instanceof Uint8Array && !isScaled && unit !== 'number')) return;
  const isPlain = numbers instanceof Float32Array || numbers instanceof Float64Array;
  const perUnit =
    engineScaling === undefined && !isPlain && unit !== 'number'
      ? { offset: [], scale: new Float64Array(inputs.columns).fill(1 / 256) }
      : engineScaling;
  const found = countClipped(inputs, perUnit, limit, featureNames);
  core.clippedInputs = found;
  const [most] = found.features;
  if (most === undefined) return;
  const all = found.clipped / found.values;
  if (most.share <= WORTH_A_WARNING && all <= WORTH_A_WARNING) return;
  const which = most.name === undefined ? `input ${most.feature} (counted from 0)` : `"${most.name}"`;
  warn(
    'INPUTS_CLIPPED',
    `${percent(most.share, 1)} of the values of ${which} and ${percent(all, 1)} of all inputs lie beyond ${limit.toFixed(1)}, ` +
      'where the number format clips them; scale the inputs, or use the float arithmetic',
  );
}
