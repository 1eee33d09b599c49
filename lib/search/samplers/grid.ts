import { type Parameters, valueNumber } from '../space/parameter.js';
import type { Sampler, SamplerContext } from './sampler.js';

/** Every point of the space once, the last parameter changing fastest; points that break constraints are left out. */
export class GridSampler implements Sampler {
  readonly #context: SamplerContext;
  readonly #size: number;
  readonly #points: Parameters[] = [];
  readonly #seen = new Set<string>();
  #next = 0;

  constructor(context: SamplerContext) {
    this.#context = context;
    this.#size = context.space.gridSize;
  }

  propose(number: number): Parameters | undefined {
    while (this.#points.length <= number && this.#next < this.#size) {
      const point = this.#point(this.#next++);
      // Conditions merge points that differ only in parameters that do not exist.
      const text = JSON.stringify(point);
      if (this.#seen.has(text) || !this.#context.isFeasible(point)) continue;
      this.#seen.add(text);
      this.#points.push(point);
    }
    return this.#points[number];
  }

  #point(index: number): Parameters {
    const { space } = this.#context;
    const digits = new Map<string, number>();
    let left = index;
    for (const { name, size } of [...space.axes].reverse()) {
      digits.set(name, left % size);
      left = Math.floor(left / size);
    }
    return space.assemble((axis) => valueNumber(axis, digits.get(axis.name) as number));
  }
}
