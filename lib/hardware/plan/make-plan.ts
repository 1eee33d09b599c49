/** Makes the plan of a network for a legal parallelism: clock cycles, multipliers, memories. */
import { slicesPerProduct } from '../devices.js';
import { limits } from './budget.js';
import { memoriesOf } from './memories.js';
import type { HardwarePlan, JunctionPlan, MemoryBank, PlanRequest } from './types.js';

const PIPELINE_FILL = 2;

/** The plan for a legal parallelism. */
export function planFor(request: PlanRequest, parallelism: readonly number[]): HardwarePlan {
  const { layers, fanOut, width, clockHz, budget } = request;
  const notes: string[] = [];
  const junctions = fanOut.map((fo, i): JunctionPlan => {
    const left = layers[i] as number;
    const right = layers[i + 1] as number;
    const z = parallelism[i] as number;
    const edges = left * fo;
    const fanIn = edges / right;
    const bp = i === 0 ? 0 : 2 * z;
    if (left % fanIn !== 0) {
      notes.push(
        `junction ${i + 1}: the fan-in ${fanIn} does not divide the ${left} left neurons, so right neurons straddle two ` +
          'sweeps; start vectors that give one a left neuron twice must be drawn again, or be the same in all sweeps (type 3)',
      );
    }
    if (z % fanIn !== 0 && fanIn % z !== 0) {
      notes.push(
        `junction ${i + 1}: neither of fan-in ${fanIn} and z = ${z} divides the other, so sums of right neurons begin ` +
          'and end within clock cycles; the adder trees need more inputs',
      );
    }
    if (left === z && fo > 1) {
      notes.push(
        `junction ${i + 1}: memories of a single row leave type 1 to 3 patterns nothing to choose but memory dithering`,
      );
    }
    return {
      junction: i + 1,
      left,
      right,
      fanOut: fo,
      fanIn,
      edges,
      density: edges / (left * right),
      parallelism: z,
      rows: left / z,
      sweeps: fo,
      clocks: edges / z,
      rightPerClock: z / fanIn,
      multipliers: { ff: z, up: z, bp, total: 2 * z + bp },
    };
  });
  const memories = memoriesOf(request, parallelism);
  const sum = (of: (bank: MemoryBank) => number) => memories.reduce((total, bank) => total + of(bank), 0);
  const clocks = (junctions[0] as JunctionPlan).clocks;
  const clocksPerBlock = clocks + PIPELINE_FILL;
  const secondsPerBlock = clocksPerBlock / clockHz;
  const count = junctions.length;
  const multipliers = junctions.reduce((total, junction) => total + junction.multipliers.total, 0);
  const edges = junctions.reduce((total, junction) => total + junction.edges, 0);
  const dense = junctions.reduce((total, { left, right }) => total + left * right, 0);
  const used = {
    multipliers,
    memoryBits: sum((bank) => bank.bits),
    memoryBlocks: sum((bank) => bank.blocks),
    lutRams: sum((bank) => bank.lutRams),
  };
  const slices = multipliers * slicesPerProduct(width);
  return {
    layers,
    fanOut,
    parallelism,
    width,
    clockHz,
    edges,
    density: edges / dense,
    junctions,
    clocksPerJunctionCycle: clocks,
    clocksPerBlock,
    secondsPerBlock,
    imagesPerSecond: 1 / secondsPerBlock,
    latency: {
      outputBlocks: count + 1,
      outputSeconds: (count + 1) * secondsPerBlock,
      updateBlocks: 2 * count + 1,
      updateSeconds: (2 * count + 1) * secondsPerBlock,
    },
    memories,
    used,
    slices,
    utilisation: Object.fromEntries(
      limits(budget, width).map(({ resource, limit }) => [resource, used[resource] / limit]),
    ),
    busy: clocks / clocksPerBlock,
    notes,
  };
}
