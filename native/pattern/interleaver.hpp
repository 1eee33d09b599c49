// Clash-free patterns: which left neuron each edge reads when the left values are in z memories, each read once per
// clock (docs/edge-processing.md, sections 1 and 2; Dey et al., arXiv:1711.06935 and 1812.01164).
#pragma once

#include <stdint.h>

#include <string>
#include <vector>

#include "pattern.hpp"

namespace sparse_train {

/// The parameters of a clash-free pattern. Edge w is read by memory m = w mod z in clock c = w / z of sweep s = c /
/// rows, where rows = left / z. Types 2 and 3 read row (start[s][m] + c) mod rows, type 1 row order[s][m][c mod
/// rows]; the left neuron is row * z + dither[s][m].
struct InterleaverSpec {
  uint32_t left = 0, right = 0;
  uint32_t fanOut = 0;
  uint32_t parallelism = 0;  ///< z
  int type = 3;         ///< 3: one start vector for all sweeps; 2: one per sweep; 1: random order of rows
  bool dither = false;  ///< permute the memories: per sweep, for type 3 the same in all
  // Given instead of drawn, when not empty:
  std::vector<uint32_t> starts;       ///< fanOut x z, below rows (types 2 and 3)
  std::vector<uint32_t> orders;       ///< fanOut x z x rows (type 1)
  std::vector<uint32_t> permutation;  ///< fanOut x z: the dither, a permutation of the memories per sweep
  uint64_t seed = 0, junction = 0;
};

struct Interleaver {
  uint32_t fanIn = 0, rows = 0;
  std::vector<uint32_t> starts, orders, permutation;  ///< as in the spec; empty where the type has none
  std::vector<uint32_t> lefts;                        ///< left neuron of each edge, in edge order
  /// How many vectors were drawn again: start vectors whose entries are all equal, and vectors of memories that gave
  /// a right neuron a left neuron which it had already read in the previous sweep.
  uint64_t redrawn = 0;
  /// Sweeps whose start vector has equal entries; their right neurons read contiguous windows of the left layer.
  std::vector<uint32_t> constantSweeps;
};

/// Why there is no such pattern, or an empty string. The rules: z divides left, right divides left * fanOut, and
/// given vectors fit.
std::string interleaverFault(const InterleaverSpec& spec);

/// Makes the pattern of a spec for which interleaverFault() is empty. If a right neuron would read a left neuron
/// twice, `fault` says why: this happens only with given vectors, or if drawn ones cannot be repaired. Otherwise it
/// is empty.
Interleaver makeInterleaver(const InterleaverSpec& spec, std::string& fault);

/// The first edge that breaks a rule.
struct Violation {
  enum class Kind { none, range, clash, duplicate };
  Kind kind = Kind::none;
  uint64_t edge = 0;   ///< the edge ...
  uint64_t other = 0;  ///< ... and the earlier one that it clashes with or repeats
  uint64_t clock = 0;
  uint32_t right = 0;
  uint32_t left = 0;
  uint32_t memory = 0;
  std::string message;  ///< empty: no violation
};

/// Finds the first edge, in edge order, that reads a left neuron out of range, a memory (left mod z) that was already
/// read in its clock, or a left neuron that its right neuron already reads. z = 0: memories are not checked.
Violation findViolation(const Pattern& pattern, uint32_t parallelism);

/// Whether every sweep of left / z clocks reads every left neuron once, as interleavers do.
bool sweepsAreComplete(const Pattern& pattern, uint32_t parallelism);

/// Sorts the left neurons of each right neuron in ascending order.
Pattern sortedPattern(Pattern pattern);

/// The pattern of an interleaver, with its edges in edge order.
Pattern interleaverPattern(const InterleaverSpec& spec, const Interleaver& interleaver);

}  // namespace sparse_train
