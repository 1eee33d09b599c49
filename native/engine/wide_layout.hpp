// How the weights of a junction lie in memory for the `wide` arithmetic, and the passes over them. A layout is split
// into slabs by right neurons; threads share a junction slab by slab. Nothing computed depends on the number of slabs.
#pragma once

#include <stdint.h>

#include <memory>
#include <string>

#include "../kernels/wide_kernels.hpp"
#include "../pattern/pattern.hpp"

namespace sparse_train {

class WideLayout {
 public:
  virtual ~WideLayout() = default;

  virtual const char* name() const = 0;
  /// Splits into at most `slabs` slabs of about equal work (fewer if there are fewer right neurons to share).
  void partition(uint32_t slabs);
  virtual uint32_t slabs() const = 0;

  /// Weights in edge order of the pattern the layout was made from.
  virtual void readWeights(int16_t* weights) const = 0;
  virtual void writeWeights(const int16_t* weights) = 0;
  /// The same of momentum; only if the layout was made with it.
  virtual void readVelocities(int16_t* velocities) const = 0;
  virtual void writeVelocities(const int16_t* velocities) = 0;

  /// sums[r] += activation * weight; 32-bit sums wrap, 64-bit sums cannot.
  virtual void forward(uint32_t slab, const ActiveList& list, int32_t* sums) const = 0;
  virtual void forwardExact(uint32_t slab, const ActiveList& list, int64_t* sums) const = 0;
  /// errors[l] = this slab's sum of delta * weight for the left neurons of the groups of the list.
  virtual void backward(uint32_t slab, const ActiveList& list, const int16_t* deltas,
                        int32_t* errors) const = 0;
  virtual void backwardExact(uint32_t slab, const ActiveList& list, const int16_t* deltas,
                             int64_t* errors) const = 0;
  /// `paired`: scaled deltas, each twice in a row.
  virtual void update(uint32_t slab, const ActiveList& list, const int16_t* paired,
                      const UpdateRule& rule) = 0;
  /// Every edge, active or not; `values`: all left activations.
  virtual void updateWithMomentum(uint32_t slab, const int16_t* values, const int16_t* paired,
                                  const MomentumRule& rule) = 0;
  virtual void decay(uint32_t slab, int16_t factor, const UpdateRule& rule) = 0;

 protected:
  /// Keeps a reference to the pattern.
  WideLayout(const Pattern& pattern, bool momentum) : pattern_(pattern), momentum_(momentum) {}

  virtual uint32_t mostSlabs() const = 0;
  /// Lays the junction out in `slabs` slabs; weights and velocities become zero.
  virtual void layOut(uint32_t slabs) = 0;

  const Pattern& pattern_;
  const bool momentum_;
};

/// Whether tiles are filled well enough for the pattern to be held as tiles.
bool laidOutAsTiles(const Pattern& pattern);

/// Tiles if they are filled well enough, otherwise a list of edges.
std::unique_ptr<WideLayout> makeWideLayout(const Pattern& pattern, const WideKernels* kernels, bool momentum);

}  // namespace sparse_train
