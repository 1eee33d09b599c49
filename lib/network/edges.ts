/** Edges by right neuron: neuron r reads left neurons `left[offsets[r]]` to `left[offsets[r + 1] - 1]`, ascending. */
export interface EdgesByNeuron {
  /** One entry more than there are right neurons; begins with 0, ends with the number of edges. */
  offsets: Float64Array;
  left: Uint32Array;
}
