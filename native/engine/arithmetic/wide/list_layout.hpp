// Weights as a list of edges sorted by left neuron, for patterns too scattered for tiles. Silent left neurons are skipped, as
// with tiles.
#pragma once

#include <vector>

#include "engine/aligned_buffer.hpp"
#include "wide_layout.hpp"

namespace sparse_train {

class ListLayout final : public WideLayout {
 public:
  /// Keeps a reference to the pattern.
  ListLayout(const Pattern& pattern, const WideKernels* kernels, bool momentum);

  LayoutKind kind() const override { return LayoutKind::list; }
  void readWeights(int16_t* weights) const override;
  void writeWeights(const int16_t* weights) override;
  void readVelocities(int16_t* velocities) const override;
  void writeVelocities(const int16_t* velocities) override;

  /// Lists of edges have no pass over silent neurons.
  bool forwardsWhole(uint32_t) const override { return false; }
  bool updatesWhole(uint32_t) const override { return false; }
  void forward(uint32_t slab, const ActiveList& list, int32_t* sums) const override;
  void forwardWhole(uint32_t, const WholeLayer&, const int32_t*, int32_t*) const override { hasNoPass(); }
  void backward(uint32_t slab, const ActiveList& list, const int16_t* deltas, int32_t* errors) const override;
  void backwardExact(uint32_t slab, const ActiveList& list, const int16_t* deltas, int64_t* errors) override;
  void update(uint32_t slab, const ActiveList& list, const int16_t* paired, const UpdateRule& rule) override;
  void updateWhole(uint32_t, const WholeLayer&, const int16_t*, const uint8_t*, const UpdateRule&) override {
    hasNoPass();
  }
  void updateWithMomentum(uint32_t slab, const WholeLayer& left, const int16_t* paired,
                          const MomentumRule& rule) override;
  void decay(uint32_t slab, int16_t factor, const UpdateRule& rule) override;

 protected:
  void layOut() override;

 private:
  struct Slab {
    std::vector<uint32_t> start;   ///< the first edge of each left neuron, as in EdgeSlab
    std::vector<uint32_t> rights;  ///< right neuron of each edge, padded
    std::vector<uint32_t>
        firstOrdinal;  ///< number of each left neuron's first edge of this slab in the junction
    AlignedBuffer<int16_t> weights, velocities;  ///< padded
    AlignedBuffer<int16_t> twice;                ///< room for BP

    EdgeSlab view() const;
  };

  template <typename Visit>
  void forEdges(Visit visit) const;
  void build(uint32_t firstRight, uint32_t lastRight, Slab& slab) const;

  const WideKernels* kernels_;
  mutable std::vector<Slab> slabs_;  ///< BP uses their room
};

}  // namespace sparse_train
