import { Random } from '../base/random.js';
import type { Steps } from '../base/steps.js';

/** The row numbers of the two parts of a split, each ascending; every row is in exactly one part. */
export interface SplitRows {
  readonly train: Int32Array;
  readonly validation: Int32Array;
}

/**
 * Draws round(rows x fraction) rows for validation: at least one, but not all.
 *
 * @param groups - the class of each row; each class then contributes its share of rows, to within one
 * @param groupCount - number of classes
 */
export function* splitRows(
  rows: number,
  fraction: number,
  seed: number,
  groups?: Int32Array,
  groupCount = 1,
): Steps<SplitRows> {
  const wanted = Math.min(rows - 1, Math.max(1, Math.round(rows * fraction)));
  const sizes = new Int32Array(groupCount);
  if (groups === undefined) sizes[0] = rows;
  else for (const group of groups) sizes[group] = (sizes[group] as number) + 1;
  const quotas = shareOut(sizes, fraction, wanted);

  yield;
  const order = new Int32Array(rows);
  for (let i = 0; i < rows; i++) order[i] = i;
  new Random(seed).shuffle(order);
  yield;
  const inValidation = new Uint8Array(rows);
  for (const row of order) {
    const group = groups?.[row] ?? 0;
    const left = quotas[group] as number;
    if (left === 0) continue;
    quotas[group] = left - 1;
    inValidation[row] = 1;
  }

  yield;
  const train = new Int32Array(rows - wanted);
  const validation = new Int32Array(wanted);
  let trained = 0;
  let validated = 0;
  for (let row = 0; row < rows; row++) {
    if (inValidation[row] === 1) validation[validated++] = row;
    else train[trained++] = row;
  }
  return { train, validation };
}

/**
 * The number of rows from each group, `wanted` in total: the integer part of its share, plus at most one for the
 * groups with the largest remainders (the lowest group first among equals). Groups that would keep only one row for
 * training come last.
 */
function shareOut(sizes: Int32Array, fraction: number, wanted: number): Int32Array {
  const quotas = sizes.map((size) => Math.floor(size * fraction));
  const remainders = Array.from(sizes, (size, group) => size * fraction - (quotas[group] as number));
  const byRemainder = Array.from(sizes.keys())
    .filter((group) => (sizes[group] as number) > 0)
    .sort((a, b) => (remainders[b] as number) - (remainders[a] as number) || a - b);
  const keepsOne = (group: number) => (sizes[group] as number) - (quotas[group] as number) >= 2;
  const asked = [...byRemainder.filter(keepsOne), ...byRemainder.filter((group) => !keepsOne(group))];
  const whole = quotas.reduce((sum, quota) => sum + quota, 0);
  for (const group of asked.slice(0, wanted - whole)) quotas[group] = (quotas[group] as number) + 1;
  return quotas;
}
