import { invalidOption, SparseTrainError } from '../base/errors.js';
import { checkArgument, closed, fieldsOf, optional } from '../base/options/fields.js';
import { anything, type Kind, number, seedKind, whole } from '../base/options/kinds.js';
import { atOnce, type Steps } from '../base/steps.js';
import { CsrMatrix, checkFiniteValues, gatherSparseRows, type InputMatrix, sliceRows } from './csr.js';
import { checkFinite, checkUsable, type InputArray, Matrix, newLike } from './matrix.js';
import { splitRows } from './split.js';
import {
  type ClassTargets,
  checkNames,
  classTargets,
  type MultilabelTargets,
  multilabelTargets,
  outputCount,
  type Targets,
  type ValueTargets,
  valueTargets,
} from './targets.js';
import { rowWeightsOf } from './weights.js';

/** The shape of an input that is an image: `height` rows of `width` pixels with `channels` numbers each. */
export interface ImageShape {
  readonly height: number;
  readonly width: number;
  /** 1 for grey (the default when a dataset is made), 3 for colour. */
  readonly channels: number;
}

/** Options of {@link Dataset.from}: inputs and exactly one of `labels`, `values` and `multilabel`. */
export interface DatasetSource {
  /** All rows one after another in one typed array (not copied), or a matrix, which may be sparse. */
  inputs: InputArray | InputMatrix;
  /** Inputs per row. Not needed for a matrix, or if there is one label for each row. */
  columns?: number | undefined;
  /** The class of each row: indices from 0 (an Int32Array is not copied), or class names. */
  labels?: ArrayLike<number> | readonly string[] | undefined;
  /** Names of the classes in the order of their indices. By default `'0'`, `'1'`, ..., or the names in sorted order. */
  classes?: readonly string[] | undefined;
  /** Numbers to predict, rows x outputs, row-major; a Float64Array is not copied. */
  values?: ArrayLike<number> | undefined;
  /** 0 or 1 for each row and label, row-major; a Uint8Array is not copied. */
  multilabel?: ArrayLike<number> | undefined;
  /**
   * How much each row counts in training: finite numbers that are 0 or more, of which only the ratios matter. A row of
   * weight 0 is not learned from. A Float64Array is not copied. Evaluation counts every row the same.
   */
  weights?: ArrayLike<number> | undefined;
  /** Names of the outputs, with `values` or `multilabel`. */
  targetNames?: readonly string[] | undefined;
  /** Unique names of the columns. */
  featureNames?: readonly string[] | undefined;
  /** The shape of a row that is an image; its size must equal the number of columns. */
  imageShape?: { readonly height: number; readonly width: number; readonly channels?: number } | undefined;
}

const atLeastOne = whole(1);
const IMAGE_SHAPE = { height: atLeastOne, width: atLeastOne, channels: optional(atLeastOne) };

/** The arguments of {@link Dataset.from}; arrays are checked together with the number of rows. */
const SOURCE = {
  inputs: anything,
  columns: optional(atLeastOne),
  labels: anything,
  classes: anything,
  values: anything,
  multilabel: anything,
  weights: anything,
  targetNames: anything,
  featureNames: anything,
  imageShape: optional(fieldsOf(IMAGE_SHAPE, closed)),
} satisfies Record<keyof DatasetSource, Kind<unknown>>;

/** The share of rows for validation. */
const shareKind = number({ above: 0, below: 1 });

interface DatasetParts<I extends InputMatrix> {
  readonly inputs: I;
  readonly targets: Targets;
  readonly weights: Float64Array | undefined;
  readonly featureNames: readonly string[] | undefined;
  readonly imageShape: ImageShape | undefined;
}

/** A data set with dense or sparse inputs. */
export type AnyDataset = Dataset<InputMatrix>;

/**
 * Examples for training or testing: inputs and targets, row by row. It is checked when it is made and immutable
 * afterwards. The inputs are dense rows, or sparse ones in a `Dataset<CsrMatrix>`.
 */
