// Edges that move between calls of the training loop.
#pragma once

#include <stdint.h>

#include <vector>

#include "engine/model.hpp"

namespace sparse_train {

/// Moves the weakest edges of every junction, with an empty pipeline; returns how many moved in each. A rule
/// by gradient uses the examples that the last call recorded, and then discards them.
std::vector<uint64_t> rewire(const NetworkSpec& spec, DynamicPatterns& patterns, uint32_t share,
                             bool byGradient, uint64_t inputs);

}  // namespace sparse_train
