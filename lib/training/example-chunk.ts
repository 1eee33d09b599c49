import { describeValue, SparseTrainError, seenFrom, unknownName } from '../base/errors.js';
import { isSparseRow } from '../data/csr.js';
import { Matrix } from '../data/matrix.js';
import type { Targets } from '../data/targets.js';
import type { NetworkCore } from '../network/core.js';
import type { InputRow } from '../network/inputs.js';
import type { Examples } from './examples.js';
import { SparseRows } from './sparse-rows.js';

/** One example of a stream. */
export interface StreamExample {
  /** As many numbers as the network's first layer has neurons, or a sparse row. */
  input: InputRow;
  /** softmax: the class, counted from 0, or its name if the network knows names. One sigmoid output: 0 or 1. */
  label?: number | string | boolean | undefined;
  /** sigmoid: 0 or 1 for each output; linear: a number for each output. A single number where there is one output. */
  target?: ArrayLike<number> | number | undefined;
}

/**
 * Returns the number of the class that a label names.
 *
 * @throws SparseTrainError INVALID_DATA
 */
export function classOf(core: NetworkCore, label: unknown): number {
  if (typeof label === 'string' && core.classes !== undefined) {
    const index = core.classes.indexOf(label);
    if (index < 0) throw unknownName('INVALID_DATA', 'class', label, core.classes);
    return index;
  }
  if (!Number.isInteger(label) || (label as number) < 0 || (label as number) >= core.outputs) {
    const names = typeof label === 'string' ? ' (names need the option classes)' : '';
    throw new SparseTrainError(
      'INVALID_DATA',
      `a label must be a whole number from 0 to ${core.outputs - 1}${names}, but it is ${describeValue(label)}`,
    );
  }
  return label as number;
}

/**
 * Whether a number given as a label could mean two classes: of the classes "1", "2" and "3", 1 is the name of the first
 * and counts the second.
 */
export function isAmbiguous(classes: readonly string[] | undefined): boolean {
  if (classes === undefined || classes.every((name, i) => name === String(i))) return false;
  return classes.every((name) => name.trim() !== '' && !Number.isNaN(Number(name)));
}

/**
 * Refuses a number as a label of a network for whose classes {@link isAmbiguous} holds.
 *
 * @throws SparseTrainError INVALID_DATA
 */
export function checkMeaning(core: NetworkCore, label: unknown): void {
  if (typeof label !== 'number') return;
  const classes = core.classes as readonly string[];
  const names = classes.slice(0, 20).map((name) => `'${name}'`);
  const atPlace = label in classes ? `; network.classes[${label}] is the one at that place` : '';
  throw new SparseTrainError('INVALID_DATA', {
    says: `the label ${label} could be the name of a class or its place, because the names are numbers (${names.join(', ')})`,
    advice: `give the name as a text, such as ${names[0]}${atPlace}`,
  });
}

/** The examples of a stream, each checked by {@link checkMeaning}. */
export async function* checkedMeanings(
  core: NetworkCore,
  examples: AsyncIterable<StreamExample> | Iterable<StreamExample>,
): AsyncGenerator<StreamExample, void, void> {
  let number = 1;
  for await (const example of examples) {
    try {
      checkMeaning(core, example?.label);
    } catch (error) {
      throw seenFrom(`example ${number} of the stream: `, error as SparseTrainError);
    }
    yield example;
    number++;
  }
}

/**
 * Writes the targets of an example for a sigmoid or linear network, unscaled.
 *
 * @throws SparseTrainError INVALID_DATA
 */
export function writeTarget(
  core: NetworkCore,
  target: unknown,
  into: Uint8Array | Float64Array,
  start: number,
): void {
  const { outputs } = core;
  const isList = isNumberList(target);
  if (!isList && outputs > 1) {
    const expected = `an array of ${outputs} numbers, one per output`;
    throw new SparseTrainError(
      'INVALID_DATA',
      `a target must be ${expected}, but it is ${describeValue(target)}`,
    );
  }
  const numbers: ArrayLike<unknown> = isList ? target : [target];
  if (numbers.length !== outputs) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `a target must have ${outputs} numbers, but it has ${numbers.length}`,
    );
  }
  for (let k = 0; k < outputs; k++) {
    const value = typeof numbers[k] === 'boolean' ? Number(numbers[k]) : numbers[k];
    const fits = into instanceof Uint8Array ? value === 0 || value === 1 : Number.isFinite(value);
    if (!fits) {
      const expected = into instanceof Uint8Array ? '0 or 1' : 'a finite number';
      throw new SparseTrainError(
        'INVALID_DATA',
        `target ${k} must be ${expected}, but it is ${describeValue(value)}`,
      );
    }
    into[start + k] = value as number;
  }
}

type ChunkArray = Uint8Array | Int16Array | Float64Array;

