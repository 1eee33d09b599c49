// Weights as tiles of 2 left x 16 right neurons, sorted by left group, then right block.
#pragma once

#include <vector>

#include "engine/aligned_buffer.hpp"
#include "wide_layout.hpp"

namespace sparse_train {

/// The number of tiles that the pattern touches.
uint64_t countTiles(const Pattern& pattern);

/// The active tiles of a slab for one example: feed-forward finds them, and the update of the same example uses them.
class ActiveSlab {
 public:
  bool known() const { return known_; }
  void forget() { known_ = false; }

 private:
  friend class TileLayout;
  void reserve(size_t bins);
  ActiveTiles view();

  AlignedBuffer<uint8_t> places_, counts_;
  AlignedBuffer<uint16_t> bins_;
  AlignedBuffer<int32_t> sums_;
  uint32_t fours_ = 0;
  bool known_ = false;
};

class TileLayout final : public WideLayout {
 public:
  /// Keeps a reference to the pattern.
  TileLayout(const Pattern& pattern, const WideKernels* kernels, bool momentum);

  LayoutKind kind() const override { return LayoutKind::tiles; }
  void readWeights(int16_t* weights) const override;
  void writeWeights(const int16_t* weights) override;
  void readVelocities(int16_t* velocities) const override;
  void writeVelocities(const int16_t* velocities) override;

  bool forwardsWhole(uint32_t activeGroups) const override { return activeGroups >= forwardWholeFrom_; }
  bool updatesWhole(uint32_t activeGroups) const override { return activeGroups >= updateWholeFrom_; }
  void forward(uint32_t slab, const ActiveList& list, int32_t* sums) const override;
  void forwardWhole(uint32_t slab, const WholeLayer& left, const int32_t* biases,
                    int32_t* sums) const override;
  void backward(uint32_t slab, const ActiveList& list, const int16_t* deltas, int32_t* errors) const override;
  void backwardExact(uint32_t slab, const ActiveList& list, const int16_t* deltas, int64_t* errors) override;
  void update(uint32_t slab, const ActiveList& list, const int16_t* paired, const UpdateRule& rule) override;
  void updateWhole(uint32_t slab, const WholeLayer& left, const int16_t* paired, const uint8_t* moving,
                   const UpdateRule& rule) override;
  void updateWithMomentum(uint32_t slab, const WholeLayer& left, const int16_t* paired,
                          const MomentumRule& rule) override;
  void decay(uint32_t slab, int16_t factor, const UpdateRule& rule) override;

  /// forwardWhole() and the relu layer to the right; `activations` and `activity` cover the whole layer.
  ReluResult forwardRelu(uint32_t slab, const WholeLayer& left, const int32_t* biases, int fraction,
                         int16_t* activations, uint8_t* activity) const;

  /// Whether forwardActive() is the fastest pass with so many active groups.
  bool forwardsActive(uint32_t activeGroups) const {
    return activeGroups >= forwardActiveFrom_ && activeGroups <= forwardActiveTo_;
  }
  /// forwardRelu() from the active tiles alone, which it finds.
  ReluResult forwardActive(uint32_t slab, const WholeLayer& left, const int32_t* biases, int fraction,
                           int16_t* activations, uint8_t* activity, ActiveSlab& active) const;
  /// updateWhole() with the tiles that forwardActive() found.
  void updateActive(uint32_t slab, const WholeLayer& left, const int16_t* paired, const uint8_t* moving,
                    const UpdateRule& rule, ActiveSlab& active);

  /// Whether whole passes are possible: their index holds 16-bit numbers.
  bool isIndexed() const { return indexed_; }
  uint64_t tiles() const { return tiles_; }
  /// The relu layer to the right of four examples (WideKernels::forwardFour); only if isIndexed().
  void forwardFour(uint32_t slab, const int16_t* values, size_t valuesStride, const int32_t* biases,
                   int fraction, int16_t* hidden, size_t stride) const;

 protected:
  void layOut() override;

 private:
  struct Slab {
    std::vector<uint32_t> groupStart, blocks, masks;
    std::vector<uint16_t> steps;
    AlignedBuffer<int16_t> weights, velocities;
    bool oneBlock = false, everyBlock = false;
    uint32_t leastTiles = 0, mostTiles = 0;

    // For whole passes: the tiles by block, the position of each tile, and room for lists of tiles and
    // shifted activations.
    uint32_t firstBlock = 0;
    std::vector<uint32_t> blockStart;
    std::vector<uint16_t> blockTiles, blockGroups;
    std::vector<TileRecord> records;
    AlignedBuffer<uint8_t> groupBytes, groupBits, blockBytes, blockBits;
    std::vector<uint16_t> active;

    // For passes over active tiles: the bins.
    std::vector<uint32_t> binStart;
    std::vector<BinPlace> binPlaces;
    std::vector<uint16_t> binTiles;
    AlignedBuffer<uint8_t> binBytes, binBits;

    AlignedBuffer<int16_t> shifted;

    // For backpropagation whose sums might not fit 32 bits.
    AlignedBuffer<int16_t> part;
    AlignedBuffer<int32_t> partErrors;

    TileSlab view() const;
    BlockIndex index() const;
    TileFlags flags() const;
    TileBins bins() const;
  };

  /// Calls visit(slab, place) for every edge in order; `place` is the edge's index in the slab's weights.
  template <typename Visit>
  void forEdges(Visit visit) const;
  void build(uint32_t firstBlock, uint32_t lastBlock, Slab& slab) const;
  void makeIndex(uint32_t firstBlock, uint32_t lastBlock, Slab& slab) const;
  void makeBins(uint32_t blocks, Slab& slab) const;
  void choosePasses();
  /// All left activations, shifted for an update.
  const int16_t* shiftedValues(Slab& slab, const WholeLayer& left, int32_t shift) const;

  const WideKernels* kernels_;
  uint32_t groups_;
  uint32_t blocks_;
  std::vector<uint32_t> blockToSlab_;
  std::vector<Slab> slabs_;
  uint64_t tiles_ = 0;  ///< of all slabs
  bool indexed_ = false;
  uint32_t forwardWholeFrom_ = 0,
           updateWholeFrom_ = 0;  ///< from this many active groups on, whole passes are faster
  uint32_t forwardActiveFrom_ = 1, forwardActiveTo_ = 0;  ///< the range in which passes over active tiles are
};

}  // namespace sparse_train
