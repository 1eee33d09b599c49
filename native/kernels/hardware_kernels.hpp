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

#include "../fixed/hardware_number.hpp"

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
  /// Interleavers of types 2 and 3 without memory dithering, if `rows` is not 0: in sweep s, clock c, memory m reads row
  /// (starts[s * parallelism + m] + c) mod rows. The parallelism is a multiple of 32, rows at most kHardwareMaxRows.
  const uint16_t* starts;
  uint32_t parallelism, rows, sweeps;
};

/// One pass over the weights of the right neurons first .. end - 1. Feed-forward, backpropagation and update each
/// take place if their operands are there, all on the weights as they were before the pass.
template <typename Word>
struct HardwareSweep {
  HardwareNumber number;
  const uint64_t* offsets;  ///< first edge of each right neuron, and one more
  uint32_t first, end;
  Word* weights;
  /// Feed-forward: sums[right] = exact sum of mul(activation, weight).
  const Word* forward;
  int64_t* sums;
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
  const char* name;

  /// Inputs of 0 to 255 in the format, never reading past n.
  void (*loadBytes)(const uint8_t* bytes, size_t n, const HardwareNumber* number, Word* values);
  /// edges[w] = values[left neuron of w]. Both arrays are padded.
  void (*gather)(const HardwareWiring* wiring, const Word* values, Word* edges);
  void (*sweep)(const HardwareSweep<Word>* sweep);
  /// deltas[l] = the products of l's edges, added from 0 in clock order with saturation after each addition.
  void (*accumulate)(const HardwareWiring* wiring, const Word* products, const HardwareNumber* number,
                     Word* deltas);
};

const HardwareKernels<int16_t>* hardwareKernelsScalar();
const HardwareKernels<int32_t>* hardwareKernelsScalar32();
const HardwareKernels<int16_t>* hardwareKernelsAvx2();
const HardwareKernels<int16_t>* hardwareKernelsAvx512();
const HardwareKernels<int16_t>* hardwareKernelsNeon();

}  // namespace sparse_train
