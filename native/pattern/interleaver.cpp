#include "interleaver.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "../fixed/random.hpp"

namespace sparse_train {
namespace {

/// How often the vectors of one memory of a sweep, and the permutation of the memories, are drawn before another
/// method is used.
constexpr int kAttempts = 64;

std::string number(uint64_t n) { return std::to_string(n); }

void shuffle(uint32_t* values, uint32_t n, RandomStream& random) {
  for (uint32_t i = n; i-- > 1;) std::swap(values[i], values[random.below(uint64_t{i} + 1)]);
}

bool isPermutation(const uint32_t* values, uint32_t n) {
  std::vector<bool> seen(n, false);
  for (uint32_t i = 0; i < n; i++) {
    if (values[i] >= n || seen[values[i]]) return false;
    seen[values[i]] = true;
  }
  return true;
}

/// Draws the vectors of an interleaver, sweep by sweep. Makes sure that a right neuron whose edges straddle two
/// sweeps does not read a left neuron in both.
class Drawing {
 public:
  Drawing(const InterleaverSpec& spec, Interleaver& out)
      : spec_(spec),
        out_(out),
        z_(spec.parallelism),
        random_(spec.seed, junctionStream(kPatternStream, spec.junction)) {}

  void run() {
    const size_t vectors = static_cast<size_t>(spec_.fanOut) * z_;
    if (spec_.dither && out_.permutation.empty()) {
      drawsPermutation_ = true;
      out_.permutation.resize(vectors);
    }
    if (spec_.type == 1) {
      drawsRows_ = out_.orders.empty();
      if (drawsRows_) out_.orders.resize(vectors * out_.rows);
    } else {
      drawsRows_ = out_.starts.empty();
      if (drawsRows_) out_.starts.resize(vectors);
    }
    for (uint32_t sweep = 0; sweep < spec_.fanOut; sweep++) drawSweep(sweep);
  }

 private:
  uint32_t memoryOf(uint32_t sweep, uint32_t m) const {
    return out_.permutation.empty() ? m : out_.permutation[static_cast<size_t>(sweep) * z_ + m];
  }

  /// The row that memory m reads in clock c (from 0) of the sweep.
  uint32_t rowAt(uint32_t sweep, uint32_t m, uint64_t c) const {
    const size_t vector = static_cast<size_t>(sweep) * z_ + m;
    if (spec_.type == 1) return out_.orders[vector * out_.rows + c];
    // All sweeps have `rows` clocks, so counting from the sweep's start or from the first clock gives the same row.
    return static_cast<uint32_t>((out_.starts[vector] + c) % out_.rows);
  }

  void drawSweep(uint32_t sweep) {
    const bool repeats = spec_.type == 3 && sweep > 0;
    for (int attempt = 0; attempt < kAttempts; attempt++) {
      if (drawsPermutation_) drawPermutation(sweep, repeats);
      if (!drawsRows_) return;
      if (repeats) {
        std::copy_n(out_.starts.begin(), z_, out_.starts.begin() + static_cast<std::int64_t>(sweep) * z_);
        return;
      }
      if (spec_.type == 1 ? drawOrders(sweep) : drawStarts(sweep)) return;
      if (!drawsPermutation_) return;  // another permutation might work; without one the fault is reported
      out_.redrawn++;
    }
  }

  void drawPermutation(uint32_t sweep, bool repeats) {
    uint32_t* permutation = out_.permutation.data() + static_cast<size_t>(sweep) * z_;
    if (repeats) {
      std::copy_n(out_.permutation.data(), z_, permutation);
      return;
    }
    std::iota(permutation, permutation + z_, 0u);
    shuffle(permutation, z_, random_);
  }

  /// For the right neuron that straddles the start of `sweep`: the rows that it has read in the previous sweep, by
  /// memory, and how many clocks of each memory in this sweep belong to it.
  struct Straddle {
    std::vector<std::vector<uint32_t>> taken;  // by physical memory; empty: no neuron straddles
    uint64_t edges = 0;                        // of the neuron in this sweep
    uint64_t clocksOf(uint32_t m, uint32_t z) const { return edges / z + (m < edges % z ? 1 : 0); }
  };

