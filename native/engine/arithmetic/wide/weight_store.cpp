#include "weight_store.hpp"

namespace sparse_train {

WeightStore::WeightStore(const NetworkSpec& spec) : spec_(spec), layouts_(spec.patterns.size()) {
  for (uint32_t junction = 0; junction < layouts_.size(); junction++) makeLayout(junction);
}

void WeightStore::dropLayout(uint32_t junction) {
  useLayouts();
  batches_.reset();  // batches use their own layouts of the same patterns
  layouts_[junction].reset();
}

void WeightStore::makeLayout(uint32_t junction) {
  const bool last = junction + 1 == layouts_.size();
  layouts_[junction] =
      makeWideLayout(spec_.patterns[junction], spec_.kernels->wide, hasVelocities(), last && junction > 0);
  if (!last) return;
  const bool outputs = kindOf(junction) == LayoutKind::outputs;
  output_ = outputs ? static_cast<OutputLayout*>(layouts_[junction].get()) : nullptr;
}

void WeightStore::read(uint32_t junction, int16_t* weights) const {
  if (inBatches_) {
    batches_->junction(junction).readWeights(weights);
  } else {
    layouts_[junction]->readWeights(weights);
  }
}

void WeightStore::readVelocities(uint32_t junction, int16_t* velocities) const {
  if (inBatches_) {
    batches_->junction(junction).readVelocities(velocities);
  } else {
    layouts_[junction]->readVelocities(velocities);
  }
}

void WeightStore::write(uint32_t junction, const int16_t* weights) {
  useLayouts();
  layouts_[junction]->writeWeights(weights);
}

void WeightStore::writeVelocities(uint32_t junction, const int16_t* velocities) {
  useLayouts();
  layouts_[junction]->writeVelocities(velocities);
}

void WeightStore::useLayouts() {
  if (!inBatches_) return;
  for (uint32_t junction = 0; junction < layouts_.size(); junction++) {
    std::vector<int16_t> values(spec_.patterns[junction].edges());
    batches_->junction(junction).readWeights(values.data());
    layouts_[junction]->writeWeights(values.data());
    if (!hasVelocities()) continue;
    batches_->junction(junction).readVelocities(values.data());
    layouts_[junction]->writeVelocities(values.data());
  }
  inBatches_ = false;
}

void WeightStore::copyWeightsToBatches() {
  if (batches_ == nullptr) batches_ = std::make_unique<WideBatches>(spec_);
  for (uint32_t junction = 0; junction < layouts_.size(); junction++) {
    std::vector<int16_t> weights(spec_.patterns[junction].edges());
    layouts_[junction]->readWeights(weights.data());
    batches_->junction(junction).writeWeights(weights.data());
  }
}

WideBatches& WeightStore::useBatches() {
  if (inBatches_) return *batches_;
  copyWeightsToBatches();
  for (uint32_t junction = 0; hasVelocities() && junction < layouts_.size(); junction++) {
    std::vector<int16_t> velocities(spec_.patterns[junction].edges());
    layouts_[junction]->readVelocities(velocities.data());
    batches_->junction(junction).writeVelocities(velocities.data());
  }
  inBatches_ = true;
  return *batches_;
}

const WideBatches& WeightStore::copyForPredictions() {
  if (!inBatches_) copyWeightsToBatches();
  return *batches_;
}

}  // namespace sparse_train
