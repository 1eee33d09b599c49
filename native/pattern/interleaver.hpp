// Clash-free patterns: which left neuron each edge reads when the left values live in z memories that are read once a
// clock each (docs/edge-processing.md, sections 1 and 2; Dey et al., arXiv:1711.06935 and 1812.01164).
#pragma once

#include <stdint.h>

#include <string>
#include <vector>

#include "pattern.hpp"

namespace sparse_train {

/// What makes a clash-free pattern. Edge w is read by memory m = w mod z in clock c = w / z of sweep s = c / rows, where
/// rows = left / z. Types 2 and 3 read row (start[s][m] + c) mod rows, type 1 row order[s][m][c mod rows]; the left neuron
/// is row * z + dither[s][m].
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
  /// What was drawn again: start vectors all of whose entries are equal, and memories of a sweep that gave a right
  /// neuron a left neuron which it had from the sweep before.
  uint64_t redrawn = 0;
  /// Sweeps whose start vector has equal entries: their right neurons read contiguous windows of the left layer.
  std::vector<uint32_t> constantSweeps;
};

/// Why there is no such pattern, or an empty string: z divides left, right divides left * fanOut, given vectors fit.
std::string interleaverFault(const InterleaverSpec& spec);

/// The pattern; interleaverFault() is empty. `fault` says why a right neuron would get a left neuron twice, which happens
/// only with given vectors, or when drawn ones cannot be repaired; otherwise it is empty.
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

/// Looks for the first edge, in edge order, that reads a left neuron out of range, a memory (left mod z) read already in
/// its clock, or a left neuron that its right neuron has already. z = 0: memories are not checked.
Violation findViolation(const Pattern& pattern, uint32_t parallelism);

/// Whether every sweep of left / z clocks reads every left neuron once, as interleavers do.
bool sweepsAreComplete(const Pattern& pattern, uint32_t parallelism);

/// The same edges with the left neurons of each right neuron in ascending order.
Pattern sortedPattern(Pattern pattern);

/// Pattern of an interleaver, its edges in edge order.
Pattern interleaverPattern(const InterleaverSpec& spec, const Interleaver& interleaver);

}  // namespace sparse_train
