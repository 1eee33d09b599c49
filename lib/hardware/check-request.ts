/** Checks the arguments of planHardware(), patternCount() and measureConnectivity(). */

import { invalidOption, SparseTrainError } from '../base/errors.js';
import { checkBoolean, checkNumberAbove, checkWhole } from '../base/options/checks.js';
import { checkOptionNames } from '../base/options/names.js';
import { checkUsable } from '../data/matrix.js';
import { MAX_EDGES, MAX_LAYERS, MAX_NEURONS } from '../engine/limits.js';
import type { Budget, PlanRequest } from './plan/types.js';
import type { PatternFamily, Wiring } from './wiring.js';

/** The most of any resource: far beyond every device, and still exact. */
const MAX_RESOURCE = 1e12;

/**
 * Checks a request, and reads it once.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION
 */
export function checkPlanRequest(request: PlanRequest): PlanRequest {
  checkOptionNames('planHardware', request, ['layers', 'fanOut', 'width', 'clockHz', 'budget']);
  const { width, clockHz, budget } = request;
  const layers = wholes('layers', request.layers, 2, MAX_LAYERS, MAX_NEURONS);
  const junctions = layers.length - 1;
  const fanOut = wholes('fanOut', request.fanOut, junctions, junctions, MAX_NEURONS);
  checkWhole('width', width, 4, 32);
  checkNumberAbove('clockHz', clockHz, 0, 1e12);
  return { layers, fanOut, width, clockHz, budget: checkBudget(budget) };
}

/** @throws SparseTrainError INVALID_OPTION */
export function checkParallelism(parallelism: readonly number[], junctions: number): readonly number[] {
  return wholes('parallelism', parallelism, junctions, junctions, MAX_NEURONS);
}

function checkBudget(budget: Budget): Budget {
  checkOptionNames('budget', budget, ['multipliers', 'memoryBits', 'memoryBlocks', 'lutRams', 'device']);
  const { device, ...limits } = budget;
  for (const [name, limit] of Object.entries(limits))
    if (limit !== undefined) checkWhole(`budget.${name}`, limit, 0, MAX_RESOURCE);
  if (device === undefined) return limits;
  checkOptionNames('budget.device', device, ['name', 'title', 'multipliers', 'blocks', 'lutRams', 'source']);
  const { name, title, multipliers, blocks, lutRams, source } = device;
  for (const [part, value] of Object.entries({ name, title, source }))
    if (typeof value !== 'string') throw invalidOption(`budget.device.${part}`, 'a text', value);
  for (const [part, value] of Object.entries({ multipliers, blocks, lutRams }))
    checkWhole(`budget.device.${part}`, value, 0, MAX_RESOURCE);
  return { ...limits, device: { name, title, multipliers, blocks, lutRams, source } };
}

/**
 * Checks a family of patterns.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION
 */
export function checkFamily(family: PatternFamily): PatternFamily {
  checkOptionNames('patternCount', family, ['left', 'fanOut', 'fanIn', 'parallelism', 'type', 'dither']);
  const { left, fanOut, fanIn, parallelism, type, dither } = family;
  checkWhole('left', left, 1, MAX_NEURONS);
  checkWhole('fanOut', fanOut, 1, MAX_NEURONS);
  checkWhole('fanIn', fanIn, 1, MAX_NEURONS);
  checkWhole('parallelism', parallelism, 1, left);
  if (left % parallelism !== 0)
    throw invalidOption('parallelism', `a divisor of left (${left})`, parallelism);
  checkWhole('type', type, 1, 3);
  checkBoolean('dither', dither);
  return { left, fanOut, fanIn, parallelism, type, dither };
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

function checkWiring(wiring: unknown, what: string): Wiring {
  checkOptionNames(what, wiring, ['left', 'right', 'offsets', 'lefts']);
  const { left, right, offsets, lefts } = wiring as Wiring;
  checkWhole(`${what}.left`, left, 1, MAX_NEURONS);
  checkWhole(`${what}.right`, right, 1, MAX_NEURONS);
  const edges = neurons(`${what}.lefts`, lefts, 0, MAX_EDGES, left - 1);
  const starts = neurons(`${what}.offsets`, offsets, right + 1, right + 1, edges.length);
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

/** Whole numbers from 0 to `high`, in a typed array or a list. */
function neurons(
  name: string,
  values: unknown,
  least: number,
  most: number,
  high: number,
): ArrayLike<number> {
  const isBig = values instanceof BigInt64Array || values instanceof BigUint64Array;
  if (!ArrayBuffer.isView(values) || isBig || values instanceof DataView)
    return wholes(name, values, least, most, high, 0);
  checkUsable(values, name);
  const numbers = values as unknown as ArrayLike<number>;
  checkLength(name, numbers.length, least, most);
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i] as number;
    // The name is made only for a wrong number: there are as many numbers as edges.
    if (!(Number.isInteger(value) && value >= 0 && value <= high))
      checkWhole(`${name}[${i}]`, value, 0, high);
  }
  return numbers;
}

/** A list of whole numbers, each read once. */
function wholes(
  name: string,
  list: unknown,
  least: number,
  most: number,
  high: number,
  low = 1,
): readonly number[] {
  if (!Array.isArray(list)) throw invalidOption(name, 'an array of whole numbers', list);
  checkLength(name, list.length, least, most);
  const checked: number[] = [];
  for (let i = 0; i < list.length; i++) {
    const value: unknown = list[i];
    checkWhole(`${name}[${i}]`, value, low, high);
    checked.push(value);
  }
  return checked;
}

function checkLength(name: string, length: number, least: number, most: number): void {
  if (length >= least && length <= most) return;
  const range = least === most ? `${least}` : `${least} to ${most}`;
  throw new SparseTrainError('INVALID_OPTION', `${name} must have ${range} numbers, but it has ${length}`);
}
