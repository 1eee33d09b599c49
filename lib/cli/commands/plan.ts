import { SparseTrainError, unknownName } from '../../base/errors.js';
import { boolean, listOf, number, text, whole } from '../../base/options/kinds.js';
import { MAX_NEURONS } from '../../engine/limits.js';
import { DEVICES, findDevice } from '../../hardware/devices.js';
import { type MeasuredSpeed, measureTraining, planHost } from '../../hardware/host-speed.js';
import { planHardware } from '../../hardware/plan/plan-hardware.js';
import type { HardwarePlan, PlanRequest } from '../../hardware/plan/types.js';
import { fanOutStep, nearestFanOut } from '../../network/interleaver.js';
import type { NetworkOptions } from '../../network/options.js';
import { hostText, planText } from '../../terminal/plan-text.js';
import { defineCommand } from '../command.js';
import { withIsa } from '../isa.js';
import { HARDWARE_MNIST } from '../presets.js';
import { networkOptions, networkSettings, wholeLayers } from '../settings/network.js';
import type { Settings, Values } from '../settings/setting.js';
import { missingOption } from '../usage.js';

const designSettings = {
  layers: wholeLayers,
  fanOut: networkSettings.fanOut,
  density: networkSettings.density,
  width: { flag: '--width', kind: whole(4, 32), description: 'bits of every number: 4 to 16, or 32' },
  parallelism: {
    flag: '--parallelism',
    kind: listOf(whole(1, MAX_NEURONS), { least: 1, placeholder: '<z>' }),
    description: 'z of each junction; it is then checked instead of chosen',
  },
} as const satisfies Settings;

const budgetSettings = {
  clock: { flag: '--clock', kind: number({ above: 0, to: 10_000 }), description: 'in MHz' },
  device: {
    flag: '--device',
    kind: { ...text('<name>'), words: DEVICES.map(({ name }) => name) },
    description: `a budget of DSP slices and memories: ${DEVICES.map(({ name }) => name).join(', ')}`,
  },
  multipliers: {
    flag: '--multipliers',
    kind: whole(1, 1e9),
    description: "the number available, instead of the device's DSP slices",
  },
  memoryBits: { flag: '--memory-bits', kind: whole(1, 1e12), description: 'the bits of memory available' },
  memoryBlocks: {
    flag: '--memory-blocks',
    kind: whole(1, 1e9),
    description: "the block RAMs of 36 kbit available, instead of the device's",
  },
} as const satisfies Settings;

const hostSettings = {
  host: {
    flag: '--host',
    kind: boolean,
    description: 'say instead which kernel set, layout and threads the network gets on this machine, and why',
  },
  measure: {
    flag: '--no-measure',
    kind: boolean,
    description: "leave out this software's own time for the network",
  },
  pattern: networkSettings.pattern,
  arithmetic: networkSettings.arithmetic,
} as const satisfies Settings;

/** Networks with more edges are planned but not measured, because measuring them would take long. */
const MOST_MEASURED = 5_000_000;

type PlanValues = Values<typeof designSettings> & Values<typeof budgetSettings> & Values<typeof hostSettings>;

export default defineCommand({
  description:
    'Chooses z, the number of edges that each junction processes per clock cycle, so that all junctions take equally long within ' +
    'the budget. Prints clock cycles, images per second, latency, multipliers, every memory, and the command that trains ' +
    'the network with this z. With --parallelism it checks the given z instead. If no plan is possible, it says why, shows the ' +
    'nearest network that works, and exits with status 1.',
  options: { 'Network:': designSettings, 'Budget:': budgetSettings, 'Software:': hostSettings },
  defaults: {
    fanOut: 'dense',
    width: '12',
    clock: '15, the published one',
    pattern: 'auto (with --host)',
    arithmetic: 'wide (with --host)',
  },
  examples: [
    'sparse-train plan --layers 1024,64,32 --fan-out 4,16 --parallelism 128,32',
    'sparse-train plan --layers 1024,64,32 --fan-out 4,16 --device xc7a100t --clock 100',
    'sparse-train plan --layers 784,112,10 --density 0.1,1 --multipliers 500 --width 16',
    'sparse-train plan --host --layers 784,512,10 --density 0.1,1',
  ],
  async run({ terminal, options }) {
    const { layers } = options;
    if (layers === undefined) {
      throw missingOption('--layers', 'neurons of all layers, input first, such as 1024,64,32');
    }
    if (options.host) return host(options, layers, terminal);
    const request = planRequest(options, layers);
    const outcome = planHardware(request, options.parallelism);
    const software =
      outcome.possible && options.measure !== false && outcome.plan.edges <= MOST_MEASURED
        ? await softwareSpeed(outcome.plan)
        : undefined;
    const { device } = request.budget;
    const trainCommand = outcome.possible ? trainingCommand(outcome.plan) : undefined;
    return {
      document: {
        ...outcome,
        trainCommand: trainCommand ?? null,
        budget: { ...request.budget, device: device ?? null },
        software: software === undefined ? null : withIsa(software),
      },
      text: () => planText(outcome, software, terminal, device, trainCommand),
      status: outcome.possible ? 0 : 1,
    };
  },
});

