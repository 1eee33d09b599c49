// The operations of the hardware's datapath on one junction (docs/arithmetic.md, "Hardware"), as tables of
// functions: one table per instruction set for words of 16 bits, and one scalar table for 32 bits, all
// bit-identical. Plain structs and C headers only, as in wide_kernels.hpp.
//
// Everything per edge is stored in edge order, the order of the hardware: edge w belongs to right neuron w /
// fan-in. So the weights of a right neuron, its left activations and their derivatives are contiguous.
// `gather` moves values from the order of the left layer to edge order, `accumulate` moves them back.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../../fixed/hardware_number.hpp"

namespace sparse_train {

/// Arrays of words have this many more elements than they need, because kernels load whole vectors.
constexpr size_t kHardwarePadding = 64;
/// The most rows per memory for which rotations are done in registers.
constexpr uint32_t kHardwareMaxRows = 64;

/// The left neuron that each edge reads.
struct HardwareWiring {
  uint32_t left;  ///< left neurons
  uint64_t edges;
  const uint32_t* lefts;      ///< left neuron of each edge
  const uint32_t* leftStart;  ///< left + 1 entries: where the edges of each left neuron begin in ...
  const uint32_t* leftEdges;  ///< ... this list, in which they ascend, which is clock order
  /// If every left neuron has the same number of edges, `ranks`, then edge k of left neuron l is at [k * left
  /// + l], padded. Otherwise null.
  const uint32_t* rankEdges;
  uint32_t ranks;
  bool sweptOnce;  ///< rankEdges[k * left + l] is in k * left .. (k + 1) * left - 1, as in all interleavers
  /// For interleavers of types 2 and 3 without memory dithering (`rows` is not 0): in sweep s, clock c,
  /// memory m reads row (starts[s * parallelism + m] + c) mod rows. The parallelism is a multiple of 32, rows
  /// at most kHardwareMaxRows.
  const uint16_t* starts;
  uint32_t parallelism, rows, sweeps;
};

/// A sum of products without the bias. Exact within +-2^30 and, for words of 16 bits, clipped there: a larger
/// sum saturates in the format whatever the bias.
template <typename Word>
struct HardwareSum;
template <>
struct HardwareSum<int16_t> {
  using Type = int32_t;
  static constexpr int64_t kLimit = int64_t{1} << 30;
};
template <>
struct HardwareSum<int32_t> {
  using Type = int64_t;
  static constexpr int64_t kLimit = int64_t{1} << 62;
};

/// One pass over the weights of the right neurons first .. end - 1. Each of feed-forward, backpropagation and
/// update is done if its operands are given; all use the weights from before the pass.
template <typename Word>
struct HardwareSweep {
  HardwareNumber number;
  const uint64_t* offsets;  ///< the first edge of each right neuron, with one extra entry for the end
  uint32_t first, end;
  Word* weights;
  /// Feed-forward: sums[right] = sum of mul(activation, weight).
  const Word* forward;
  typename HardwareSum<Word>::Type* sums;
  /// Backpropagation: products[edge] = mul(mul(deltas[right], slope), weight).
  const Word* slopes;
  const Word* deltas;
  Word* products;
  /// Update: weight = add(weight, mul(steps[right], activation)).
  const Word* backward;
  const Word* steps;
  /// Whether all activations, and all products mul(delta, slope), are below 1 in size: then no product
  /// saturates.
  bool forwardSmall, backwardSmall, slopedSmall;
};

template <typename Word>
struct HardwareKernels {
  /// Inputs of 0 to 255 in the format; never reads past n.
  void (*loadBytes)(const uint8_t* bytes, size_t n, const HardwareNumber* number, Word* values);
  /// edges[w] = values[left neuron of w]. Both arrays are padded.
  void (*gather)(const HardwareWiring* wiring, const Word* values, Word* edges);
  void (*sweep)(const HardwareSweep<Word>* sweep);
  /// deltas[l] = the sum of the products of l's edges, added from 0 in clock order with saturation after each
  /// addition.
  void (*accumulate)(const HardwareWiring* wiring, const Word* products, const HardwareNumber* number,
                     Word* deltas);
  /// Replaces n sums by their addresses in an activation table: (sum + bias) >> shift, clipped to -limit - 1
  /// .. limit. Returns how many sums, with their bias, are outside the format. Arrays are padded with zeros.
  uint32_t (*address)(typename HardwareSum<Word>::Type* sums, const Word* biases, size_t n,
                      const HardwareNumber* number, int32_t shift, int32_t limit);
  /// The steps of n deltas for the learning rate 2^-shift (hardwareStep), added to the biases. Returns the
  /// largest size of a delta. Arrays are padded, deltas with zeros.
  uint32_t (*scale)(const Word* deltas, size_t n, int32_t shift, const HardwareNumber* number, Word* steps,
                    Word* biases);
};

/// Words of 32 bits have a single table for all CPUs.
const HardwareKernels<int32_t>* hardwareKernelsScalar32();

}  // namespace sparse_train
