/**
 * Computes an ONNX graph as the specification of its operators says (onnx.ai/onnx/operators), without any of the freedoms
 * that it leaves: overflowing integers, operands of different types and conversions of numbers out of range are errors.
 * 64-bit integers are bigints.
 */
import type { OnnxModel, OnnxNode, OnnxTensor } from './onnx-file.js';

type Num = number | bigint;

export interface Tensor {
  readonly type: number;
  readonly dims: readonly number[];
  readonly data: readonly Num[];
}

/** TensorProto.DataType. */
const FLOAT = 1;
const UINT8 = 2;
const INT8 = 3;
const UINT16 = 4;
const INT16 = 5;
const INT32 = 6;
const INT64 = 7;
const BOOL = 9;
const DOUBLE = 11;

const RANGES: Record<number, readonly [low: number, high: number]> = {
  [UINT8]: [0, 255],
  [INT8]: [-128, 127],
  [UINT16]: [0, 65_535],
  [INT16]: [-32_768, 32_767],
  [INT32]: [-(2 ** 31), 2 ** 31 - 1],
  [BOOL]: [0, 1],
};

/** A number as its type stores it; throws if the type cannot. */
function held(type: number, x: Num): Num {
  if (type === INT64) {
    const whole = BigInt(x);
    if (BigInt.asIntN(64, whole) !== whole) throw new Error(`${x} overflows int64`);
    return whole;
  }
  const number = Number(x);
  if (type === FLOAT) return Math.fround(number);
  if (type === DOUBLE) return number;
  const [low, high] = RANGES[type] as readonly [number, number];
  if (!Number.isInteger(number) || number < low || number > high)
    throw new Error(`${x} overflows type ${type}`);
  return number;
}

const make = (type: number, dims: readonly number[], data: readonly Num[]): Tensor => {
  const size = dims.reduce((a, b) => a * b, 1);
  if (data.length !== size) throw new Error(`${data.length} numbers for a shape of ${size}`);
  return { type, dims, data: data.map((x) => held(type, x)) };
};

const READERS: Record<number, (view: DataView, at: number) => Num> = {
  [FLOAT]: (view, at) => view.getFloat32(4 * at, true),
  [UINT8]: (view, at) => view.getUint8(at),
  [INT8]: (view, at) => view.getInt8(at),
  [UINT16]: (view, at) => view.getUint16(2 * at, true),
  [INT16]: (view, at) => view.getInt16(2 * at, true),
  [INT32]: (view, at) => view.getInt32(4 * at, true),
  [INT64]: (view, at) => view.getBigInt64(8 * at, true),
  [DOUBLE]: (view, at) => view.getFloat64(8 * at, true),
};

function constant({ dims, dataType, rawData }: OnnxTensor): Tensor {
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  const count = dims.reduce((a, b) => a * b, 1);
  const read = READERS[dataType] as (view: DataView, at: number) => Num;
  return make(
    dataType,
    dims,
    Array.from({ length: count }, (_, i) => read(view, i)),
  );
}

/** Applies an operation to tensors whose shapes are matched from the right, as NumPy does. */
function elementwise(type: number, tensors: readonly Tensor[], operation: (...x: Num[]) => Num): Tensor {
  const rank = Math.max(...tensors.map(({ dims }) => dims.length));
  const padded = tensors.map(({ dims }) => [...new Array<number>(rank - dims.length).fill(1), ...dims]);
  const dims = Array.from({ length: rank }, (_, d) => Math.max(...padded.map((own) => own[d] as number)));
  for (const own of padded)
    for (const [d, size] of own.entries())
      if (size !== 1 && size !== dims[d]) throw new Error('shapes do not match');
  const count = dims.reduce((a, b) => a * b, 1);
  const data = Array.from({ length: count }, (_, i) => {
    const operands = tensors.map(({ data }, t) => {
      let at = 0;
      let left = i;
      let step = 1;
      for (let d = rank - 1; d >= 0; d--) {
        const size = dims[d] as number;
        if (padded[t]?.[d] !== 1) {
          at += (left % size) * step;
          step *= size;
        }
        left = Math.floor(left / size);
      }
      return data[at] as Num;
    });
    return operation(...operands);
  });
  return make(type, dims, data);
}

function sameType(...tensors: readonly Tensor[]): number {
  const [first] = tensors as [Tensor];
  if (tensors.some(({ type }) => type !== first.type)) throw new Error('operands have different types');
  return first.type;
}

const plus = (a: Num, b: Num): Num =>
  typeof a === 'bigint' ? a + (b as bigint) : (a as number) + (b as number);

