/**
 * How a network is mapped to hardware: the degree of parallelism of each junction, and what that takes in clocks,
 * multipliers and memories (docs/edge-processing.md, sections 1 and 4; arXiv:1806.01087).
 */
import { commonCycles, divisors, fanOutStep, nearestFanOut, parallelismFor } from '../network/interleaver.js';
import { checkParallelism, checkPlanRequest } from './check-request.js';
import { type Device, halfBlocks, LUT_ROWS, lutsFor, slicesPerProduct } from './devices.js';

/** A network to map. */
export interface PlanRequest {
  /** Neurons per layer, input first. */
  readonly layers: readonly number[];
  /** Edges per left neuron of each junction. */
  readonly fanOut: readonly number[];
  /** Bits of every number. */
  readonly width: number;
  /** Clocks per second. */
  readonly clockHz: number;
  readonly budget: Budget;
}

/** What there is to spend; undefined: as much as one likes. */
export interface Budget {
  readonly multipliers?: number | undefined;
  readonly memoryBits?: number | undefined;
  /** Block RAMs of 36 kbit. */
  readonly memoryBlocks?: number | undefined;
  readonly lutRams?: number | undefined;
  readonly device?: Device | undefined;
}

/** What a budget counts. */
export type Resource = 'multipliers' | 'memoryBits' | 'memoryBlocks' | 'lutRams';

/** One junction of a plan, counted from 1. */
export interface JunctionPlan {
  readonly junction: number;
  readonly left: number;
  readonly right: number;
  readonly fanOut: number;
  readonly fanIn: number;
  readonly edges: number;
  readonly density: number;
  /** z: edges processed per clock, and memories that hold the left layer. */
  readonly parallelism: number;
  /** p/z: rows of each of these memories, and clocks of a sweep. */
  readonly rows: number;
  readonly sweeps: number;
  /** W/z. */
  readonly clocks: number;
  /** Right neurons whose sums are completed in a clock, on average. */
  readonly rightPerClock: number;
  readonly multipliers: {
    readonly ff: number;
    readonly up: number;
    readonly bp: number;
    readonly total: number;
  };
}

/** Memories of one kind of one layer or junction. */
export interface MemoryBank {
  readonly what: 'activations' | 'derivatives' | 'deltas' | 'weights' | 'biases';
  /** Of activations, derivatives and deltas: the layer, counted from 0; of the others: the junction, from 1. */
  readonly of: string;
  /** Banks that hold it, each for another input. */
  readonly banks: number;
  /** Memories of a bank. */
  readonly memories: number;
  readonly depth: number;
  /** Bits of a row of a memory. */
  readonly width: number;
  /** Of all banks together. */
  readonly bits: number;
  /** Where it goes: block RAM, or look-up tables for few rows that are addressed one by one. */
  readonly kind: 'block' | 'lut';
  /** Block RAMs of 36 kbit of all banks together. */
  readonly blocks: number;
  readonly lutRams: number;
}

/** A network on hardware. */
export interface HardwarePlan {
  readonly layers: readonly number[];
  readonly fanOut: readonly number[];
  readonly parallelism: readonly number[];
  readonly width: number;
  readonly clockHz: number;
  readonly edges: number;
  readonly density: number;
  readonly junctions: readonly JunctionPlan[];
  /** W/z, the same for all junctions. */
  readonly clocksPerJunctionCycle: number;
  /** W/z + 2: the pipeline fills in two clocks. */
  readonly clocksPerBlock: number;
  readonly secondsPerBlock: number;
  /** One image per block. */
  readonly imagesPerSecond: number;
  readonly latency: {
    /** From loading an input until its output is known: J + 1 blocks. */
    readonly outputBlocks: number;
    readonly outputSeconds: number;
    /** Until its last update is done: 2J + 1 blocks. */
    readonly updateBlocks: number;
    readonly updateSeconds: number;
  };
  readonly memories: readonly MemoryBank[];
  readonly used: Readonly<Record<Resource, number>>;
  /** DSP slices that the multipliers take; more than one each for numbers of more than 18 bits. */
  readonly slices: number;
  /** The share of each budgeted resource that is used. */
  readonly utilisation: Partial<Record<Resource, number>>;
  /** Share of the clocks in which multipliers compute. */
  readonly busy: number;
  readonly notes: readonly string[];
}

/** What came of a request. */
export type PlanOutcome =
  | {
      readonly possible: true;
      readonly plan: HardwarePlan;
      /** Why it is not faster. */
      readonly binds: string;
    }
  | {
      readonly possible: false;
      readonly reasons: readonly string[];
      /** The nearest that works, and what is different in it; undefined: none was found. */
      readonly nearest: { readonly plan: HardwarePlan; readonly change: string } | undefined;
    };

