/** Builds a graph of ONNX operators, one expression at a time. */
import type { TargetScaling } from '../../data/scaling.js';
import { ATTRIBUTE_TYPE, DATA_TYPE, type ElementType } from './schema.js';

/** A tensor in the graph: its name there, and the type of its elements. */
export interface Value {
  readonly name: string;
  readonly type: ElementType;
}

/** Attributes of an operator. */
type Attributes = Readonly<Record<string, number>>;

type Numbers = ArrayLike<number>;

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  uint8: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
} as const;

/**
 * A graph under construction. Nodes are in the order of the calls; every method returns the tensor that its operator
 * produces. There are no implicit conversions: the operands of an operator need one type.
 */
export class Graph {
  readonly node: object[] = [];
  readonly initializer: object[] = [];
  /** Total bytes of the constants. */
  bytes = 0;
  readonly #scalars = new Map<string, Value>();

  /** Adds an operator. */
  apply(
    opType: string,
    inputs: readonly (Value | undefined)[],
    type: ElementType,
    attributes: Attributes = {},
    name = `${opType}_${this.node.length}`,
  ): Value {
    this.node.push({
      name: `node_${name}`,
      opType,
      input: inputs.map((value) => value?.name ?? ''),
      output: [name],
      attribute: Object.entries(attributes).map(([key, i]) => ({ name: key, i, type: ATTRIBUTE_TYPE.int })),
    });
    return { name, type };
  }

  /** Adds a constant. Numbers of type int64 must be whole and within +-2^53. */
  constant(name: string, type: ElementType, dims: readonly number[], numbers: Numbers): Value {
    const data =
      type === 'int64'
        ? BigInt64Array.from({ length: numbers.length }, (_, i) => BigInt(numbers[i] as number))
        : ARRAYS[type as keyof typeof ARRAYS].from(numbers);
    const rawData = new Uint8Array(data.buffer);
    this.bytes += rawData.length;
    this.initializer.push({ name, dataType: DATA_TYPE[type], dims, rawData });
    return { name, type };
  }

  /** A scalar constant, created once for each number. */
  scalar(type: ElementType, number: number): Value {
    const key = `${type}_${number}`;
    let value = this.#scalars.get(key);
    if (value === undefined) {
      value = this.constant(`const_${key}`, type, [], [number]);
      this.#scalars.set(key, value);
    }
    return value;
  }

  cast(value: Value, type: ElementType): Value {
    return value.type === type ? value : this.apply('Cast', [value], type, { to: DATA_TYPE[type] });
  }

  add(a: Value, b: Value | number): Value {
    return b === 0 ? a : this.apply('Add', [a, this.#operand(a, b)], a.type);
  }

  subtract(a: Value, b: Value | number): Value {
    return b === 0 ? a : this.apply('Sub', [a, this.#operand(a, b)], a.type);
  }

  multiply(a: Value, b: Value | number): Value {
    return b === 1 ? a : this.apply('Mul', [a, this.#operand(a, b)], a.type);
  }

  /** Integers are rounded towards zero. */
  divide(a: Value, b: Value | number): Value {
    return b === 1 ? a : this.apply('Div', [a, this.#operand(a, b)], a.type);
  }

  /**
   * Clips a value. 64-bit integers, which must be within +-2^53, are clipped as float64: onnxruntime on x86
   * compares them wrongly from 32 bits on (its pull request 25280), and OpenVINO cuts them off there (its issue 37957).
   */
  clip(value: Value, low: number, high: number): Value {
    if (value.type === 'int64') return this.cast(this.clip(this.cast(value, 'float64'), low, high), 'int64');
    return this.apply(
      'Clip',
      [value, this.scalar(value.type, low), this.scalar(value.type, high)],
      value.type,
    );
  }

  /** 1 where a >= b, otherwise 0, as int64. */
  atLeast(a: Value, b: Value | number): Value {
    return this.cast(this.apply('GreaterOrEqual', [a, this.#operand(a, b)], 'bool'), 'int64');
  }

  /** Looks up entries of a one-dimensional table. */
  look(table: Value, index: Value): Value {
    return this.apply('Gather', [table, this.cast(index, 'int64')], table.type, { axis: 0 });
  }

  /**
   * floor(value / 2^bits) of int64 within +-2^52: integer division rounds towards zero, so the dividend is made
   * positive first.
   */
  shiftDown(value: Value, bits: number): Value {
    if (bits === 0) return value;
    const lift = 2 ** 52;
    return this.subtract(this.divide(this.add(value, lift), 2 ** bits), lift / 2 ** bits);
  }

  /** Predictions of scaled targets, [rows, outputs] in float32, in the unit of the targets. */
  unscaleTargets(scores: Value, { mean, sd }: TargetScaling): Value {
    const product = this.multiply(
      this.cast(scores, 'float64'),
      this.constant('target_sd', 'float64', [sd.length], sd),
    );
    const sum = this.add(product, this.constant('target_mean', 'float64', [mean.length], mean));
    return this.cast(sum, 'float32');
  }

  /** Makes a tensor an output of this name. */
  output(value: Value, name: string): Value {
    return this.apply('Identity', [value], value.type, {}, name);
  }

  #operand(like: Value, operand: Value | number): Value {
    return typeof operand === 'number' ? this.scalar(like.type, operand) : operand;
  }
}
