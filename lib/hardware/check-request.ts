/** Checks the arguments of planHardware(), patternCount() and measureConnectivity(). */

import { invalidOption, SparseTrainError } from '../base/errors.js';
import { checkArgument, closed, fieldsOf, optional } from '../base/options/fields.js';
import {
  anyText,
  anything,
  boolean,
  checkLength,
  type Length,
  listOf,
  number,
  oneOfNumbers,
  whole,
} from '../base/options/kinds.js';
import { checkUsable } from '../data/matrix.js';
import { MAX_EDGES, MAX_LAYERS, MAX_NEURONS } from '../engine/limits.js';
import type { PlanRequest } from './plan/types.js';
import type { PatternFamily, Wiring } from './wiring.js';

/** The largest amount of any resource: far beyond every device, and still exact. */
const MAX_RESOURCE = 1e12;

const neurons = whole(1, MAX_NEURONS);
const resource = whole(0, MAX_RESOURCE);

/** A number for each of `count` layers or junctions. */
const perPart = (count: number) => listOf(neurons, { least: count, most: count });

const DEVICE = {
  name: anyText,
  title: anyText,
  multipliers: resource,
  blocks: resource,
  lutRams: resource,
  source: anyText,
};

const BUDGET = {
  multipliers: optional(resource),
  memoryBits: optional(resource),
  memoryBlocks: optional(resource),
  lutRams: optional(resource),
  device: optional(fieldsOf(DEVICE, closed)),
};

const REQUEST = {
  layers: listOf(neurons, { least: 2, most: MAX_LAYERS }),
  fanOut: listOf(neurons, { least: 1, most: MAX_LAYERS - 1 }),
  width: whole(4, 32),
  clockHz: number({ above: 0, to: 1e12 }),
  budget: fieldsOf(BUDGET, closed),
};

/**
 * Checks a request, and reads it once.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION
 */
export function checkPlanRequest(request: PlanRequest): PlanRequest {
  const checked = checkArgument('planHardware', REQUEST, request);
  perPart(checked.layers.length - 1).check('fanOut', checked.fanOut);
  return checked;
}

/** @throws SparseTrainError INVALID_OPTION */
export function checkParallelism(parallelism: readonly number[], junctions: number): readonly number[] {
  return perPart(junctions).check('parallelism', parallelism);
}

const FAMILY = {
  left: neurons,
  fanOut: neurons,
  fanIn: neurons,
  parallelism: neurons,
  type: oneOfNumbers([1, 2, 3]),
  dither: boolean,
};

/**
 * Checks a family of patterns.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION
 */
export function checkFamily(family: PatternFamily): PatternFamily {
  const checked = checkArgument('patternCount', FAMILY, family);
  const { left, parallelism } = checked;
  if (left % parallelism !== 0)
    throw invalidOption('parallelism', `a divisor of left (${left})`, parallelism);
  return checked;
}

/**
 * Checks the wirings of a network's junctions in a row. Typed arrays are not copied.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION, INVALID_DATA
 */
export function checkWirings(wirings: readonly Wiring[]): Wiring[] {
  if (!Array.isArray(wirings) || wirings.length < 1 || wirings.length >= MAX_LAYERS) {
    throw invalidOption('wirings', `an array of 1 to ${MAX_LAYERS - 1} junctions' edges`, wirings);
  }
  const checked: Wiring[] = [];
  for (let i = 0; i < wirings.length; i++) {
    const wiring = checkWiring(wirings[i], `wirings[${i}]`);
    const before = checked.at(-1);
    if (before !== undefined && before.right !== wiring.left) {
      throw new SparseTrainError(
        'INVALID_OPTION',
        `wirings[${i}] has ${wiring.left} left neurons, but the junction before it has ${before.right} right ones`,
      );
    }
    checked.push(wiring);
  }
  return checked;
}

const WIRING = { left: neurons, right: neurons, offsets: anything, lefts: anything };

function checkWiring(wiring: unknown, what: string): Wiring {
  const { left, right, offsets, lefts } = checkArgument(what, WIRING, wiring, `${what}.`);
  const edges = wholes(`${what}.lefts`, lefts, { most: MAX_EDGES }, left - 1);
  const starts = wholes(`${what}.offsets`, offsets, { least: right + 1, most: right + 1 }, edges.length);
  for (let r = 0; r < right; r++) {
    if ((starts[r] as number) <= (starts[r + 1] as number)) continue;
    throw invalidOption(
      `${what}.offsets[${r + 1}]`,
      `at least ${starts[r]}, as offsets ascend`,
      starts[r + 1],
    );
  }
  if (starts[0] !== 0 || starts[right] !== edges.length) {
    throw new SparseTrainError(
      'INVALID_OPTION',
      `${what}.offsets must begin with 0 and end with ${edges.length}, the number of edges, but they are ${starts[0]} and ${starts[right]}`,
    );
  }
  return { left, right, offsets: starts, lefts: edges };
}

/** Whole numbers from 0 to `high`, in a typed array, which is not copied, or a list. */
function wholes(name: string, values: unknown, length: Length, high: number): ArrayLike<number> {
  const kind = whole(0, high);
  const isBig = values instanceof BigInt64Array || values instanceof BigUint64Array;
  if (!ArrayBuffer.isView(values) || isBig || values instanceof DataView)
    return listOf(kind, length).check(name, values);
  checkUsable(values, name);
  const numbers = values as unknown as ArrayLike<number>;
  checkLength(name, numbers, length);
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i] as number;
    // The name is made only for a wrong number, because there may be millions of them.
    if (!(Number.isInteger(value) && value >= 0 && value <= high)) kind.check(`${name}[${i}]`, value);
  }
  return numbers;
}
