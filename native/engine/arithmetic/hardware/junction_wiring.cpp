#include "junction_wiring.hpp"

#include <utility>

#include "pattern/edges_by_left.hpp"

namespace sparse_train {
namespace {

/// Whether the pattern is an interleaver of type 2 or 3 without memory dithering for z = `parallelism`.
bool isRotation(const Pattern& pattern, uint32_t parallelism) {
  const uint32_t rows = pattern.left / parallelism;
  for (uint64_t edge = 0; edge < pattern.edges(); edge++) {
    const uint32_t left = pattern.lefts[edge];
    if (left % parallelism != edge % parallelism) return false;
    if (edge % pattern.left < parallelism) continue;  // the first clock of a sweep: the start vector
    if (left / parallelism != (pattern.lefts[edge - parallelism] / parallelism + 1) % rows) return false;
  }
  return true;
}

/// The z, a multiple of 32, for which the kernels can rotate rows, or 0. Chooses the largest one, because it
/// has the fewest rows.
uint32_t rotationOf(const Pattern& pattern) {
  constexpr uint32_t kMultiple = 32;
  if (pattern.edges() % pattern.left != 0) return 0;
  for (uint32_t rows = 1; rows <= kHardwareMaxRows && rows * kMultiple <= pattern.left; rows++) {
    if (pattern.left % rows != 0 || (pattern.left / rows) % kMultiple != 0) continue;
    if (isRotation(pattern, pattern.left / rows)) return pattern.left / rows;
  }
  return 0;
}

}  // namespace

JunctionWiring::JunctionWiring(const Pattern& pattern) {
  wiring_.left = pattern.left;
  wiring_.edges = pattern.edges();
  wiring_.lefts = pattern.lefts.data();
  listByLeft(pattern);
  listByRank();
  listStarts(pattern);
}

void JunctionWiring::listByLeft(const Pattern& pattern) {
  EdgesByLeft edges = edgesByLeft(pattern);
  leftStart_ = std::move(edges.start);
  leftEdges_.resize(pattern.edges());
  for (size_t edge = 0; edge < edges.places.size(); edge++)
    leftEdges_[edges.places[edge]] = static_cast<uint32_t>(edge);
  wiring_.leftStart = leftStart_.data();
  wiring_.leftEdges = leftEdges_.data();
}

/// Only if all left neurons have the same number of edges.
void JunctionWiring::listByRank() {
  if (wiring_.edges % wiring_.left != 0) return;
  wiring_.ranks = static_cast<uint32_t>(wiring_.edges / wiring_.left);
  for (uint32_t left = 0; left <= wiring_.left; left++) {
    if (leftStart_[left] != left * wiring_.ranks) return;
  }
  rankEdges_.resize(wiring_.edges + kHardwarePadding);
  wiring_.sweptOnce = true;
  for (uint32_t left = 0; left < wiring_.left; left++) {
    for (uint32_t rank = 0; rank < wiring_.ranks; rank++) {
      const uint32_t edge = leftEdges_[left * wiring_.ranks + rank];
      rankEdges_[static_cast<size_t>(rank) * wiring_.left + left] = edge;
      wiring_.sweptOnce = wiring_.sweptOnce && edge / wiring_.left == rank;
    }
  }
  wiring_.rankEdges = rankEdges_.data();
}

/// The start vectors of all sweeps, if rows rotate.
void JunctionWiring::listStarts(const Pattern& pattern) {
  wiring_.parallelism = rotationOf(pattern);
  if (wiring_.parallelism == 0) return;
  wiring_.rows = pattern.left / wiring_.parallelism;
  wiring_.sweeps = static_cast<uint32_t>(pattern.edges() / pattern.left);
  for (uint64_t sweep = 0; sweep < wiring_.sweeps; sweep++) {
    for (uint32_t m = 0; m < wiring_.parallelism; m++)
      starts_.push_back(static_cast<uint16_t>(pattern.lefts[sweep * pattern.left + m] / wiring_.parallelism));
  }
  wiring_.starts = starts_.data();
}

}  // namespace sparse_train