/** Integers are divided towards zero. */
function arithmetic(operation: string, type: number): (a: Num, b: Num) => Num {
  const isWhole = type !== FLOAT && type !== DOUBLE;
  return (a, b) => {
    if (typeof a === 'bigint') {
      const other = b as bigint;
      if (operation === 'Mul') return a * other;
      if (operation === 'Div') return a / other;
      return operation === 'Add' ? a + other : a - other;
    }
    const other = b as number;
    if (operation === 'Mul') return a * other;
    if (operation === 'Div') return isWhole ? Math.trunc(a / other) : a / other;
    return operation === 'Add' ? a + other : a - other;
  };
}

const pair = ({ dims }: Tensor): readonly [number, number] => {
  if (dims.length !== 2) throw new Error('not a matrix');
  return dims as [number, number];
};

/** A matrix product; each partial sum is stored in the type of the result. */
function product(type: number, a: Tensor, b: Tensor, zeroA: Num = 0, zeroB: Num = 0): Tensor {
  const [rows, inner] = pair(a);
  const [innerB, columns] = pair(b);
  if (inner !== innerB) throw new Error('matrices do not fit');
  const data: Num[] = [];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      let sum: Num = 0;
      for (let i = 0; i < inner; i++) {
        const x = Number(a.data[r * inner + i]) - Number(zeroA);
        const y = Number(b.data[i * columns + c]) - Number(zeroB);
        sum = held(type, plus(sum, held(type, x * y)));
      }
      data.push(sum);
    }
  }
  return make(type, [rows, columns], data);
}

