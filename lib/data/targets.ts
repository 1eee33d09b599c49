import { describeValue, invalidOption, nearest, SparseTrainError } from '../base/errors.js';
import { MAX_NEURONS } from '../engine/limits.js';
import { checkFinite, checkUsable } from './matrix.js';

/** One of several classes for each example. */
export interface ClassTargets {
  readonly kind: 'classes';
  /** The class of each example: an index into `classes`. */
  readonly labels: Int32Array;
  /** Unique names of the classes. */
  readonly classes: readonly string[];
}

/** Any number of labels per example. */
export interface MultilabelTargets {
  readonly kind: 'multilabel';
  /** Row-major, rows x outputs; 1 where the label applies, otherwise 0. */
  readonly data: Uint8Array;
  /** Names of the labels, one per output. */
  readonly names: readonly string[];
}

/** Numbers to predict (regression). */
export interface ValueTargets {
  readonly kind: 'values';
  /** Row-major, rows x outputs; all finite. */
  readonly data: Float64Array;
  /** Names of the numbers, one per output. */
  readonly names: readonly string[];
}

/** The targets of examples; `kind` tells the forms apart. */
export type Targets = ClassTargets | MultilabelTargets | ValueTargets;

/** The number of output neurons that the targets need. */
export function outputCount(targets: Targets): number {
  return targets.kind === 'classes' ? targets.classes.length : targets.names.length;
}

/** The most classes if `classes` is not given: the size of the largest layer. */
const MAX_CLASSES = MAX_NEURONS;

/**
 * Makes class targets from one label for each row. An Int32Array is not copied; other arrays are converted.
 *
 * @param labels - class indices from 0, or class names
 * @param classes - the classes' names in order; by default '0', '1', ... for indices, and the sorted names for names
 */
export function classTargets(
  labels: ArrayLike<number> | readonly string[],
  rows: number,
  classes: readonly string[] | undefined,
): ClassTargets {
  checkArrayLike(labels, 'labels', 'an Int32Array of class indices, other integers, or class names');
  if (labels.length !== rows) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `there are ${labels.length} labels for ${rows} rows of inputs; each row needs exactly one`,
    );
  }
  if (classes !== undefined) checkNames(classes, 'classes');
  return typeof labels[0] === 'string'
    ? fromClassNames(labels as readonly string[], classes)
    : fromClassIndices(labels as ArrayLike<number>, classes);
}

function fromClassIndices(labels: ArrayLike<number>, classes: readonly string[] | undefined): ClassTargets {
  const limit = classes?.length ?? MAX_CLASSES;
  let highest = 0;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number;
    if (!Number.isInteger(label) || label < 0 || label >= limit) {
      const why = classes === undefined ? '' : `, as there are ${limit} classes`;
      const hint =
        typeof (label as unknown) === 'bigint' || (typeof label === 'number' && label >= MAX_CLASSES)
          ? '; number the classes from 0, or give ids as texts'
          : label === limit && classes !== undefined
            ? '; labels count from 0'
            : '';
      throw new SparseTrainError(
        'INVALID_DATA',
        `labels: row ${i} is ${describeValue(label)}, but must be a whole number from 0 to ${limit - 1}${why}${hint}`,
      );
    }
    if (label > highest) highest = label;
  }
  return {
    kind: 'classes',
    labels: labels instanceof Int32Array ? labels : Int32Array.from(labels),
    classes: classes === undefined ? Array.from({ length: highest + 1 }, (_, i) => String(i)) : [...classes],
  };
}

function fromClassNames(labels: readonly string[], classes: readonly string[] | undefined): ClassTargets {
  const names = classes === undefined ? [...new Set(labels)].sort() : [...classes];
  const indices = new Map(names.map((name, i) => [name, i]));
  const result = new Int32Array(labels.length);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as string;
    const index = typeof label === 'string' ? indices.get(label) : undefined;
    if (index === undefined) {
      const near = typeof label === 'string' ? nearest(label, names) : undefined;
      throw new SparseTrainError(
        'INVALID_DATA',
        `labels: row ${i} is ${describeValue(label)}, which is none of the ${names.length} classes` +
          (near === undefined ? '' : `; did you mean "${near}"?`),
      );
    }
    result[i] = index;
  }
  checkNames(names, 'classes');
  return { kind: 'classes', labels: result, classes: names };
}

