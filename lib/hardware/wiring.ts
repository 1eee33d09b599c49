/** Edges of a junction by right neuron, in edge order. */
export interface Wiring {
  readonly left: number;
  readonly right: number;
  /** Right neuron r has edges offsets[r] to offsets[r + 1] - 1. */
  readonly offsets: ArrayLike<number>;
  /** The left neuron of each edge. */
  readonly lefts: ArrayLike<number>;
}

/** A junction whose clash-free patterns are counted. */
export interface PatternFamily {
  readonly left: number;
  readonly fanOut: number;
  readonly fanIn: number;
  readonly parallelism: number;
  readonly type: 1 | 2 | 3;
  readonly dither: boolean;
}
