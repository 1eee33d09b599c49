// How the weights of a junction are stored for the `wide` arithmetic, and the passes over them. A layout is
// split by right neurons into slabs. Threads share a junction slab by slab, including the work on its right
// neurons. Results do not depend on the number of slabs.
#pragma once

#include <stdint.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "kernels/wide/wide_kernels.hpp"
#include "layer_values.hpp"
#include "pattern/pattern.hpp"

namespace sparse_train {

/// Right neurons are shared in units of this size: whole vectors of the kernels, and whole tiles.
constexpr uint32_t kSlabUnit = 2 * kTileRights;

enum class LayoutKind { tiles, list, outputs };

class WideLayout {
 public:
  virtual ~WideLayout() = default;

  virtual LayoutKind kind() const = 0;
  /// Splits the layout into at most `slabs` slabs of about equal work (fewer if there are not enough right
  /// neurons).
  void partition(uint32_t slabs);
  uint32_t slabs() const { return static_cast<uint32_t>(ends_.size()); }
  /// The right neurons of a slab: from firstOf to before endOf; the last slab includes padding to a whole
  /// unit.
  uint32_t firstOf(uint32_t slab) const { return slab == 0 ? 0 : ends_[slab - 1]; }
  uint32_t endOf(uint32_t slab) const { return ends_[slab]; }

  /// The weights in edge order of the pattern from which the layout was made.
  virtual void readWeights(int16_t* weights) const = 0;
  virtual void writeWeights(const int16_t* weights) = 0;
  /// The velocities; only if the layout was made with momentum.
  virtual void readVelocities(int16_t* velocities) const = 0;
  virtual void writeVelocities(const int16_t* velocities) = 0;

  // Passes cover either the pairs of a list or the whole layout, including silent neurons. Which one is
  // faster depends on how many pairs of the left layer are active; the results are the same.
  virtual bool forwardsWhole(uint32_t activeGroups) const = 0;
  virtual bool updatesWhole(uint32_t activeGroups) const = 0;

  /// sums[r] += activation * weight; the caller has ensured that 32-bit sums do not overflow.
  virtual void forward(uint32_t slab, const ActiveList& list, int32_t* sums) const = 0;
  /// sums[r] = biases[r] + activation * weight for the whole layer; only if forwardsWhole().
  virtual void forwardWhole(uint32_t slab, const WholeLayer& left, const int32_t* biases,
                            int32_t* sums) const = 0;
  /// errors[l] = this slab's sum of delta * weight for the left neurons of the groups of the list.
  virtual void backward(uint32_t slab, const ActiveList& list, const int16_t* deltas,
                        int32_t* errors) const = 0;
  virtual void backwardExact(uint32_t slab, const ActiveList& list, const int16_t* deltas,
                             int64_t* errors) = 0;
  /// `paired`: scaled deltas, each twice in a row.
  virtual void update(uint32_t slab, const ActiveList& list, const int16_t* paired,
                      const UpdateRule& rule) = 0;
  /// The same for the whole layer; only if updatesWhole(). `moving`: which blocks change (WideKernels::scaleDeltas).
  virtual void updateWhole(uint32_t slab, const WholeLayer& left, const int16_t* paired,
                           const uint8_t* moving, const UpdateRule& rule) = 0;
  /// Covers every edge, active or not.
  virtual void updateWithMomentum(uint32_t slab, const WholeLayer& left, const int16_t* paired,
                                  const MomentumRule& rule) = 0;
  virtual void decay(uint32_t slab, int16_t factor, const UpdateRule& rule) = 0;

 protected:
  /// Keeps a reference to the pattern.
  WideLayout(const Pattern& pattern, bool momentum);

  /// Called for a pass that a layout does not have, or for velocities without momentum: a mistake of the caller.
  [[noreturn]] static void hasNoPass() { std::abort(); }

  /// Arranges the junction in the slabs that firstOf and endOf describe; weights and velocities become zero.
  virtual void layOut() = 0;

  const Pattern& pattern_;
  const bool momentum_;

 private:
  void divide(uint32_t slabs);

  std::vector<uint32_t> ends_;
};

/// Whether tiles are filled well enough for storing the pattern as tiles.
bool laidOutAsTiles(const Pattern& pattern);

/// Makes tiles if they are filled well enough, otherwise a list of edges. `last`: whether this is the last
/// junction, and not also the first.
std::unique_ptr<WideLayout> makeWideLayout(const Pattern& pattern, const WideKernels* kernels, bool momentum,
                                           bool last);

}  // namespace sparse_train