/** The type of array that gathers the inputs of a stream; bytes and 16-bit integers keep their type. */
function chunkArray(input: unknown): new (length: number) => ChunkArray {
  if (input instanceof Uint8Array || input instanceof Uint8ClampedArray) return Uint8Array;
  return input instanceof Int16Array ? Int16Array : Float64Array;
}

function isNumberList(value: unknown): value is ArrayLike<number> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** Gathers examples of a stream until there are enough for an engine call. */
export class ExampleChunk {
  readonly #core: NetworkCore;
  readonly #capacity: number;
  readonly #targets: Int32Array | Uint8Array | Float64Array;
  readonly #inputs: ChunkArray | SparseRows;
  #count = 0;

  /** @param first - the stream's first example, which decides the kind of input that all others must have */
  constructor(core: NetworkCore, capacity: number, first: StreamExample) {
    const { output } = core.options;
    this.#core = core;
    this.#capacity = capacity;
    const Kind = output === 'softmax' ? Int32Array : output === 'sigmoid' ? Uint8Array : Float64Array;
    this.#inputs = isSparseRow(first?.input)
      ? new SparseRows(core.inputs, first.input)
      : new (chunkArray(first?.input))(capacity * core.inputs);
    this.#targets = new Kind(capacity * (output === 'softmax' ? 1 : core.outputs));
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.#capacity;
  }

  /** Removes the examples; their memory is used again. */
  clear(): void {
    this.#count = 0;
    if (this.#inputs instanceof SparseRows) this.#inputs.clear();
  }

  /**
   * Adds a copy of an example. The chunk must not be full.
   *
   * @param number - its place in the stream, for messages
   *
   * @throws SparseTrainError INVALID_DATA
   */
  add(example: StreamExample, number: number): void {
    try {
      if (typeof example !== 'object' || example === null) {
        const expected = '{ input, label } or { input, target }';
        throw new SparseTrainError(
          'INVALID_DATA',
          `it must be ${expected}, but it is ${describeValue(example)}`,
        );
      }
      this.#addInput(example.input);
      this.#addTarget(example);
    } catch (error) {
      if (!(error instanceof SparseTrainError)) throw error;
      throw new SparseTrainError('INVALID_DATA', `example ${number} of the stream: ${error.message}`, {
        cause: error,
      });
    }
    this.#count++;
  }

  /** The examples gathered so far, as views of this chunk's memory. */
  examples(): Examples {
    const { inputs: columns, outputs } = this.#core;
    const gathered = this.#inputs;
    const inputs =
      gathered instanceof SparseRows
        ? gathered.matrix(this.#count)
        : new Matrix(gathered.subarray(0, this.#count * columns) as ChunkArray, columns);
    const names = this.#core.classes ?? Array.from({ length: outputs }, (_, i) => String(i));
    const targets = this.#targets;
    let meant: Targets;
    if (targets instanceof Int32Array) {
      meant = { kind: 'classes', labels: targets.subarray(0, this.#count), classes: names };
    } else if (targets instanceof Uint8Array) {
      meant = { kind: 'multilabel', data: targets.subarray(0, this.#count * outputs), names };
    } else {
      meant = { kind: 'values', data: targets.subarray(0, this.#count * outputs), names };
    }
    return { inputs, targets: meant };
  }

  #addInput(input: unknown): void {
    const columns = this.#core.inputs;
    const gathered = this.#inputs;
    if (gathered instanceof SparseRows) {
      if (!isSparseRow(input)) {
        const advice = 'but the first one was a sparse row; all must be alike';
        throw new SparseTrainError('INVALID_DATA', `input is ${describeValue(input)}, ${advice}`);
      }
      gathered.add(input);
      return;
    }
    if (!isNumberList(input)) {
      throw new SparseTrainError(
        'INVALID_DATA',
        `input must be an array of ${columns} numbers, but it is ${describeValue(input)}`,
      );
    }
    if (input.length !== columns) {
      throw new SparseTrainError(
        'INVALID_DATA',
        `input must have ${columns} numbers, but it has ${input.length}`,
      );
    }
    const isFloat = gathered instanceof Float64Array;
    if (!isFloat && !(gathered instanceof chunkArray(input))) {
      throw new SparseTrainError(
        'INVALID_DATA',
        `input is ${describeValue(input)}, but the first one was ${describeValue(gathered)}; all must be alike`,
      );
    }
    if (isFloat && !Array.prototype.every.call(input, Number.isFinite)) {
      throw new SparseTrainError('INVALID_DATA', 'input has something that is not a finite number');
    }
    gathered.set(input, this.#count * columns);
  }

  #addTarget({ label, target }: StreamExample): void {
    const core = this.#core;
    const targets = this.#targets;
    if (targets instanceof Int32Array) targets[this.#count] = classOf(core, label);
    else writeTarget(core, target ?? label, targets, this.#count * core.outputs);
  }
}
