/**
 * Memory initialisation files with the start state, for $readmemh of Verilog (.mem) and for memory generators of Vivado
 * (.coe), in the layout of docs/hardware.md: one row of a bank per line, its memories side by side, memory 0 in the least
 * significant bits.
 */

import { hardwareTable } from '../engine/tables.js';
import type { HardwareDesign, HardwareParameters, JunctionWiring } from './design.js';

/** The contents of one memory at the start. */
export interface MemoryImage {
  /** The name of its files, without an ending. */
  readonly name: string;
  readonly what: string;
  readonly depth: number;
  /** The number of fields in a row, with field 0 in the least significant bits, and the bits of each. */
  readonly fields: number;
  readonly fieldBits: number;
  /** Rows of fields; negative numbers in two's complement. */
  readonly rows: readonly (readonly number[])[];
}

/** The number of bits that hold 0 to n - 1. */
function bitsFor(n: number): number {
  return Math.max(1, Math.ceil(Math.log2(n)));
}

function rowsOf(values: ArrayLike<number>, fields: number): number[][] {
  return Array.from({ length: Math.ceil(values.length / fields) }, (_, row) =>
    Array.from({ length: fields }, (_, field) => values[row * fields + field] ?? 0),
  );
}

/** The images of all memories that hold something at the start. */
export function memoryImages(design: HardwareDesign, parameters: HardwareParameters): MemoryImage[] {
  const { layers, junctions, width } = design;
  const images: MemoryImage[] = [];
  const add = (name: string, what: string, fieldBits: number, rows: readonly (readonly number[])[]) => {
    images.push({ name, what, depth: rows.length, fields: rows[0]?.length ?? 0, fieldBits, rows });
  };
  for (const [j, wiring] of junctions.entries()) {
    const i = j + 1;
    const weights = parameters.weights[j] as ArrayLike<number>;
    const biases = parameters.biases[j] as ArrayLike<number>;
    const { parallelism: z = 1 } = wiring;
    add(
      `weights_${i}`,
      `weights of junction ${i}: row c holds those of the edges of clock c`,
      width,
      rowsOf(weights, z),
    );
    const fanIn = weights.length / (layers[i] as number);
    const ports = Math.max(1, Math.ceil(z / fanIn));
    add(
      `biases_${i}`,
      `biases of layer ${i}: field m of row r is that of neuron r * ${ports} + m`,
      width,
      rowsOf(biases, ports),
    );
    addWiring(wiring, i, layers[j] as number, add);
  }
  if (design.activation.includes('sigmoid')) {
    const { integerBits, tableFloor } = design;
    const table = hardwareTable({ width, integerBits, tableFloor });
    // The table in the order of the hardware's addresses: the two's complement of the sum's upper bits.
    const half = table.values.length / 2;
    const byAddress = (values: Int32Array) => [...values.subarray(half), ...values.subarray(0, half)];
    const what = `of the sigmoid by bits of the sum with ${table.addressFraction} fraction bits, negative sums behind the others`;
    add('sigmoid', `values ${what}`, width, rowsOf(byAddress(table.values), 1));
    add('sigmoid_derivative', `derivatives ${what}`, width, rowsOf(byAddress(table.slopes), 1));
  }
  return images;
}

function addWiring(
  wiring: JunctionWiring,
  i: number,
  left: number,
  add: (name: string, what: string, fieldBits: number, rows: readonly (readonly number[])[]) => void,
): void {
  const { parallelism: z = 1, startVectors, rowOrders, memoryDither, edges } = wiring;
  const rowBits = bitsFor(left / z);
  if (startVectors !== undefined)
    add(
      `start_${i}`,
      `start vectors of junction ${i}: row s for sweep s, field m for memory m`,
      rowBits,
      startVectors,
    );
  if (rowOrders !== undefined) {
    const clocks = rowOrders.flatMap((memories) =>
      (memories[0] ?? []).map((_, clock) => memories.map((order) => order[clock] as number)),
    );
    add(`rows_${i}`, `rows of junction ${i}: row c holds those read in clock c`, rowBits, clocks);
  }
  if (memoryDither !== undefined)
    add(`dither_${i}`, `memory permutations of junction ${i}: row s for sweep s`, bitsFor(z), memoryDither);
  if (edges !== undefined)
    add(`left_${i}`, `left neurons of junction ${i} by edge`, bitsFor(left), rowsOf(edges.left, 1));
}

/** A row as one number in hexadecimal. */
function hexOf(row: readonly number[], fieldBits: number): string {
  const mask = (1n << BigInt(fieldBits)) - 1n;
  const word = row.reduceRight((above, field) => (above << BigInt(fieldBits)) | (BigInt(field) & mask), 0n);
  return word.toString(16).padStart(Math.ceil((row.length * fieldBits) / 4), '0');
}

/** A file for $readmemh (IEEE 1364, 17.2.9). */
export function readmemhText({ what, depth, fields, fieldBits, rows }: MemoryImage): string {
  const head = `// ${what}\n// ${depth} rows of ${fields} x ${fieldBits} bits, field 0 in the least significant ones\n`;
  return `${head}${rows.map((row) => `${hexOf(row, fieldBits)}\n`).join('')}`;
}

/** A file of coefficients for AMD's memory generators (UG896). */
export function coeText({ what, fieldBits, rows }: MemoryImage): string {
  const words = rows.map((row) => hexOf(row, fieldBits)).join(',\n');
  return `; ${what}\nmemory_initialization_radix=16;\nmemory_initialization_vector=\n${words};\n`;
}
