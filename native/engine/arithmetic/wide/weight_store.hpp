// The weights of a network of the `wide` arithmetic, and the one owner of the question which layout holds them now: the
// layouts of online training, or those of mini-batches.
#pragma once

#include <assert.h>
#include <stdint.h>

#include <memory>
#include <vector>

#include "engine/spec.hpp"
#include "output_layout.hpp"
#include "wide_batches.hpp"
#include "wide_layout.hpp"

namespace sparse_train {

class WeightStore {
 public:
  /// Keeps a reference to the spec. All weights are zero.
  explicit WeightStore(const NetworkSpec& spec);

  /// Weights and velocities in edge order, whichever layout holds them.
  void read(uint32_t junction, int16_t* weights) const;
  void readVelocities(uint32_t junction, int16_t* velocities) const;
  /// The same for writing; the online layouts hold all weights then.
  void write(uint32_t junction, const int16_t* weights);
  void writeVelocities(uint32_t junction, const int16_t* velocities);

  /// From now on the online layouts hold the weights. Cheap where they do already.
  void useLayouts();
  /// From now on the layouts of mini-batches hold the weights. Cheap where they do already.
  WideBatches& useBatches();
  /// Gives the layouts of mini-batches a copy to predict with; whoever holds the weights still does.
  const WideBatches& copyForPredictions();
  bool inBatches() const { return inBatches_; }

  /// The kind of a junction's online layout, whoever holds the weights.
  LayoutKind kindOf(uint32_t junction) const { return layouts_[junction]->kind(); }
  /// A junction's online layout, which must hold the weights.
  WideLayout& layout(uint32_t junction) {
    assert(!inBatches_);
    return *layouts_[junction];
  }
  const WideLayout& layout(uint32_t junction) const {
    assert(!inBatches_);
    return *layouts_[junction];
  }

  /// The last junction's layout if it is one of output rows, otherwise null.
  OutputLayout* outputLayout() { return output_; }

  /// Around a change of a junction's pattern in the spec: layouts refer to the pattern they were made from. Between the
  /// calls the junction has no layout; after them its weights are zero, in as many slabs as one thread needs.
  void dropLayout(uint32_t junction);
  void makeLayout(uint32_t junction);

 private:
  bool hasVelocities() const { return spec_.momentum > 0.0; }
  void copyWeightsToBatches();

  const NetworkSpec& spec_;
  std::vector<std::unique_ptr<WideLayout>> layouts_;
  OutputLayout* output_ = nullptr;
  std::unique_ptr<WideBatches> batches_;  ///< made at the first batch, or for many predictions
  bool inBatches_ = false;
};

}  // namespace sparse_train