/** Makes regression targets, `rows` x outputs. A Float64Array is not copied; other arrays are converted. */
export function valueTargets(
  values: ArrayLike<number>,
  rows: number,
  names: readonly string[] | undefined,
): ValueTargets {
  checkArrayLike(values, 'values', 'a Float64Array or other array of numbers');
  const outputs = countOutputs(values.length, rows, 'values');
  const notNumber = Array.isArray(values) ? values.findIndex((value) => typeof value !== 'number') : -1;
  if (notNumber !== -1) throw invalidOption(`values[${notNumber}]`, 'a number', values[notNumber]);
  const data = values instanceof Float64Array ? values : Float64Array.from(values);
  checkFinite(data, outputs, 'values', names);
  return { kind: 'values', data, names: checkTargetNames(names, outputs, 'value') };
}

/** Makes multi-label targets, `rows` x outputs of 0 and 1. A Uint8Array is not copied; other arrays are converted. */
export function multilabelTargets(
  marks: ArrayLike<number>,
  rows: number,
  names: readonly string[] | undefined,
): MultilabelTargets {
  checkArrayLike(marks, 'multilabel', 'a Uint8Array or other array of 0 and 1');
  const outputs = countOutputs(marks.length, rows, 'multilabel');
  for (let i = 0; i < marks.length; i++) {
    const mark = marks[i];
    if (mark === 0 || mark === 1) continue;
    throw new SparseTrainError(
      'INVALID_DATA',
      `multilabel: row ${Math.floor(i / outputs)}, column ${i % outputs} is ${describeValue(mark)} ` +
        '(both counted from 0), but must be 0 or 1',
    );
  }
  return {
    kind: 'multilabel',
    data: marks instanceof Uint8Array ? marks : Uint8Array.from(marks),
    names: checkTargetNames(names, outputs, 'label'),
  };
}

function checkArrayLike(value: unknown, name: string, expected: string): void {
  const isBig = value instanceof BigInt64Array || value instanceof BigUint64Array;
  if (ArrayBuffer.isView(value) && !isBig && !(value instanceof DataView)) checkUsable(value, name);
  else if (!Array.isArray(value)) throw invalidOption(name, expected, value);
}

function countOutputs(length: number, rows: number, name: string): number {
  if (length === 0 || length % rows !== 0) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `${name} holds ${length} numbers for ${rows} rows of inputs; each row needs the same number, at least one`,
    );
  }
  return length / rows;
}

function checkTargetNames(
  names: readonly string[] | undefined,
  outputs: number,
  prefix: string,
): readonly string[] {
  if (names === undefined) return Array.from({ length: outputs }, (_, i) => `${prefix} ${i + 1}`);
  checkNames(names, 'targetNames');
  if (names.length !== outputs) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `targetNames has ${names.length} names, but each row has ${outputs} target${outputs === 1 ? '' : 's'}`,
    );
  }
  return [...names];
}

/** Checks a list of names: at least one, all strings, all different. */
export function checkNames(names: unknown, option: string): asserts names is readonly string[] {
  if (!Array.isArray(names) || names.length === 0) {
    throw invalidOption(option, 'an array with at least one name', names);
  }
  const seen = new Set<unknown>();
  for (const name of names) {
    if (typeof name !== 'string') throw invalidOption(option, 'an array of strings', name);
    if (seen.has(name)) {
      throw new SparseTrainError(
        'INVALID_OPTION',
        `${option} must be all different, but "${name}" is there twice`,
      );
    }
    seen.add(name);
  }
}
