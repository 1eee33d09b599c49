// The hardware's datapath, bit for bit: every quantity in one fixed-point format, products rounded and sums saturated as
// the published design does it (docs/arithmetic.md, "Hardware").
//
// Edges are in the order of spec().patterns, right neuron after right neuron as everywhere, but with the left neurons of a
// right neuron in the hardware's own order instead of ascending: the order in which a left neuron's edges accumulate its
// delta. Weights are read and written in the same order.
#pragma once

#include <memory>

#include "engine/model.hpp"

namespace sparse_train {

/// The model for a spec with Arithmetic::hardware: weights of 16 bits for formats up to 16 bits, otherwise of 32.
std::unique_ptr<Model> makeHardwareModel(NetworkSpec spec);

}  // namespace sparse_train
