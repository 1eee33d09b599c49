#include "rewire.hpp"

#include <algorithm>
#include <cstdlib>

#include "../fixed/random.hpp"

namespace sparse_train {
namespace {

constexpr uint32_t kTileLeft =
    2;  // kTileLefts and kTileRights of the kernels, which patterns do not depend on
constexpr uint32_t kTileRight = 16;

/// The unit that moves: `lefts` neighbouring left neurons together with all neurons of a row of `rights` right
/// neurons.
struct Unit {
  uint32_t lefts = 1, rights = 1;
};

/// A unit of a row with its value.
struct Scored {
  uint32_t unit;
  int64_t score;
};

/// The right neurons first .. end - 1. All of them read the same units, and their edges move together.
class Row {
 public:
  Row(const Pattern& pattern, const int16_t* weights, Unit unit, uint32_t first)
      : pattern_(pattern),
        unit_(unit),
        first_(first),
        end_(std::min(pattern.right, first + unit.rights)),
        magnitudes_(pattern.left / unit.lefts, kAbsent) {
    for (uint64_t edge = pattern.offsets[first_]; edge < pattern.offsets[end_]; edge++) {
      const uint32_t number = pattern.lefts[edge] / unit.lefts;
      if (number >= magnitudes_.size()) continue;  // the last neuron of an odd layer does not move
      int64_t& magnitude = magnitudes_[number];
      if (magnitude == kAbsent) magnitude = 0;
      magnitude += std::abs(static_cast<int32_t>(weights[edge]));
    }
  }

  uint32_t first() const { return first_; }
  uint32_t end() const { return end_; }

  /// The units that the row has, weakest first.
  std::vector<Scored> present() const {
    std::vector<Scored> units;
    for (uint32_t i = 0; i < magnitudes_.size(); i++) {
      if (magnitudes_[i] != kAbsent) units.push_back({i, magnitudes_[i]});
    }
    std::stable_sort(units.begin(), units.end(),
                     [](const Scored& a, const Scored& b) { return a.score < b.score; });
    return units;
  }

  /// The units that the row does not have, in ascending order.
  std::vector<uint32_t> absent() const {
    std::vector<uint32_t> units;
    for (uint32_t i = 0; i < magnitudes_.size(); i++) {
      if (magnitudes_[i] == kAbsent) units.push_back(i);
    }
    return units;
  }

  /// The absent units whose gradient is not zero, strongest first.
  std::vector<uint32_t> absentByGradient(const GradientsOf& gradientsOf) const {
    std::vector<int64_t> sums(magnitudes_.size(), 0);
    std::vector<int64_t> gradients(pattern_.left);
    for (uint32_t right = first_; right < end_; right++) {
      gradientsOf(right, gradients);
      for (uint32_t left = 0; left < sums.size() * unit_.lefts; left++) {
        sums[left / unit_.lefts] += std::abs(gradients[left]);
      }
    }
    std::vector<uint32_t> units;
    for (const uint32_t unit : absent()) {
      if (sums[unit] > 0) units.push_back(unit);
    }
    std::stable_sort(units.begin(), units.end(), [&](uint32_t a, uint32_t b) { return sums[a] > sums[b]; });
    return units;
  }

  void drop(uint32_t unit) { magnitudes_[unit] = kAbsent; }
  void grow(uint32_t unit) { magnitudes_[unit] = 0; }

  /// The left neurons of each of its right neurons.
  void appendLefts(std::vector<uint32_t>& lefts) const {
    for (uint32_t unit = 0; unit < magnitudes_.size(); unit++) {
      if (magnitudes_[unit] == kAbsent) continue;
      for (uint32_t i = 0; i < unit_.lefts; i++) lefts.push_back(unit * unit_.lefts + i);
    }
    const uint64_t end = pattern_.offsets[first_ + 1];
    if (end == pattern_.offsets[first_]) return;
    const uint32_t last = pattern_.lefts[end - 1];
    if (last / unit_.lefts >= magnitudes_.size()) lefts.push_back(last);
  }

 private:
  static constexpr int64_t kAbsent = -1;

  const Pattern& pattern_;
  const Unit unit_;
  const uint32_t first_, end_;
  std::vector<int64_t> magnitudes_;  ///< by unit, kAbsent where the row has no edges
};

void move(Row& row, const RewireRule& rule, RandomStream& random, const GradientsOf& gradientsOf) {
  const std::vector<Scored> present = row.present();
  const uint64_t wanted = (present.size() * uint64_t{rule.share} + (1u << 15)) >> 16;
  if (wanted == 0) return;
  std::vector<uint32_t> candidates = rule.byGradient ? row.absentByGradient(gradientsOf) : row.absent();
  const size_t moves = std::min<size_t>({static_cast<size_t>(wanted), candidates.size(), present.size()});
  for (size_t i = 0; i < moves; i++) {
    if (!rule.byGradient) std::swap(candidates[i], candidates[i + random.below(candidates.size() - i)]);
    row.drop(present[i].unit);
    row.grow(candidates[i]);
  }
}

}  // namespace

bool hasWholeTiles(const Pattern& pattern) {
  for (uint32_t first = 0; first < pattern.right; first += kTileRight) {
    const auto begin = pattern.lefts.begin() + static_cast<int64_t>(pattern.offsets[first]);
    const auto end = pattern.lefts.begin() + static_cast<int64_t>(pattern.offsets[first + 1]);
    for (auto left = begin; left != end; ++left) {
      if (*left % kTileLeft == 0) {
        const bool isLast = *left + 1 == pattern.left;
        if (!isLast && (left + 1 == end || left[1] != *left + 1)) return false;
      } else if (left == begin || left[-1] != *left - 1) {
        return false;
      }
    }
    const uint32_t last = std::min(pattern.right, first + kTileRight);
    for (uint32_t right = first + 1; right < last; right++) {
      const auto otherBegin = pattern.lefts.begin() + static_cast<int64_t>(pattern.offsets[right]);
      const auto otherEnd = pattern.lefts.begin() + static_cast<int64_t>(pattern.offsets[right + 1]);
      if (!std::equal(begin, end, otherBegin, otherEnd)) return false;
    }
  }
  return true;
}

Pattern rewired(const Pattern& pattern, const int16_t* weights, const RewireRule& rule, uint32_t junction,
                const GradientsOf& gradientsOf) {
  const Unit unit = hasWholeTiles(pattern) ? Unit{kTileLeft, kTileRight} : Unit{};
  RandomStream random(streamKey(rule.seed, junctionStream(kRewireStream, junction)), rule.time);
  Pattern next;
  next.left = pattern.left;
  next.right = pattern.right;
  next.offsets.reserve(pattern.offsets.size());
  next.offsets.push_back(0);
  next.lefts.reserve(pattern.lefts.size());
  for (uint32_t first = 0; first < pattern.right; first += unit.rights) {
    Row row(pattern, weights, unit, first);
    move(row, rule, random, gradientsOf);
    for (uint32_t right = row.first(); right < row.end(); right++) {
      row.appendLefts(next.lefts);
      next.offsets.push_back(next.lefts.size());
    }
  }
  return next;
}

}  // namespace sparse_train
