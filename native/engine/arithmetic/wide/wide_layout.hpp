// How the weights of a junction lie in memory for the `wide` arithmetic, and the passes over them. A layout is split
// into slabs by right neurons; threads share a junction slab by slab, the work on its right neurons included. Nothing
// computed depends on the number of slabs.
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

/// Right neurons are shared in units of this many: whole vectors of the kernels, and whole tiles.
constexpr uint32_t kSlabUnit = 2 * kTileRights;

enum class LayoutKind { tiles, list, outputs };

class WideLayout {
 public:
  virtual ~WideLayout() = default;

  virtual LayoutKind kind() const = 0;
  /// Splits into at most `slabs` slabs of about equal work (fewer if there are fewer right neurons to share).
  void partition(uint32_t slabs);
  uint32_t slabs() const { return static_cast<uint32_t>(ends_.size()); }
  /// The right neurons of a slab: from firstOf to before endOf, of the last one with padding to a whole unit.
  uint32_t firstOf(uint32_t slab) const { return slab == 0 ? 0 : ends_[slab - 1]; }
  uint32_t endOf(uint32_t slab) const { return ends_[slab]; }

  /// Weights in edge order of the pattern the layout was made from.
  virtual void readWeights(int16_t* weights) const = 0;
  virtual void writeWeights(const int16_t* weights) = 0;
  /// The same of momentum; only if the layout was made with it.
  virtual void readVelocities(int16_t* velocities) const = 0;
  virtual void writeVelocities(const int16_t* velocities) = 0;

  // Passes go over the pairs of a list, or over the whole layout, silent neurons included. Which is quicker depends on
  // how many of the left layer's pairs are active; the results are the same.
  virtual bool forwardsWhole(uint32_t activeGroups) const = 0;
  virtual bool updatesWhole(uint32_t activeGroups) const = 0;

  /// sums[r] += activation * weight; the caller has shown that 32-bit sums do not overflow.
  virtual void forward(uint32_t slab, const ActiveList& list, int32_t* sums) const = 0;
  /// sums[r] = biases[r] + activation * weight, of the whole layer; only if forwardsWhole().
  virtual void forwardWhole(uint32_t slab, const WholeLayer& left, const int32_t* biases,
                            int32_t* sums) const = 0;
  /// errors[l] = this slab's sum of delta * weight for the left neurons of the groups of the list.
  virtual void backward(uint32_t slab, const ActiveList& list, const int16_t* deltas,
                        int32_t* errors) const = 0;
  virtual void backwardExact(uint32_t slab, const ActiveList& list, const int16_t* deltas,
                             int64_t* errors) const = 0;
  /// `paired`: scaled deltas, each twice in a row.
  virtual void update(uint32_t slab, const ActiveList& list, const int16_t* paired,
                      const UpdateRule& rule) = 0;
  /// The same; only if updatesWhole(). `moving`: which blocks move (WideKernels::scaleDeltas).
  virtual void updateWhole(uint32_t slab, const WholeLayer& left, const int16_t* paired,
                           const uint8_t* moving, const UpdateRule& rule) = 0;
  /// Every edge, active or not; `values`: all left activations.
  virtual void updateWithMomentum(uint32_t slab, const int16_t* values, const int16_t* paired,
                                  const MomentumRule& rule) = 0;
  virtual void decay(uint32_t slab, int16_t factor, const UpdateRule& rule) = 0;

 protected:
  /// Keeps a reference to the pattern.
  WideLayout(const Pattern& pattern, bool momentum);

  /// For a pass that a layout does not have, or velocities without momentum: whoever asks for it has made a mistake.
  [[noreturn]] static void hasNoPass() { std::abort(); }

  /// Lays the junction out in the slabs that firstOf and endOf describe; weights and velocities become zero.
  virtual void layOut() = 0;

  const Pattern& pattern_;
  const bool momentum_;

 private:
  void divide(uint32_t slabs);

  std::vector<uint32_t> ends_;
};

/// Whether tiles are filled well enough for the pattern to be held as tiles.
bool laidOutAsTiles(const Pattern& pattern);

/// Tiles if they are filled well enough, otherwise a list of edges. `last`: of the junction before the outputs, behind
/// another one.
std::unique_ptr<WideLayout> makeWideLayout(const Pattern& pattern, const WideKernels* kernels, bool momentum,
                                           bool last);

}  // namespace sparse_train
