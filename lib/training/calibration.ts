/** Temperature scaling: one number makes the probabilities of classes neither too sure nor too unsure. */

import { number, wordOr } from '../base/options/kinds.js';
import type { NetworkCore } from '../network/core.js';

/** The lowest and the highest temperature. */
const COLDEST = 0.25;
const HOTTEST = 8;

/**
 * The option `calibration`: a temperature, or 'validation' for the one with the least loss on the examples of the
 * validation.
 */
export const calibrationKind = wordOr('validation', number({ from: COLDEST, to: HOTTEST }));

/** Golden-section search narrows the limits by this factor at each step, and to a thousandth in all. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;
const STEPS = 18;
/** At most about this many examples are used: more would not change the second digit of a temperature. */
const EXAMPLES = 5000;
/** Smaller probabilities count as this one, because the engine's have 14 bits. */
const LEAST = 2 ** -14;
/** The logarithm of a temperature is expected to be 0, give or take this much; it decides where examples are few. */
const EXPECTED_DEVIATION = 0.5;

/**
 * The temperature T with the least cross-entropy of softmax(log p / T) (Guo et al. 2017, arXiv:1706.04599). It is above 1
 * where probabilities are too sure. A prior keeps it near 1 for few examples.
 *
 * @param scores - probabilities of examples that the network has not learned from, row-major, labels.length x classes
 */
export function fitTemperature(scores: Float32Array, labels: ArrayLike<number>, classes: number): number {
  const step = Math.max(1, Math.floor(labels.length / EXAMPLES));
  const logs: number[] = [];
  const picked: number[] = [];
  for (let i = 0; i < labels.length; i += step) {
    picked.push(labels[i] as number);
    for (let k = 0; k < classes; k++) logs.push(Math.log(Math.max(LEAST, scores[i * classes + k] as number)));
  }
  const lossAt = (logT: number) =>
    crossEntropy(logs, picked, classes, Math.exp(-logT)) + (logT / EXPECTED_DEVIATION) ** 2 / 2;
  let [low, high] = [Math.log(COLDEST), Math.log(HOTTEST)];
  let [left, right] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
  let [atLeft, atRight] = [lossAt(left), lossAt(right)];
  for (let i = 0; i < STEPS; i++) {
    if (atLeft <= atRight) {
      [high, right, atRight] = [right, left, atLeft];
      left = high - GOLDEN * (high - low);
      atLeft = lossAt(left);
    } else {
      [low, left, atLeft] = [left, right, atRight];
      right = low + GOLDEN * (high - low);
      atRight = lossAt(right);
    }
  }
  return Number(Math.exp((low + high) / 2).toFixed(2));
}

/** The sum over examples of -log softmax(factor * log p) of their labels. */
function crossEntropy(
  logs: readonly number[],
  labels: readonly number[],
  classes: number,
  factor: number,
): number {
  let loss = 0;
  for (const [i, label] of labels.entries()) {
    const at = i * classes;
    let largest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < classes; k++) largest = Math.max(largest, factor * (logs[at + k] as number));
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += Math.exp(factor * (logs[at + k] as number) - largest);
    loss += Math.log(sum) + largest - factor * (logs[at + label] as number);
  }
  return loss;
}

/** Probabilities at another temperature: softmax(log p / T) of each row. */
export function atTemperature(scores: Float32Array, classes: number, temperature: number): Float32Array {
  if (temperature === 1) return scores;
  const result = new Float32Array(scores.length);
  for (let start = 0; start < scores.length; start += classes) {
    let sum = 0;
    for (let k = start; k < start + classes; k++) {
      const power = Math.max(LEAST, scores[k] as number) ** (1 / temperature);
      result[k] = power;
      sum += power;
    }
    for (let k = start; k < start + classes; k++) result[k] = (result[k] as number) / sum;
  }
  return result;
}

/** Makes the probabilities of both classes from that of the second. */
export function bothClasses(scores: Float32Array): Float32Array {
  const both = new Float32Array(2 * scores.length);
  for (const [i, score] of scores.entries()) {
    both[2 * i] = 1 - score;
    both[2 * i + 1] = score;
  }
  return both;
}

/**
 * Divides the weights and biases of the last junction by a temperature, and with them the sums that the softmax is
 * computed from. Everything that reads the model, exports included, then gives calibrated probabilities, and decides as
 * before. A temperature below 1 is applied as far as the weights stay within the range of their format.
 *
 * @returns the temperature that was applied
 */
export function applyTemperature(core: NetworkCore, temperature: number): number {
  const { engine, options, junctionCount } = core;
  const { arithmetic } = options;
  core.drain();
  const last = junctionCount - 1;
  const weights = engine.weights(last);
  const biases = engine.biases(last);
  const isFloat = arithmetic.kind === 'float';
  const limit = arithmetic.kind === 'wide' ? 2 ** (arithmetic.weightBits - 1) - 1 : Number.POSITIVE_INFINITY;
  let largest = 0;
  for (const weight of weights) largest = Math.max(largest, Math.abs(weight));
  const divisor = Math.max(temperature, largest / limit);
  for (const numbers of [weights, biases])
    for (const [i, value] of numbers.entries())
      numbers[i] = isFloat ? value / divisor : Math.round(value / divisor);
  engine.setWeights(last, weights);
  engine.setBiases(last, biases);
  return divisor;
}
