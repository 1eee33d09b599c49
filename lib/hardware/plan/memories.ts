/** The memories of a network at a given parallelism (docs/edge-processing.md, section 4). */
import { halfBlocks, LUT_ROWS, lutsFor } from '../devices.js';
import type { MemoryBank, PlanRequest } from './types.js';

/** All memories of all layers and junctions. */
export function memoriesOf(request: PlanRequest, parallelism: readonly number[]): MemoryBank[] {
  const { layers, fanOut, width } = request;
  const junctions = fanOut.length;
  const result: MemoryBank[] = [];
  const add = (
    what: MemoryBank['what'],
    of: string,
    banks: number,
    size: number,
    memories: number,
    sameAddress: boolean,
  ) => {
    const depth = Math.ceil(size / memories);
    const kind = sameAddress || depth > LUT_ROWS ? 'block' : 'lut';
    // Memories that are always read in the same row become one wide memory.
    const halves = sameAddress ? halfBlocks(depth, memories * width) : memories * halfBlocks(depth, width);
    result.push({
      what,
      of,
      banks,
      memories,
      depth,
      width,
      bits: banks * memories * depth * width,
      kind,
      blocks: kind === 'block' ? Math.ceil((banks * halves) / 2) : 0,
      lutRams: kind === 'lut' ? banks * memories * lutsFor(depth, width) : 0,
    });
  };
  for (let i = 0; i < junctions; i++) {
    const banks = 2 * (junctions - i) + 1;
    const z = parallelism[i] as number;
    add('activations', `layer ${i}`, banks, layers[i] as number, z, false);
    if (i > 0) add('derivatives', `layer ${i}`, banks, layers[i] as number, z, false);
  }
  for (let i = 1; i <= junctions; i++) {
    // Layer i is read as the left side of the next junction; the output layer is only the right side of the last one.
    const memories = parallelism[i] ?? rightPorts(request, parallelism, i - 1);
    add('deltas', `layer ${i}`, 2, layers[i] as number, memories, i === junctions);
  }
  for (let i = 0; i < junctions; i++) {
    const z = parallelism[i] as number;
    add('weights', `junction ${i + 1}`, 1, (layers[i] as number) * (fanOut[i] as number), z, true);
    add('biases', `junction ${i + 1}`, 1, layers[i + 1] as number, rightPorts(request, parallelism, i), true);
  }
  return result;
}

/** The number of right neurons to which the edges of one clock cycle belong. */
export function rightPorts(
  { layers, fanOut }: PlanRequest,
  parallelism: readonly number[],
  i: number,
): number {
  const fanIn = ((layers[i] as number) * (fanOut[i] as number)) / (layers[i + 1] as number);
  return Math.max(1, Math.ceil((parallelism[i] as number) / fanIn));
}