/** To the nearest, ties to even. */
function roundEven(x: number): number {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Reduces one axis of a matrix, or the last of three. */
function reduce(x: Tensor, axis: number, keeps: boolean, operation: (a: Num, b: Num) => Num): Tensor {
  if (axis !== x.dims.length - 1) throw new Error('only the last axis is reduced');
  const size = x.dims.at(-1) as number;
  const outer = x.dims.slice(0, -1);
  const data = Array.from({ length: x.data.length / size }, (_, i) =>
    x.data.slice(i * size, (i + 1) * size).reduce((a, b) => held(x.type, operation(a, b))),
  );
  return make(x.type, keeps ? [...outer, 1] : outer, data);
}

function compute(node: OnnxNode, given: readonly (Tensor | undefined)[]): Tensor {
  const [a, b, c] = given as [Tensor, Tensor, Tensor];
  const attributes = new Map(node.attribute.map(({ name, type, i }) => [name, type === 2 ? i : undefined]));
  const attribute = (name: string, otherwise: number) => attributes.get(name) ?? otherwise;
  switch (node.opType) {
    case 'Identity':
      return a;
    case 'Cast': {
      const to = attribute('to', 0);
      const isWhole = to !== FLOAT && to !== DOUBLE;
      return make(
        to,
        a.dims,
        a.data.map((x) =>
          typeof x === 'number' && isWhole
            ? Math.trunc(x)
            : typeof x === 'bigint' && to !== INT64
              ? Number(x)
              : x,
        ),
      );
    }
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
      return elementwise(sameType(a, b), [a, b], arithmetic(node.opType, a.type));
    case 'GreaterOrEqual':
      sameType(a, b);
      return elementwise(BOOL, [a, b], (x, y) => (x >= y ? 1 : 0));
    case 'Clip':
      if (a.type === INT64) throw new Error('runtimes clip 64-bit integers wrongly');
      return elementwise(sameType(a, b, c), [a, b, c], (x, low, high) =>
        x < low ? low : x > high ? high : x,
      );
    case 'Floor':
      return make(
        a.type,
        a.dims,
        a.data.map((x) => Math.floor(x as number)),
      );
    case 'IsNaN':
      return make(
        BOOL,
        a.dims,
        a.data.map((x) => (Number.isNaN(x) ? 1 : 0)),
      );
    case 'Where':
      return elementwise(sameType(b, c), [a, b, c], (condition, x, y) => (condition === 1 ? x : y));
    case 'Relu':
      return make(
        a.type,
        a.dims,
        a.data.map((x) => Math.max(0, x as number)),
      );
    case 'Sigmoid':
      return make(
        a.type,
        a.dims,
        a.data.map((x) => 1 / (1 + Math.exp(-(x as number)))),
      );
    case 'Tanh':
      return make(
        a.type,
        a.dims,
        a.data.map((x) => Math.tanh(x as number)),
      );
    case 'Softmax': {
      const [, columns] = pair(a);
      if (attribute('axis', -1) !== 1) throw new Error('softmax of another axis');
      const largest = reduce(a, 1, true, (x, y) => (x > y ? x : y));
      const powers = a.data.map((x, i) =>
        Math.exp((x as number) - (largest.data[Math.floor(i / columns)] as number)),
      );
      const total = (i: number) => powers.slice(i * columns, (i + 1) * columns).reduce((x, y) => x + y);
      return make(
        a.type,
        a.dims,
        powers.map((x, i) => x / total(Math.floor(i / columns))),
      );
    }
    case 'ArgMax': {
      const [rows, columns] = pair(a);
      if (attribute('axis', 0) !== 1 || attribute('keepdims', 1) !== 0)
        throw new Error('ArgMax of another axis');
      const data = Array.from({ length: rows }, (_, r) => {
        const row = a.data.slice(r * columns, (r + 1) * columns);
        return BigInt(row.indexOf(row.reduce((x, y) => (y > x ? y : x))));
      });
      return make(INT64, [rows], data);
    }
    case 'Gather': {
      if (b.dims.length !== 1 && attribute('axis', 0) !== 0) throw new Error('not a list of indices');
      const index = b.data.map(Number);
      const axis = attribute('axis', 0);
      const size = a.dims[axis] as number;
      if (index.some((i) => i < 0 || i >= size)) throw new Error('an index is out of range');
      if (axis === 0)
        return make(
          a.type,
          b.dims,
          index.map((i) => a.data[i] as Num),
        );
      const [rows, columns] = pair(a);
      const data = Array.from({ length: rows }, (_, r) =>
        index.map((i) => a.data[r * columns + i] as Num),
      ).flat();
      return make(a.type, [rows, index.length], data);
    }
    case 'Reshape': {
      const dims = b.data.map((size, d) => (size === 0n ? (a.dims[d] as number) : Number(size)));
      return make(a.type, dims, a.data);
    }
    case 'Squeeze': {
      if (b.data.length !== 1 || b.data[0] !== 1n || a.dims[1] !== 1)
        throw new Error('only axis 1 is squeezed');
      return make(a.type, [a.dims[0] as number], a.data);
    }
    case 'ReduceMax':
      return reduce(a, Number(b.data[0]), attribute('keepdims', 1) === 1, (x, y) => (x > y ? x : y));
    case 'ReduceSum':
      return reduce(a, Number(b.data[0]), attribute('keepdims', 1) === 1, plus);
    case 'MatMul':
      return product(sameType(a, b), a, b);
    case 'MatMulInteger':
      return product(INT32, a, b, c.data[0], given[3]?.data[0]);
    case 'Gemm': {
      const type = sameType(a, b, c);
      return elementwise(type, [product(type, a, b), c], plus);
    }
    case 'QuantizeLinear': {
      const [low, high] = RANGES[c.type] as readonly [number, number];
      return elementwise(c.type, [a, b, c], (x, scale, zero) =>
        Math.max(low, Math.min(high, roundEven(Math.fround(Number(x) / Number(scale))) + Number(zero))),
      );
    }
    case 'DequantizeLinear': {
      const zero = c ?? make(a.type, [], [0]);
      return elementwise(FLOAT, [a, b, zero], (x, scale, z) => (Number(x) - Number(z)) * Number(scale));
    }
    default:
      throw new Error(`the interpreter has no operator ${node.opType}`);
  }
}

/** Runs rows of inputs, row-major, through a model; returns its outputs by name. */
export function runOnnx({ graph }: OnnxModel, inputs: ArrayLike<number>): ReadonlyMap<string, Tensor> {
  const tensors = new Map<string, Tensor>(graph.initializer.map((tensor) => [tensor.name, constant(tensor)]));
  if (tensors.size !== graph.initializer.length) throw new Error('two constants have one name');
  const [input] = graph.input;
  if (input === undefined) throw new Error('the graph has no input');
  const { elemType, shape } = input.type.tensorType;
  const columns = shape.dim[1]?.dimValue as number;
  tensors.set(input.name, make(elemType, [inputs.length / columns, columns], Array.from(inputs)));
  for (const node of graph.node) {
    const given = node.input.map((name) => {
      const tensor = tensors.get(name);
      if (tensor === undefined && name !== '')
        throw new Error(`${node.name} needs ${name}, which comes later or never`);
      return tensor;
    });
    const [name] = node.output as [string];
    if (tensors.has(name)) throw new Error(`${name} is computed twice`);
    tensors.set(name, compute(node, given));
  }
  const outputs = graph.output.map(({ name, type }) => {
    const tensor = tensors.get(name) as Tensor;
    if (tensor.type !== type.tensorType.elemType) throw new Error(`${name} has not its type`);
    return [name, tensor] as const;
  });
  return new Map(outputs);
}
