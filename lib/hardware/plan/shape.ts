/** What the layers and fan-outs of a network must be for hardware, whatever its parallelism. */
import { fanOutStep } from '../../network/interleaver.js';
import type { PlanRequest } from './types.js';

/** Clocks and edges: numbers above this are not planned for. */
const MAX = 2 ** 31 - 1;

/** Why there is no such network in hardware, whatever the parallelism; empty: there is. */
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