async function host(
  options: PlanValues,
  layers: readonly number[],
  terminal: Parameters<typeof hostText>[2],
) {
  const { fanOut, density, pattern, arithmetic, width } = options;
  const parallelism = pattern === undefined || arithmetic !== 'hardware' ? undefined : options.parallelism;
  const network: NetworkOptions = {
    ...networkOptions(
      { fanOut, density, pattern, arithmetic, ...hardwareValues(arithmetic, width), parallelism },
      layers,
    ),
    output: (layers.at(-1) as number) > 1 ? 'softmax' : 'sigmoid',
  };
  const plan = await planHost(network);
  const { kernelSets: isas, whyKernelSet: whyIsa, measured, ...rest } = withIsa(plan);
  return {
    document: { layers, ...rest, isas, whyIsa, measured: measured.map(withIsa) },
    text: () => hostText(plan, layers, terminal),
  };
}

function hardwareValues(arithmetic: string | undefined, width = 12) {
  return arithmetic === 'hardware' ? { width, integerBits: integerBitsOf(width) } : {};
}

function planRequest(options: PlanValues, layers: readonly number[]): PlanRequest {
  const { width = 12, clock = 15, parallelism } = options;
  if (width > 16 && width !== 32) {
    throw new SparseTrainError('INVALID_OPTION', `--width must be 4 to 16, or 32, but it is ${width}`);
  }
  const junctions = layers.length - 1;
  if (parallelism !== undefined && parallelism.length !== junctions) {
    throw new SparseTrainError(
      'INVALID_OPTION',
      `--parallelism must have one z for each of the ${junctions} junctions, but it has ${parallelism.length}`,
    );
  }
  const device = options.device === undefined ? undefined : findDevice(options.device);
  if (options.device !== undefined && device === undefined) {
    const names = DEVICES.map(({ name }) => name);
    throw unknownName('INVALID_OPTION', 'device', options.device, names);
  }
  const { multipliers, memoryBits, memoryBlocks } = options;
  return {
    layers,
    fanOut: fanOuts(options, layers),
    width,
    clockHz: clock * 1e6,
    budget: { multipliers, memoryBits, memoryBlocks, device },
  };
}

/**
 * Fan-outs as given; densities are converted to the nearest fan-outs that give all right neurons the same
 * fan-in.
 */
function fanOuts({ fanOut, density }: PlanValues, layers: readonly number[]): readonly number[] {
  if (fanOut !== undefined && density !== undefined) {
    throw new SparseTrainError(
      'INVALID_OPTION',
      '--fan-out and --density both set the number of edges; give one of them',
    );
  }
  const junctions = layers.length - 1;
  const spread = (value: number | readonly number[], name: string): readonly number[] => {
    if (typeof value === 'number') return new Array<number>(junctions).fill(value);
    if (value.length === junctions) return value;
    throw new SparseTrainError(
      'INVALID_OPTION',
      `${name} must be one for all junctions or one for each of the ${junctions}, but there are ${value.length}`,
    );
  };
  if (fanOut !== undefined) return spread(fanOut, '--fan-out');
  const densities = spread(density ?? 1, '--density');
  return densities.map((share, i) => {
    const right = layers[i + 1] as number;
    const left = layers[i] as number;
    return share === 1 ? right : nearestFanOut(Math.max(share * right, fanOutStep(left, right)), left, right);
  });
}

/**
 * The command that trains a planned network with its z; undefined without a hidden layer, because the
 * commands need one. MNIST has its own command, which pads images and classes to the published 1024 inputs
 * and 32 outputs.
 */
function trainingCommand({ layers, fanOut, parallelism, width }: HardwarePlan): string | undefined {
  const hidden = layers.slice(1, -1);
  if (hidden.length === 0) return undefined;
  const isMnist = layers[0] === HARDWARE_MNIST.inputs && layers.at(-1) === HARDWARE_MNIST.outputs;
  return [
    `npx sparse-train ${isMnist ? 'mnist' : 'train --data FILE'} --arithmetic hardware`,
    `--layers ${hidden.join(',')} --fan-out ${fanOut.join(',')}`,
    `--pattern ${planPattern(layers, fanOut)} --parallelism ${parallelism.join(',')}`,
    `--width ${width} --integer-bits ${integerBitsOf(width)}`,
  ].join(' ');
}

/**
 * Draws a new start vector for each sweep, unless right neurons straddle two sweeps: then one vector serves
 * all sweeps, so that no edge occurs twice.
 */
function planPattern(layers: readonly number[], fanOut: readonly number[]): 'SS' | 'SV' {
  const straddles = fanOut.some((fo, i) => {
    const [left, right] = [layers[i] as number, layers[i + 1] as number];
    return left % ((left * fo) / right) !== 0;
  });
  return straddles ? 'SV' : 'SS';
}

/** The integer bits of the published formats: 3, or fewer if the width has no room for 3. */
const integerBitsOf = (width: number): number => Math.min(3, width - 3);

/**
 * The time that this software takes for the same network, with the arithmetic and pattern of the hardware.
 */
function softwareSpeed({ layers, fanOut, parallelism, width }: HardwarePlan): Promise<MeasuredSpeed> {
  return measureTraining(
    {
      layers,
      fanOut,
      parallelism,
      // Type 3, because with any fan-in it never connects a right neuron to the same left neuron twice.
      pattern: 'SV',
      arithmetic: { kind: 'hardware', width, integerBits: integerBitsOf(width) },
      output: (layers.at(-1) as number) > 1 ? 'softmax' : 'sigmoid',
    },
    1,
  );
}
