// The weights of a network of the `wide` arithmetic. Only this class decides which layout holds them at a
// time: the layouts of online training, or those of mini-batches.
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
  /// The same for writing. Afterwards the online layouts hold all weights.
  void write(uint32_t junction, const int16_t* weights);
  void writeVelocities(uint32_t junction, const int16_t* velocities);

  /// Moves the weights to the online layouts. Cheap if they are there already.
  void useLayouts();
  /// Moves the weights to the layouts of mini-batches. Cheap if they are there already.
  WideBatches& useBatches();
  /// Gives the layouts of mini-batches a copy of the weights for predictions. The weights stay where they
  /// are.
  const WideBatches& copyForPredictions();
  bool inBatches() const { return inBatches_; }

  /// The kind of a junction's online layout, regardless of where the weights are.
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

  /// The last junction's layout if it consists of output rows, otherwise null.
  OutputLayout* outputLayout() { return output_; }

  /// To be called before and after a junction's pattern changes in the spec, because layouts refer to their
  /// patterns. Between the two calls the junction has no layout; after the second its weights are zero, in as
  /// many slabs as one thread needs.
  void dropLayout(uint32_t junction);
  void makeLayout(uint32_t junction);

 private:
  bool hasVelocities() const { return spec_.momentum > 0.0; }
  void copyWeightsToBatches();

  const NetworkSpec& spec_;
  std::vector<std::unique_ptr<WideLayout>> layouts_;
  OutputLayout* output_ = nullptr;
  std::unique_ptr<WideBatches> batches_;  ///< created for the first batch, or for many predictions
  bool inBatches_ = false;
};

}  // namespace sparse_train
