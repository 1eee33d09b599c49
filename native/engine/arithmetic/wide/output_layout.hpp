// Weights of a dense last junction with few outputs, as rows of 32 left neurons per output. Errors then need
// no sum across a vector, and no lane of a tile is wasted on missing outputs. Rounding numbers are the same
// as with tiles.
#pragma once

#include "engine/aligned_buffer.hpp"
#include "wide_layout.hpp"

namespace sparse_train {

class OutputLayout final : public WideLayout {
 public:
  /// Whether a junction can have this layout: it is dense, has at most kMostOutputs outputs and no momentum,
  /// and is not so wide that processing silent left neurons would cost more than it saves.
  static bool suits(const Pattern& pattern, bool momentum);

  /// Keeps a reference to the pattern.
  OutputLayout(const Pattern& pattern, const WideKernels* kernels);

  LayoutKind kind() const override { return LayoutKind::outputs; }
  void readWeights(int16_t* weights) const override;
  void writeWeights(const int16_t* weights) override;
  void readVelocities(int16_t*) const override { hasNoPass(); }
  void writeVelocities(const int16_t*) override { hasNoPass(); }

  bool forwardsWhole(uint32_t) const override { return true; }
  bool updatesWhole(uint32_t) const override { return true; }
  void forward(uint32_t slab, const ActiveList& list, int32_t* sums) const override;
  void forwardWhole(uint32_t slab, const WholeLayer& left, const int32_t* biases,
                    int32_t* sums) const override;
  void backward(uint32_t slab, const ActiveList& list, const int16_t* deltas, int32_t* errors) const override;
  void backwardExact(uint32_t slab, const ActiveList& list, const int16_t* deltas, int64_t* errors) override;
  void update(uint32_t slab, const ActiveList& list, const int16_t* paired, const UpdateRule& rule) override;
  void updateWhole(uint32_t slab, const WholeLayer& left, const int16_t* paired, const uint8_t* moving,
                   const UpdateRule& rule) override;
  void updateWithMomentum(uint32_t, const WholeLayer&, const int16_t*, const MomentumRule&) override {
    hasNoPass();
  }
  void decay(uint32_t slab, int16_t factor, const UpdateRule& rule) override;

  /// errors[l] = sum of delta * weight, for all left neurons.
  void errors(const int16_t* deltas, int32_t* errors) const;
  /// The deltas of the relu layer to the left, from the weights before the update; then, if `moves`, the
  /// update. Returns how many deltas were clipped.
  uint32_t backwardRelu(const WholeLayer& left, const int16_t* deltas, const int16_t* paired, bool moves,
                        int fraction, const UpdateRule& rule, int16_t* leftDeltas);

 protected:
  void layOut() override;

 private:
  OutputRows view() const;
  size_t placeOf(uint32_t left, uint32_t right) const;

  const WideKernels* kernels_;
  uint32_t leftBlocks_ = 0, rows_ = 0;
  AlignedBuffer<int16_t> weights_;
};

}  // namespace sparse_train
