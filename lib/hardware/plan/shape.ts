/** Rules for layers and fan-outs that hold at any parallelism. */
import { fanOutStep } from '../../network/interleaver.js';
import type { PlanRequest } from './types.js';

/** The most clock cycles and edges of a plan. */
const MAX = 2 ** 31 - 1;

/** The reasons why the hardware cannot have this network at any parallelism; empty if it can. */
export function shapeFaults({ layers, fanOut }: Pick<PlanRequest, 'layers' | 'fanOut'>): string[] {
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