const PIPELINE_FILL = 2;

/** Clocks and edges: numbers above this are not planned for. */
const MAX = 2 ** 31 - 1;

/** Why there is no such network in hardware, whatever the parallelism; empty: there is. */
function shapeFaults({ layers, fanOut }: Pick<PlanRequest, 'layers' | 'fanOut'>): string[] {
  return fanOut.flatMap((fo, i) => {
    const p = layers[i] as number;
    const n = layers[i + 1] as number;
    const edges = p * fo;
    const name = `junction ${i + 1} (${p} to ${n}, fan-out ${fo})`;
    if (fo > n) return `${name}: a left neuron cannot have more edges than there are right neurons (${n})`;
    if (edges > MAX) return `${name} has ${edges} edges; at most ${MAX} are possible`;
    if (edges % n !== 0) {
      const step = fanOutStep(p, n);
      const near = [Math.floor(fo / step) * step, Math.ceil(fo / step) * step].filter(
        (f) => f >= 1 && f <= n,
      );
      return (
        `${name}: ${edges} edges do not divide among ${n} right neurons, which all have the same fan-in; ` +
        `fan-outs that do are multiples of ${step} (${[...new Set(near)].join(' or ')})`
      );
    }
    return [];
  });
}

function memoriesOf(request: PlanRequest, parallelism: readonly number[]): MemoryBank[] {
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
    // Memories that are always read in the same row are one wide memory.
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
    // Layer i is read as the left side of the next junction; the output layer only as the right side of the last.
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

/** Right neurons that edges of one clock belong to. */
function rightPorts({ layers, fanOut }: PlanRequest, parallelism: readonly number[], i: number): number {
  const fanIn = ((layers[i] as number) * (fanOut[i] as number)) / (layers[i + 1] as number);
  return Math.max(1, Math.ceil((parallelism[i] as number) / fanIn));
}

/** The plan for a parallelism, which is legal. */
function planFor(request: PlanRequest, parallelism: readonly number[]): HardwarePlan {
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
          'and end within clocks; the adder trees need more inputs',
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

/** What a budget limits, in the units of {@link HardwarePlan.used}. */
function limits(budget: Budget, width: number): { resource: Resource; limit: number; what: string }[] {
  const { device } = budget;
  const perProduct = slicesPerProduct(width);
  const ofDevice = device === undefined ? '' : ` of the ${device.name}`;
  const all: { resource: Resource; limit: number | undefined; what: string }[] = [
    {
      resource: 'multipliers',
      limit:
        budget.multipliers ??
        (device === undefined ? undefined : Math.floor(device.multipliers / perProduct)),
      what: budget.multipliers === undefined ? `DSP slices${ofDevice}` : 'multipliers',
    },
    { resource: 'memoryBits', limit: budget.memoryBits, what: 'bits of memory' },
    {
      resource: 'memoryBlocks',
      limit: budget.memoryBlocks ?? device?.blocks,
      what: `block RAMs${budget.memoryBlocks === undefined ? ofDevice : ''}`,
    },
    {
      resource: 'lutRams',
      limit: budget.lutRams ?? device?.lutRams,
      what: `look-up tables for memories${ofDevice}`,
    },
  ];
  return all.flatMap(({ resource, limit, what }) => (limit === undefined ? [] : { resource, limit, what }));
}

/** What of the budget a plan exceeds. */
function excesses(plan: HardwarePlan, budget: Budget): string[] {
  return limits(budget, plan.width).flatMap(({ resource, limit, what }) => {
    const used = plan.used[resource];
    return used <= limit ? [] : `it takes ${whole(used)} of ${whole(limit)} ${what}`;
  });
}

const whole = (value: number) => value.toLocaleString('en-US');

/**
 * Maps a network to hardware: with `parallelism` checks that it is legal and within the budget, otherwise chooses the
 * fastest that is.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION
 */
export function planHardware(given: PlanRequest, wished?: readonly number[]): PlanOutcome {
  const request = checkPlanRequest(given);
  const parallelism = wished === undefined ? undefined : checkParallelism(wished, request.fanOut.length);
  const shape = shapeFaults(request);
  if (shape.length > 0) return impossible(request, shape, parallelism);
  return parallelism === undefined ? choose(request) : check(request, parallelism);
}

function choose(request: PlanRequest): PlanOutcome {
  const { layers, fanOut, budget } = request;
  const cycles = commonCycles(layers, fanOut);
  if (cycles.length === 0) return impossible(request, [noCommonCycle(request)]);
  let faster: HardwarePlan | undefined;
  for (const cycle of cycles) {
    const plan = planFor(request, parallelismFor(layers, fanOut, cycle));
    if (excesses(plan, budget).length === 0)
      return { possible: true, plan, binds: bindingReason(plan, faster, budget) };
    faster = plan;
  }
  const slowest = faster as HardwarePlan;
  const reasons = excesses(slowest, budget).map(
    (excess) => `even with the smallest parallelism, z = ${slowest.parallelism.join(', ')}, ${excess}`,
  );
  return impossible(request, reasons);
}

function bindingReason(plan: HardwarePlan, faster: HardwarePlan | undefined, budget: Budget): string {
  if (faster === undefined) {
    return (
      `the network: a junction cycle cannot be shorter than ${plan.clocksPerJunctionCycle} clocks, ` +
      'as z divides the left neurons and all junctions take equally long'
    );
  }
  return `the next faster, z = ${faster.parallelism.join(', ')} at ${faster.clocksPerBlock} clocks a block: ${excesses(faster, budget).join('; ')}`;
}

/** Why no junction cycle is common to all junctions. */
function noCommonCycle({ layers, fanOut }: PlanRequest): string {
  const some = fanOut.map((fo, i) => {
    const cycles = divisors(layers[i] as number).map((rows) => rows * fo);
    const shown = cycles.length > 8 ? [...cycles.slice(0, 7), '...', cycles.at(-1)] : cycles;
    return `junction ${i + 1} can take ${shown.join(', ')}`;
  });
  return `no number of clocks is possible for all junctions: ${some.join('; ')} (fan-out times a divisor of the left neurons)`;
}

function check(request: PlanRequest, parallelism: readonly number[]): PlanOutcome {
  const { layers, fanOut, budget } = request;
  const reasons = parallelism.flatMap((z, i) => {
    const p = layers[i] as number;
    if (p % z !== 0) {
      const near = nearestOf(divisors(p), z);
      return `junction ${i + 1}: z = ${z} does not divide the ${p} left neurons, which live in z memories of p/z rows; the nearest that does is ${near}`;
    }
    return [];
  });
  const cycles = parallelism.map((z, i) => ((layers[i] as number) * (fanOut[i] as number)) / z);
  if (cycles.some((cycle) => cycle !== cycles[0])) {
    const shown = cycles.map((cycle, i) => `${Number(cycle.toFixed(2))} in junction ${i + 1}`).join(', ');
    reasons.push(
      `junctions take different numbers of clocks (${shown}); z must be in proportion to the edges`,
    );
  }
  for (const [i, z] of parallelism.entries()) {
    const next = parallelism[i + 1];
    const ports = rightPorts(request, parallelism, i);
    if (next === undefined || ports <= next) continue;
    reasons.push(
      `junction ${i + 1}: z = ${z} completes ${ports} right neurons in a clock, more than the ${next} memories that they go to`,
    );
  }
  if (reasons.length > 0) {
    const plan = nearestLegal(request, parallelism);
    return plan === undefined ? impossible(request, reasons, parallelism) : refused(reasons, plan);
  }
  const plan = planFor(request, parallelism);
  const excess = excesses(plan, budget);
  if (excess.length === 0) return { possible: true, plan, binds: 'the parallelism, which was given' };
  const best = choose(request);
  return best.possible ? refused(excess, best.plan) : { ...best, reasons: excess };
}

function refused(reasons: readonly string[], plan: HardwarePlan): PlanOutcome {
  return { possible: false, reasons, nearest: { plan, change: `z = ${plan.parallelism.join(', ')}` } };
}

function nearestOf(values: readonly number[], wanted: number): number {
  return values.reduce((best, value) => (Math.abs(value - wanted) < Math.abs(best - wanted) ? value : best));
}

/** The legal plan within the budget whose z are nearest to those wanted, by their ratios. */
function nearestLegal(request: PlanRequest, wanted: readonly number[]): HardwarePlan | undefined {
  const { layers, fanOut, budget } = request;
  const distance = (z: readonly number[]) =>
    z.reduce((sum, value, i) => sum + Math.abs(Math.log(value / (wanted[i] as number))), 0);
  return commonCycles(layers, fanOut)
    .map((cycle) => parallelismFor(layers, fanOut, cycle))
    .sort((a, b) => distance(a) - distance(b))
    .map((z) => planFor(request, z))
    .find((plan) => excesses(plan, budget).length === 0);
}

function impossible(
  request: PlanRequest,
  reasons: readonly string[],
  wanted?: readonly number[],
): PlanOutcome {
  return { possible: false, reasons, nearest: nearestNetwork(request, wanted) };
}

/** Candidates looked at before the search for a nearest network is given up. */
const CANDIDATES = 20_000;

/**
 * The network most like the wished one that can be mapped within the budget: with layers padded (neurons are only
 * added), other fan-outs, or fewer bits. Likeness is the sum of the logarithms of the changes.
 */
function nearestNetwork(
  request: PlanRequest,
  wanted: readonly number[] | undefined,
): { plan: HardwarePlan; change: string } | undefined {
  const candidates = [...similar(request)].sort((a, b) => a.distance - b.distance).slice(0, CANDIDATES);
  for (const candidate of candidates) {
    if (shapeFaults(candidate.request).length > 0) continue;
    const outcome =
      wanted === undefined ? fastest(candidate.request) : nearestLegal(candidate.request, wanted);
    if (outcome !== undefined) return { plan: outcome, change: describeChange(request, candidate.request) };
  }
  return undefined;
}

/** The fastest plan within the budget, without looking further. */
function fastest(request: PlanRequest): HardwarePlan | undefined {
  const { layers, fanOut, budget } = request;
  const plans = commonCycles(layers, fanOut).map(
    (cycle) => () => planFor(request, parallelismFor(layers, fanOut, cycle)),
  );
  const fits = (plan: HardwarePlan) => excesses(plan, budget).length === 0;
  // The slowest takes the fewest multipliers: where those are too many, no other will do.
  const slowest = plans.at(-1)?.();
  const { multipliers = Number.POSITIVE_INFINITY } = Object.fromEntries(
    limits(budget, request.width).map(({ resource, limit }) => [resource, limit]),
  );
  if (slowest === undefined || slowest.used.multipliers > multipliers) return undefined;
  for (const plan of plans) {
    const made = plan();
    if (fits(made)) return made;
  }
  return undefined;
}

interface Candidate {
  readonly request: PlanRequest;
  readonly distance: number;
}

function* similar(request: PlanRequest): Generator<Candidate> {
  const { layers, fanOut, width } = request;
  const paddings = layers.map((n) => {
    // Small networks are searched in more detail than deep ones.
    const steps = layers.length <= 3 ? [2, 4, 8, 16, 32, 64, 128] : [8, 32];
    const sizes = [n, ...steps.map((step) => Math.ceil(n / step) * step), 2 ** Math.ceil(Math.log2(n))];
    return [...new Set(sizes)].sort((a, b) => a - b);
  });
  const sizes = combinations(paddings, 1000) ?? uniform(paddings);
  const widths = [width, ...[16, 12, 10, 8].filter((bits) => bits < width)];
  for (const layer of sizes) {
    const degrees = fanOut.map((fo, i) => fanOutsNear(fo, layer[i] as number, layer[i + 1] as number));
    const outs = combinations(degrees, 300) ?? uniform(degrees);
    for (const fo of outs) {
      for (const bits of widths) {
        const distance =
          apart(layers, layer) +
          apart(fanOut, fo) +
          Math.abs(Math.log(bits / width)) +
          (bits === width ? 0 : 0.5);
        yield { request: { ...request, layers: layer, fanOut: fo, width: bits }, distance };
      }
    }
  }
}

/** Fan-outs that divide edges evenly, some of them near the wish. */
function fanOutsNear(wish: number, left: number, right: number): number[] {
  const step = fanOutStep(left, right);
  const wishes = [wish, wish - step, wish + step, 2 ** Math.round(Math.log2(wish)), wish / 2, wish / 4];
  return [...new Set(wishes.map((fo) => nearestFanOut(fo, left, right)))];
}

function apart(wanted: readonly number[], given: readonly number[]): number {
  return wanted.reduce((sum, value, i) => sum + Math.abs(Math.log((given[i] as number) / value)), 0);
}

/** All ways to take one of each list, or undefined if they are more than `most`. */
function combinations(lists: readonly (readonly number[])[], most: number): number[][] | undefined {
  if (lists.reduce((product, list) => product * list.length, 1) > most) return undefined;
  return lists.reduce<number[][]>(
    (all, list) => all.flatMap((some) => list.map((item) => [...some, item])),
    [[]],
  );
}

/** The i-th of each list for every i. */
function uniform(lists: readonly (readonly number[])[]): number[][] {
  const longest = Math.max(...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, k) =>
    lists.map((list) => list[Math.min(k, list.length - 1)] as number),
  );
}

function describeChange(wished: PlanRequest, found: PlanRequest): string {
  const parts: string[] = [];
  if (apart(wished.layers, found.layers) > 0) parts.push(`layers ${found.layers.join('-')}`);
  if (apart(wished.fanOut, found.fanOut) > 0) parts.push(`fan-outs ${found.fanOut.join(', ')}`);
  if (wished.width !== found.width) parts.push(`${found.width} bits`);
  return parts.length === 0 ? 'another parallelism' : parts.join(', ');
}
