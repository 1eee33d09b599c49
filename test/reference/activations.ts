import { at, nearest, range, within } from './integers.js';

/** The largest activation in units of 2^-8. */
export const ACTIVATION_MAX = 2047;

/** e^x from additions, multiplications and divisions only. */
export function exactExp(x: number): number {
  if (x < 0) return 1 / exactExp(-x);
  const y = x / 1024;
  let m = 0;
  for (let i = 16; i >= 1; i--) m = (y / i) * (1 + m);
  for (let i = 0; i < 10; i++) m = m * (m + 2);
  return 1 + m;
}

const sigma = (x: number): number => 1 / (1 + exactExp(-x));

/** f at u / 256 for u = -2047 .. 2047, in units of 1 / one. */
const tabulate = (f: (x: number) => number, one: number): number[] =>
  range(2 * ACTIVATION_MAX + 1).map((i) => nearest(f((i - ACTIVATION_MAX) / 256) * one));

export const SIGMOID = tabulate(sigma, 256);
export const TANH = tabulate((x) => 2 / (1 + exactExp(-2 * x)) - 1, 256);
export const PROBABILITY = tabulate(sigma, 16384);

/** The entry for u / 256. */
export const look = (table: readonly number[], u: number): number =>
  at(table, within(u, ACTIVATION_MAX) + ACTIVATION_MAX);

export type Activation = 'relu' | 'sigmoid' | 'tanh';

/** An activation from a sum in units of 2^-8. */
export function activate(activation: Activation, q: number): number {
  switch (activation) {
    case 'relu':
      return Math.min(Math.max(q, 0), ACTIVATION_MAX);
    case 'sigmoid':
      return look(SIGMOID, q);
    case 'tanh':
      return look(TANH, q);
  }
}
