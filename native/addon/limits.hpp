// The largest sizes and numbers that the addon accepts. lib/engine/limits.ts has those that callers can name.
#pragma once

#include <cstdint>

namespace sparse_train {

/// Seeds and counts are JavaScript numbers. Up to this one, every whole number is exact.
constexpr uint64_t kMaxWhole = (uint64_t{1} << 53) - 1;
constexpr uint64_t kMaxNeurons = 1u << 20;
constexpr uint64_t kMaxLayers = 256;
/// Edges of a junction.
constexpr uint64_t kMaxEdges = 0x7FFFFFFF;
/// The number of a junction in the random streams of interleavers.
constexpr uint64_t kMaxJunction = 1000;
/// Threads of a call.
constexpr uint64_t kMaxThreads = 256;
/// Examples of a mini-batch.
constexpr uint64_t kMaxBatch = 65536;
/// Columns and rows by which an image is shifted.
constexpr uint64_t kMaxShift = 1024;
/// Examples whose gradients are recorded for moving edges.
constexpr uint64_t kMaxRecord = uint64_t{1} << 20;

}  // namespace sparse_train
