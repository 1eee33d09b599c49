import { count, counted, percent, perSecond, seconds, significant } from '../base/numbers.js';
import type { Device } from '../hardware/devices.js';
import type { HostPlan, MeasuredSpeed } from '../hardware/host-speed.js';
import type { HardwarePlan, MemoryBank, PlanOutcome } from '../hardware/plan/types.js';
import { factLines, type Style } from './style.js';
import { tableLines } from './table.js';
import { commandLines } from './width.js';

/** Formats a plan for people. */
export function planText(
  outcome: PlanOutcome,
  software: MeasuredSpeed | undefined,
  style: Style,
  device: Device | undefined,
  command: string | undefined,
): string {
  const { paint } = style;
  if (outcome.possible) {
    return [
      '',
      `  ${paint.bold(`${outcome.plan.layers.join(' - ')} on hardware`)}`,
      ...(device === undefined ? [] : [`  ${paint.dim(`${device.title}; ${device.source}`)}`]),
      '',
      ...planLines(outcome.plan, outcome.limitedBy, software, style),
      ...(command === undefined
        ? []
        : [
            '',
            '  to train it with these z, bit for bit as the hardware does:',
            '',
            ...commandLines(command, style.columns, 4),
          ]),
    ].join('\n');
  }
  const { reasons, nearest } = outcome;
  const head = [
    '',
    `  ${paint.bold(paint.red('not possible'))}`,
    '',
    ...reasons.map((reason) => `  - ${reason}`),
    '',
  ];
  if (nearest === undefined)
    return [...head, '  nothing like it was found that works; change the budget'].join('\n');
  return [
    ...head,
    `  ${paint.bold(`the nearest that works: ${nearest.change}`)}`,
    '',
    ...planLines(nearest.plan, undefined, undefined, style),
  ].join('\n');
}

function planLines(
  plan: HardwarePlan,
  limitedBy: string | undefined,
  software: MeasuredSpeed | undefined,
  style: Style,
): string[] {
  const { latency, used, utilisation } = plan;
  const of = (resource: keyof typeof used) => {
    const share = utilisation[resource];
    return share === undefined ? '' : ` (${percent(share, 1)} of the budget)`;
  };
  const facts: [string, string | undefined][] = [
    [
      'network',
      `fan-outs ${plan.fanOut.join(', ')}: ${count(plan.edges)} edges, ${percent(plan.density, 1)} of the dense network's`,
    ],
    ['parallelism', `z = ${plan.parallelism.join(', ')}`],
    [
      'clock cycles',
      `${plan.clocksPerBlock} per block: ${plan.clocksPerJunctionCycle} of a junction cycle and 2 to fill the pipeline; multipliers busy ${percent(plan.busy, 1)}`,
    ],
    [
      'speed',
      `${duration(plan.secondsPerBlock)} per image at ${significant(plan.clockHz / 1e6)} MHz: ${count(Math.round(plan.imagesPerSecond))} images/s, training`,
    ],
    [
      'latency',
      `${duration(latency.outputSeconds)} to the output (${latency.outputBlocks} blocks), ${duration(latency.updateSeconds)} to the last update (${latency.updateBlocks})`,
    ],
    ['multipliers', `${count(used.multipliers)}, in ${count(plan.slices)} DSP slices${of('multipliers')}`],
    ['memory', `${count(used.memoryBits)} bits${of('memoryBits')}`],
    ['block RAMs', `${count(used.memoryBlocks)}${of('memoryBlocks')}`],
    ['LUTs', `${count(used.lutRams)} as distributed RAM${of('lutRams')}`],
    ['limited by', limitedBy],
    ['here', software === undefined ? undefined : comparison(plan, software)],
  ];
  return [
    ...factLines(facts, style),
    '',
    ...junctionTable(plan, style),
    '',
    ...memoryTable(plan.memories, style),
    ...plan.notes.flatMap((note) => ['', `  note: ${note}`]),
  ];
}

/** `2.27 µs` */
function duration(time: number): string {
  if (time < 1e-3) return `${significant(time * 1e6)} µs`;
  return time < 1 ? `${significant(time * 1e3)} ms` : seconds(time);
}

function comparison(plan: HardwarePlan, software: MeasuredSpeed): string {
  const ratio = software.inputsPerSecond / plan.imagesPerSecond;
  const compared = ratio >= 1 ? `${significant(ratio, 2)} times as fast` : `${percent(ratio, 1)} of that`;
  return (
    `${duration(software.secondsPerInput)} per image in this software with the same bits ` +
    `(${software.kernelSet}, 1 thread): ${perSecond(software.inputsPerSecond)}, ${compared}`
  );
}

function junctionTable({ junctions }: HardwarePlan, style: Style): string[] {
  return tableLines(
    [
      'junction',
      'edges',
      'fan-out',
      'fan-in',
      'z',
      'rows',
      'sweeps',
      'cycles',
      'right/cycle',
      'FF',
      'UP',
      'BP',
    ],
    junctions.map((junction) => [
      `${junction.junction}: ${junction.left} → ${junction.right}`,
      count(junction.edges),
      String(junction.fanOut),
      String(junction.fanIn),
      String(junction.parallelism),
      String(junction.rows),
      String(junction.sweeps),
      String(junction.clocks),
      significant(junction.rightPerClock),
      String(junction.multipliers.ff),
      String(junction.multipliers.up),
      String(junction.multipliers.bp),
    ]),
    style,
  );
}

function memoryTable(memories: readonly MemoryBank[], style: Style): string[] {
  return tableLines(
    ['memory', 'banks', 'memories each', 'depth', 'width', 'bits', 'in'],
    memories.map((bank) => [
      `${bank.what} of ${bank.of}`,
      String(bank.banks),
      String(bank.memories),
      String(bank.depth),
      String(bank.width),
      count(bank.bits),
      bank.kind === 'block' ? counted(bank.blocks, 'block RAM') : `${count(bank.lutRams)} LUTs`,
    ]),
    style,
  );
}

/** Formats the speed of a network on this machine for people. */
export function hostText(host: HostPlan, layers: readonly number[], style: Style): string {
  const { paint } = style;
  return [
    '',
    `  ${paint.bold(`${layers.join(' - ')} on this machine`)}`,
    '',
    ...factLines(
      [
        ['kernel set', `${host.kernelSet}: ${host.whyKernelSet}`],
        ['threads', `${host.threads}: ${host.whyThreads}`],
      ],
      style,
    ),
    '',
    ...tableLines(
      ['junction', 'edges', 'pattern', 'layout'],
      host.junctions.map(({ junction, left, right, edges, pattern, layout }) => [
        `${junction}: ${left} → ${right}`,
        count(edges),
        pattern,
        layout,
      ]),
      style,
      [0, 2, 3],
    ),
    ...[...new Set(host.junctions.map(({ layout, why }) => `  ${layout}: ${why}`))],
    '',
    ...tableLines(
      ['threads', 'per input', 'inputs'],
      host.measured.map(({ threads, secondsPerInput, inputsPerSecond }) => [
        String(threads),
        duration(secondsPerInput),
        perSecond(inputsPerSecond),
      ]),
      style,
    ),
  ].join('\n');
}
