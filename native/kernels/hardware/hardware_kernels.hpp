// The operations of the hardware's datapath on one junction (docs/arithmetic.md, "Hardware"), as a table of functions: one
// table per instruction set for words of 16 bits, one scalar table for 32 bits, all bit-identical. Plain structs and C
// headers only, as in wide_kernels.hpp.
//
// Everything per edge is held in edge order (the hardware's own: edge w belongs to right neuron w / fan-in), so that a
// right neuron's weights, its left activations and their derivatives stand in a row. What moves values between the left
// layer's order and edge order is `gather` (before) and `accumulate` (after).
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../../fixed/hardware_number.hpp"

namespace sparse_train {

/// Arrays of words have this many elements more than they need: vectors are loaded whole.
constexpr size_t kHardwarePadding = 64;
/// Rows per memory up to which a rotation is done in registers.
constexpr uint32_t kHardwareMaxRows = 64;

/// Which left neuron each edge reads.
struct HardwareWiring {
  uint32_t left;  ///< left neurons
  uint64_t edges;
  const uint32_t* lefts;      ///< left neuron of each edge
  const uint32_t* leftStart;  ///< left + 1 entries: each left neuron's part of ...
  const uint32_t* leftEdges;  ///< ... its edges, ascending, which is clock order
  /// If every left neuron has the same number of edges, `ranks` of them: edge k of left neuron l at [k * left + l], padded.
  /// Otherwise null.
  const uint32_t* rankEdges;
  uint32_t ranks;
  bool sweptOnce;  ///< rankEdges[k * left + l] lies in k * left .. (k + 1) * left - 1, as in all interleavers
  /// Interleavers of types 2 and 3 without memory dithering, if `rows` is not 0: in sweep s, clock c, memory m reads row
  /// (starts[s * parallelism + m] + c) mod rows. The parallelism is a multiple of 32, rows at most kHardwareMaxRows.
  const uint16_t* starts;
  uint32_t parallelism, rows, sweeps;
};

/// A sum of products without the bias, exact within +-2^30 and clipped there for words of 16 bits: with any bias, what is
/// beyond saturates in the format all the same.
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

/// One pass over the weights of the right neurons first .. end - 1. Feed-forward, backpropagation and update each
/// take place if their operands are there, all on the weights as they were before the pass.
template <typename Word>
struct HardwareSweep {
  HardwareNumber number;
  const uint64_t* offsets;  ///< first edge of each right neuron, and one more
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
  /// Whether all activations are below 1 in size, and so is every mul(delta, slope): products then never saturate.
  bool forwardSmall, backwardSmall, slopedSmall;
};

template <typename Word>
struct HardwareKernels {
  /// Inputs of 0 to 255 in the format, never reading past n.
  void (*loadBytes)(const uint8_t* bytes, size_t n, const HardwareNumber* number, Word* values);
  /// edges[w] = values[left neuron of w]. Both arrays are padded.
  void (*gather)(const HardwareWiring* wiring, const Word* values, Word* edges);
  void (*sweep)(const HardwareSweep<Word>* sweep);
  /// deltas[l] = the products of l's edges, added from 0 in clock order with saturation after each addition.
  void (*accumulate)(const HardwareWiring* wiring, const Word* products, const HardwareNumber* number,
                     Word* deltas);
  /// The addresses of n sums in an activation table, in place of the sums: (sum + bias) >> shift, clipped to -limit - 1 ..
  /// limit. Returns how many sums with their bias are outside the format. Arrays are padded with zeros.
  uint32_t (*address)(typename HardwareSum<Word>::Type* sums, const Word* biases, size_t n,
                      const HardwareNumber* number, int32_t shift, int32_t limit);
  /// The steps of n deltas for the learning rate 2^-shift (hardwareStep), added to the biases. Returns the largest size of
  /// a delta. Arrays are padded, deltas with zeros.
  uint32_t (*scale)(const Word* deltas, size_t n, int32_t shift, const HardwareNumber* number, Word* steps,
                    Word* biases);
};

/// For words of 32 bits there is one table, whatever the CPU.
const HardwareKernels<int32_t>* hardwareKernelsScalar32();

}  // namespace sparse_train