  Straddle straddleOf(uint32_t sweep) const {
    Straddle straddle;
    const uint64_t boundary = static_cast<uint64_t>(sweep) * spec_.left;
    const uint64_t before = boundary % out_.fanIn;
    if (before == 0) return straddle;
    straddle.edges = out_.fanIn - before;
    straddle.taken.resize(z_);
    for (uint64_t w = boundary - before; w < boundary; w++) {
      const auto m = static_cast<uint32_t>(w % z_);
      straddle.taken[memoryOf(sweep - 1, m)].push_back(rowAt(sweep - 1, m, w / z_ % out_.rows));
    }
    return straddle;
  }

  bool drawStarts(uint32_t sweep) {
    const Straddle straddle = straddleOf(sweep);
    uint32_t* starts = out_.starts.data() + static_cast<size_t>(sweep) * z_;
    for (int attempt = 0; attempt < kAttempts; attempt++) {
      for (uint32_t m = 0; m < z_; m++) {
        if (!drawStart(straddle, sweep, m)) return false;
      }
      const bool constant = std::all_of(starts, starts + z_, [&](uint32_t s) { return s == starts[0]; });
      if (!constant || out_.rows == 1 || z_ == 1) return true;
      out_.redrawn++;
    }
    return true;
  }

  bool drawStart(const Straddle& straddle, uint32_t sweep, uint32_t m) {
    uint32_t& start = out_.starts[static_cast<size_t>(sweep) * z_ + m];
    start = random_.below(out_.rows);
    if (straddle.taken.empty()) return true;
    const std::vector<uint32_t>& taken = straddle.taken[memoryOf(sweep, m)];
    const uint64_t clocks = straddle.clocksOf(m, z_);
    const auto fits = [&](uint32_t candidate) {
      return std::none_of(taken.begin(), taken.end(),
                          [&](uint32_t row) { return (row + out_.rows - candidate) % out_.rows < clocks; });
    };
    if (fits(start)) return true;
    out_.redrawn++;
    std::vector<uint32_t> candidates;
    for (uint32_t candidate = 0; candidate < out_.rows; candidate++) {
      if (fits(candidate)) candidates.push_back(candidate);
    }
    if (candidates.empty()) return false;
    start = candidates[random_.below(candidates.size())];
    return true;
  }

  bool drawOrders(uint32_t sweep) {
    const Straddle straddle = straddleOf(sweep);
    for (uint32_t m = 0; m < z_; m++) {
      uint32_t* order = out_.orders.data() + (static_cast<size_t>(sweep) * z_ + m) * out_.rows;
      std::iota(order, order + out_.rows, 0u);
      shuffle(order, out_.rows, random_);
      if (straddle.taken.empty()) continue;
      const std::vector<uint32_t>& taken = straddle.taken[memoryOf(sweep, m)];
      const auto isTaken = [&](uint32_t row) {
        return std::find(taken.begin(), taken.end(), row) != taken.end();
      };
      const uint64_t clocks = straddle.clocksOf(m, z_);
      if (std::none_of(order, order + clocks, isTaken)) continue;
      out_.redrawn++;
      // Rows that the neuron has already read move behind its own clocks; the others keep their random order.
      std::stable_partition(order, order + out_.rows, [&](uint32_t row) { return !isTaken(row); });
      if (std::any_of(order, order + clocks, isTaken)) return false;
      // The rows after the neuron's clocks are shuffled again; otherwise the rows that it has read would always come
      // last.
      shuffle(order + clocks, static_cast<uint32_t>(out_.rows - clocks), random_);
    }
    return true;
  }

  const InterleaverSpec& spec_;
  Interleaver& out_;
  const uint32_t z_;
  RandomStream random_;
  bool drawsPermutation_ = false;
  bool drawsRows_ = false;