export class Dataset<I extends InputMatrix = Matrix> {
  /** The inputs, rows x features. */
  readonly inputs: I;
  /** The targets of the same rows. */
  readonly targets: Targets;
  /** How much each row counts in training; undefined if all count the same. */
  readonly weights: Float64Array | undefined;
  /** Names of the features, if there are any. */
  readonly featureNames: readonly string[] | undefined;
  /** The shape of each row, if rows are images. */
  readonly imageShape: ImageShape | undefined;

  private constructor(parts: DatasetParts<I>) {
    this.inputs = parts.inputs;
    this.targets = parts.targets;
    this.weights = parts.weights;
    this.featureNames = parts.featureNames;
    this.imageShape = parts.imageShape;
  }

  /** Number of examples, at least 1. */
  get rows(): number {
    return this.inputs.rows;
  }

  /** Numbers in each input. */
  get features(): number {
    return this.inputs.columns;
  }

  /** The number of output neurons that this data needs: its classes, labels or values. */
  get outputs(): number {
    return outputCount(this.targets);
  }

  /**
   * Makes a dataset from typed arrays and checks every number. The arrays must not be changed afterwards.
   *
   * @example
   * const xor = Dataset.from({ inputs: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), columns: 2, labels: [0, 1, 1, 0] });
   *
   * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION (an argument of the wrong type), or INVALID_DATA (sizes
   * that do not fit each other, NaN or infinity with its row and column, labels out of range, transferred memory)
   */
  static from<T extends InputArray>(source: DatasetSource & { inputs: CsrMatrix<T> }): Dataset<CsrMatrix<T>>;
  static from(source: DatasetSource & { inputs: InputArray | Matrix }): Dataset;
  static from(source: DatasetSource): AnyDataset;
  static from(source: DatasetSource): AnyDataset {
    const { imageShape: shape } = checkArgument('Dataset.from', SOURCE, source);
    const inputs = inputMatrix(source);
    const { featureNames } = source;
    if (featureNames !== undefined) {
      checkNames(featureNames, 'featureNames');
      if (featureNames.length !== inputs.columns) {
        throw new SparseTrainError(
          'INVALID_DATA',
          `featureNames has ${featureNames.length} names for ${inputs.columns} columns`,
        );
      }
    }
    const imageShape = shape === undefined ? undefined : fullShape(shape, inputs.columns);
    if (inputs instanceof CsrMatrix) checkFiniteValues(inputs, 'inputs');
    else checkFinite(inputs.data, inputs.columns, 'inputs', featureNames);
    return new Dataset({
      inputs,
      targets: makeTargets(source, inputs.rows),
      weights: source.weights === undefined ? undefined : rowWeightsOf(source.weights, inputs.rows),
      featureNames: featureNames === undefined ? undefined : [...featureNames],
      imageShape,
    });
  }

  /**
   * Makes a dataset from parts that a reader of files has already checked.
   *
   * @internal
   */
  static ofChecked<T extends InputMatrix>({
    inputs,
    targets,
    weights,
    featureNames,
  }: {
    inputs: T;
    targets: Targets;
    weights?: Float64Array | undefined;
    featureNames: readonly string[];
  }): Dataset<T> {
    checkNames(featureNames, 'featureNames');
    return new Dataset({ inputs, targets, weights, featureNames, imageShape: undefined });
  }

  /**
   * Rows `start` to `end` - 1, as a view of the same memory.
   *
   * @param start - 0 to `rows` - 1
   * @param end - `start` + 1 to `rows`; `rows` by default
   * @throws SparseTrainError INVALID_OPTION if out of range
   */
  slice(start: number, end: number = this.rows): Dataset<I> {
    if (!Number.isInteger(start) || start < 0 || start >= this.rows) {
      throw invalidOption('start', `a whole number from 0 to ${this.rows - 1}`, start);
    }
    if (!Number.isInteger(end) || end <= start || end > this.rows) {
      throw invalidOption('end', `a whole number from ${start + 1} (start + 1) to ${this.rows}`, end);
    }
    checkMemory(this.inputs);
    return new Dataset<I>({
      ...this,
      inputs: sliceRows(this.inputs, start, end) as I,
      weights: this.weights?.subarray(start, end),
      targets: mapTargets(
        this.targets,
        (array, width) => array.subarray(start * width, end * width) as typeof array,
      ),
    });
  }

