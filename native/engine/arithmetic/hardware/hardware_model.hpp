// The hardware's datapath, bit for bit: all quantities have one fixed-point format; products are rounded and
// sums saturated as in the published design (docs/arithmetic.md, "Hardware").
//
// Edges are in the order of spec().patterns, right neuron by right neuron as everywhere, except that the left
// neurons of a right neuron are in the hardware's order instead of ascending: the order in which the edges of
// a left neuron accumulate its delta. Weights are read and written in this order.
#pragma once

#include <memory>

#include "engine/model.hpp"

namespace sparse_train {

/// Makes the model for a spec with Arithmetic::hardware. Weights have 16 bits for formats of up to 16 bits,
/// otherwise 32.
std::unique_ptr<Model> makeHardwareModel(NetworkSpec spec);

}  // namespace sparse_train