 public:
  uint32_t leftOf(uint64_t edge) const {
    const auto m = static_cast<uint32_t>(edge % z_);
    const uint64_t clock = edge / z_;
    const auto sweep = static_cast<uint32_t>(clock / out_.rows);
    return rowAt(sweep, m, clock % out_.rows) * z_ + memoryOf(sweep, m);
  }
};

std::string vectorsFault(const InterleaverSpec& spec, uint32_t rows) {
  const uint64_t vectors = static_cast<uint64_t>(spec.fanOut) * spec.parallelism;
  if (!spec.starts.empty()) {
    if (spec.type == 1) return "type 1 has row orders instead of start vectors";
    if (spec.starts.size() != vectors) {
      return "start vectors must have fanOut x parallelism = " + number(vectors) + " entries";
    }
    for (uint64_t i = 0; i < vectors; i++) {
      if (spec.starts[i] >= rows) {
        return "start " + number(spec.starts[i]) + " of sweep " + number(i / spec.parallelism) + ", memory " +
               number(i % spec.parallelism) + " is not a row: there are " + number(rows);
      }
      if (spec.type == 3 && spec.starts[i] != spec.starts[i % spec.parallelism]) {
        return "type 3 has one start vector for all sweeps, but that of sweep " +
               number(i / spec.parallelism) + " differs from the first; use type 2";
      }
    }
  }
  if (!spec.orders.empty()) {
    if (spec.type != 1) return "only type 1 has row orders";
    if (spec.orders.size() != vectors * rows) {
      return "row orders must have fanOut x parallelism x rows = " + number(vectors * rows) + " entries";
    }
    for (uint64_t i = 0; i < vectors; i++) {
      if (!isPermutation(spec.orders.data() + i * rows, rows)) {
        return "the row order of sweep " + number(i / spec.parallelism) + ", memory " +
               number(i % spec.parallelism) + " is not a permutation of its " + number(rows) + " rows";
      }
    }
  }
  if (spec.permutation.empty()) return "";
  if (!spec.dither) return "a memory permutation is given, but memory dithering is off";
  if (spec.permutation.size() != vectors) {
    return "memory permutations must have fanOut x parallelism = " + number(vectors) + " entries";
  }
  for (uint32_t sweep = 0; sweep < spec.fanOut; sweep++) {
    if (!isPermutation(spec.permutation.data() + static_cast<size_t>(sweep) * spec.parallelism,
                       spec.parallelism)) {
      return "the memory permutation of sweep " + number(sweep) + " is not a permutation of the " +
             number(spec.parallelism) + " memories";
    }
  }
  return "";
}

}  // namespace

std::string interleaverFault(const InterleaverSpec& spec) {
  if (spec.left < 1 || spec.right < 1) return "a layer must have a neuron";
  if (spec.type < 1 || spec.type > 3) return "the type must be 1, 2 or 3";
  if (spec.fanOut < 1 || spec.fanOut > spec.right) {
    return "the fan-out must be 1 to " + number(spec.right) + ", the neurons of the right layer";
  }
  const uint64_t edges = static_cast<uint64_t>(spec.left) * spec.fanOut;
  if (edges > 0x7FFFFFFF) return "a junction may have at most 2147483647 edges";
  if (edges % spec.right != 0) {
    return number(edges) + " edges (" + number(spec.left) + " left neurons x fan-out " + number(spec.fanOut) +
           ") do not divide among " + number(spec.right) + " right neurons";
  }
  if (spec.parallelism < 1 || spec.left % spec.parallelism != 0) {
    return "the parallelism must divide the " + number(spec.left) +
           " left neurons, which live in as many memories as it says";
  }
  return vectorsFault(spec, spec.left / spec.parallelism);
}

Interleaver makeInterleaver(const InterleaverSpec& spec, std::string& fault) {
  Interleaver out;
  const uint64_t edges = static_cast<uint64_t>(spec.left) * spec.fanOut;
  out.rows = spec.left / spec.parallelism;
  out.fanIn = static_cast<uint32_t>(edges / spec.right);
  out.starts = spec.starts;
  out.orders = spec.orders;
  out.permutation = spec.permutation;
  Drawing drawing(spec, out);
  drawing.run();
  out.lefts.resize(edges);
  for (uint64_t edge = 0; edge < edges; edge++) out.lefts[edge] = drawing.leftOf(edge);

  if (!out.starts.empty() && spec.parallelism > 1 && out.rows > 1) {
    for (uint32_t sweep = 0; sweep < spec.fanOut; sweep++) {
      const uint32_t* starts = out.starts.data() + static_cast<size_t>(sweep) * spec.parallelism;
      if (std::all_of(starts, starts + spec.parallelism, [&](uint32_t s) { return s == starts[0]; })) {
        out.constantSweeps.push_back(sweep);
      }
    }
  }
  fault.clear();
  if (spec.left % out.fanIn != 0) {
    const Violation violation = findViolation(interleaverPattern(spec, out), 0);
    if (violation.kind != Violation::Kind::none) {
      fault = violation.message + ": the fan-in of " + number(out.fanIn) + " does not divide the " +
              number(spec.left) +
              " left neurons, so that right neurons straddle two sweeps; choose a fan-out whose fan-in does, "
              "or type 3";
    }
  }
  return out;
}

Violation findViolation(const Pattern& pattern, uint32_t parallelism) {
  Violation found;
  const auto stop = [&](Violation::Kind kind, uint64_t edge, uint64_t other) {
    found.kind = kind;
    found.edge = edge;
    found.other = other;
  };
  constexpr uint64_t kNever = ~uint64_t{0};
  std::vector<uint64_t> lastClock(parallelism, kNever);
  std::vector<uint64_t> lastEdge(parallelism, 0);
  std::vector<uint64_t> readBy(pattern.left, kNever);  // the edge of the last right neuron that read it
  for (uint32_t right = 0; right < pattern.right; right++) {
    for (uint64_t edge = pattern.offsets[right]; edge < pattern.offsets[right + 1]; edge++) {
      const uint32_t left = pattern.lefts[edge];
      const auto where = [edge, right] {
        return "edge " + number(edge) + " of right neuron " + number(right);
      };
      found.right = right;
      found.left = left;
      if (parallelism > 0) {
        found.memory = left % parallelism;
        found.clock = edge / parallelism;
      }
      if (left >= pattern.left) {
        stop(Violation::Kind::range, edge, edge);
        found.message =
            where() + " reads left neuron " + number(left) + ", but there are " + number(pattern.left);
        return found;
      }
      if (parallelism > 0 && lastClock[found.memory] == found.clock) {
        stop(Violation::Kind::clash, edge, lastEdge[found.memory]);
        found.message = where() + " reads memory " + number(found.memory) + " (left neuron " + number(left) +
                        ") in clock " + number(found.clock) + ", as edge " + number(found.other) +
                        " does (left neuron " + number(pattern.lefts[found.other]) + ")";
        return found;
      }
      if (readBy[left] != kNever && readBy[left] >= pattern.offsets[right]) {
        stop(Violation::Kind::duplicate, edge, readBy[left]);
        found.message = where() + " reads left neuron " + number(left) + ", which its edge " +
                        number(found.other) + " reads already";
        return found;
      }
      readBy[left] = edge;
      if (parallelism > 0) {
        lastClock[found.memory] = found.clock;
        lastEdge[found.memory] = edge;
      }
    }
  }
  return Violation{};
}

bool sweepsAreComplete(const Pattern& pattern, uint32_t parallelism) {
  if (parallelism == 0 || pattern.left % parallelism != 0 || pattern.edges() % pattern.left != 0)
    return false;
  std::vector<uint64_t> reads(pattern.left, 0);
  for (uint64_t edge = 0; edge < pattern.edges(); edge++) {
    if (reads[pattern.lefts[edge]]++ != edge / pattern.left) return false;
  }
  return true;
}

Pattern sortedPattern(Pattern pattern) {
  for (uint32_t right = 0; right < pattern.right; right++) {
    std::sort(pattern.lefts.begin() + static_cast<std::int64_t>(pattern.offsets[right]),
              pattern.lefts.begin() + static_cast<std::int64_t>(pattern.offsets[right + 1]));
  }
  return pattern;
}

Pattern interleaverPattern(const InterleaverSpec& spec, const Interleaver& interleaver) {
  Pattern pattern;
  pattern.left = spec.left;
  pattern.right = spec.right;
  pattern.lefts = interleaver.lefts;
  pattern.offsets.reserve(static_cast<size_t>(spec.right) + 1);
  for (uint64_t right = 0; right <= spec.right; right++) pattern.offsets.push_back(right * interleaver.fanIn);
  return pattern;
}

}  // namespace sparse_train