  /**
   * Copies the rows with the given numbers, in that order. A row may appear more than once.
   *
   * @param indices - at least one; each 0 to `rows` - 1
   * @throws SparseTrainError INVALID_OPTION
   */
  subset(indices: ArrayLike<number>): Dataset<I> {
    const isList = Array.isArray(indices) || (ArrayBuffer.isView(indices) && !(indices instanceof DataView));
    if (!isList || indices.length === 0) {
      throw invalidOption('indices', 'an array with at least one row number', indices);
    }
    for (let i = 0; i < indices.length; i++) {
      const row = indices[i] as number;
      if (!Number.isInteger(row) || row < 0 || row >= this.rows) {
        throw invalidOption(`indices[${i}]`, `a whole number from 0 to ${this.rows - 1}`, row);
      }
    }
    return atOnce(this.#gather(indices));
  }

  *#gather(indices: ArrayLike<number>): Steps<Dataset<I>> {
    const { inputs } = this;
    checkMemory(inputs);
    const gathered =
      inputs instanceof CsrMatrix
        ? gatherSparseRows(inputs, indices)
        : new Matrix(yield* gatherRows(inputs.data, this.features, indices), this.features);
    yield;
    const { weights } = this;
    return new Dataset<I>({
      ...this,
      inputs: gathered as I,
      weights: weights && Float64Array.from(indices, (row) => weights[row] as number),
      targets: mapTargets(this.targets, (array, width) => atOnce(gatherRows(array, width, indices))),
    });
  }

  /**
   * Splits the rows at random into a training and a validation part; both keep the order of the rows. If the targets
   * are classes, each class contributes its share to within one row, and a class with only one row stays in training
   * where possible. The same rows, fraction and seed always give the same split.
   *
   * @param fraction - the share of rows for validation, above 0 and below 1; at least one row goes to each part
   * @param seed - 0 to 2^53 - 1; 1 by default
   * @returns [train, validation], both copies
   * @throws SparseTrainError INVALID_OPTION, or INVALID_DATA if there is only one row
   */
  split(fraction: number, seed = 1): [train: Dataset<I>, validation: Dataset<I>] {
    return atOnce(this.splitSteps(fraction, seed));
  }

  /**
   * Does the work of {@link split} in steps.
   *
   * @internal
   */
  *splitSteps(fraction: number, seed: number): Steps<[train: Dataset<I>, validation: Dataset<I>]> {
    shareKind.check('fraction', fraction);
    seedKind.check('seed', seed);
    if (this.rows < 2) {
      throw new SparseTrainError('INVALID_DATA', 'one row cannot be split into training and validation');
    }
    const { targets } = this;
    const parts =
      targets.kind === 'classes'
        ? yield* splitRows(this.rows, fraction, seed, targets.labels, targets.classes.length)
        : yield* splitRows(this.rows, fraction, seed);
    return [yield* this.#gather(parts.train), yield* this.#gather(parts.validation)];
  }

  /**
   * The number of rows of each class, in the order of `classes`.
   *
   * @throws SparseTrainError INVALID_DATA if the targets are not classes
   */
  classCounts(): Int32Array {
    const { targets } = this;
    if (targets.kind !== 'classes') {
      throw new SparseTrainError(
        'INVALID_DATA',
        `only classes can be counted; these targets are ${targets.kind}`,
      );
    }
    const counts = new Int32Array(targets.classes.length);
    for (const label of targets.labels) counts[label] = (counts[label] as number) + 1;
    return counts;
  }
}

/** Whether all inputs of a dataset are stored, zeros included. */
export function isDense(dataset: AnyDataset): dataset is Dataset {
  return dataset.inputs instanceof Matrix;
}

function checkMemory(inputs: InputMatrix): void {
  if (inputs instanceof Matrix) {
    checkUsable(inputs.data, 'inputs');
    return;
  }
  checkUsable(inputs.values, 'inputs');
  checkUsable(inputs.indices, 'inputs');
}

function inputMatrix(source: DatasetSource): InputMatrix {
  const { inputs, columns, labels } = source;
  if (inputs instanceof Matrix || inputs instanceof CsrMatrix) {
    if (columns !== undefined && columns !== inputs.columns) {
      throw new SparseTrainError(
        'INVALID_DATA',
        `columns is ${columns}, but the matrix has ${inputs.columns} columns`,
      );
    }
    checkMemory(inputs);
    return inputs;
  }
  if (columns !== undefined) return new Matrix(inputs, columns);
  // The Matrix constructor checks that this is a usable array of numbers before its length is read.
  const { length } = new Matrix(inputs, 1).data;
  if (labels === undefined) {
    throw new SparseTrainError(
      'INVALID_OPTION',
      'columns must be given: how many of the inputs make up one row',
    );
  }
  if (!(labels.length > 0) || length % labels.length !== 0) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `inputs hold ${length} elements for ${labels.length} labels, which gives no whole number of columns; ` +
        'give columns, or correct one of the two',
    );
  }
  return new Matrix(inputs, length / labels.length);
}

function makeTargets(source: DatasetSource, rows: number): Targets {
  const { labels, values, multilabel, classes, targetNames } = source;
  const given = (['labels', 'values', 'multilabel'] as const).filter((name) => source[name] !== undefined);
  if (given.length !== 1) {
    const actual = given.length === 0 ? 'none is given' : `there are ${given.join(' and ')}`;
    throw new SparseTrainError(
      'INVALID_OPTION',
      `a dataset needs exactly one of labels (one class a row), values (numbers) and multilabel (0 or 1), but ${actual}`,
    );
  }
  if (classes !== undefined && labels === undefined) {
    throw new SparseTrainError(
      'INVALID_OPTION',
      `classes goes with labels; with ${given[0]}, give targetNames`,
    );
  }
  if (targetNames !== undefined && labels !== undefined) {
    throw new SparseTrainError(
      'INVALID_OPTION',
      'targetNames goes with values or multilabel; with labels, give classes',
    );
  }
  if (labels !== undefined) return classTargets(labels, rows, classes);
  if (values !== undefined) return valueTargets(values, rows, targetNames);
  return multilabelTargets(multilabel as ArrayLike<number>, rows, targetNames);
}

function fullShape(
  { height, width, channels = 1 }: { height: number; width: number; channels?: number | undefined },
  columns: number,
): ImageShape {
  const checked = { height, width, channels };
  const pixels = height * width * channels;
  if (pixels !== columns) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `imageShape is ${height} x ${width} x ${channels}, ${pixels} numbers, but a row has ${columns}`,
    );
  }
  return checked;
}

/** Applies one operation on rows to the array of the targets, whatever its kind; `width` is its elements per row. */
function mapTargets(
  targets: Targets,
  operation: <T extends Int32Array | Uint8Array | Float64Array>(array: T, width: number) => T,
): Targets {
  checkUsable(targets.kind === 'classes' ? targets.labels : targets.data, 'targets');
  switch (targets.kind) {
    case 'classes':
      return { ...targets, labels: operation(targets.labels, 1) } satisfies ClassTargets;
    case 'multilabel':
      return { ...targets, data: operation(targets.data, targets.names.length) } satisfies MultilabelTargets;
    case 'values':
      return { ...targets, data: operation(targets.data, targets.names.length) } satisfies ValueTargets;
  }
}

/** The approximate number of elements that one step copies. */
const STEP_ELEMENTS = 2 ** 16;

function* gatherRows<T extends InputArray | Int32Array>(
  source: T,
  width: number,
  rows: ArrayLike<number>,
): Steps<T> {
  const result = newLike(source, rows.length * width);
  const stepRows = Math.ceil(STEP_ELEMENTS / (width + 16));
  for (let i = 0; i < rows.length; i++) {
    if (i % stepRows === 0) yield;
    const start = (rows[i] as number) * width;
    if (width === 1) result[i] = source[start] as number;
    else result.set(source.subarray(start, start + width), i * width);
  }
  return result;
}
