// The `float` arithmetic: single precision, the reference for comparing the integer arithmetics. It has the
// same patterns, schedule and options; its last bits may differ between machines (docs/arithmetic.md,
// "Float").
#pragma once

#include <memory>
#include <vector>

#include "engine/model.hpp"
#include "float_batches.hpp"
#include "float_junction.hpp"
#include "float_neurons.hpp"

namespace sparse_train {

class FloatModel final : public Model, private BatchTraining {
 public:
  explicit FloatModel(NetworkSpec spec);

  Capabilities capabilities() override {
    Capabilities capabilities;
    capabilities.weights = WeightType::float32;
    capabilities.batches = this;
    // Adam's moments change with every update, so training on single examples would have no advantage.
    capabilities.onlyBatches = spec().optimizer.kind != OptimizerSpec::Kind::sgd;
    capabilities.classWeights = true;
    return capabilities;
  }
  const char* layoutOf(uint32_t) const override { return "list"; }
  void readWeights(uint32_t junction, WeightSpan weights) const override;
  void writeWeights(uint32_t junction, ConstWeightSpan weights) override;
  void readBiases(uint32_t junction, BiasSpan biases) const override;
  void writeBiases(uint32_t junction, ConstBiasSpan biases) override;
  Telemetry telemetry() const override;
  std::string rateFault(double, uint32_t) const override { return ""; }

  void load(uint32_t slot, const InputView& inputs, const TargetView& targets, uint64_t row) override;
  void prepare(uint32_t junction, const BlockWork& work) override;
  void sweep(uint32_t junction, uint32_t slab, const BlockWork& work) override;
  void finish(uint32_t junction, const BlockWork& work) override;
  /// One: floating-point sums depend on their order, so threads never share a junction.
  uint32_t slabsOf(uint32_t) const override { return 1; }
  void configure(uint32_t threads, const std::vector<double>& classWeights) override;
  void fingerprint(Fingerprint& fingerprint) const override;
  void exchangeJunction(StateExchange& state, uint32_t junction) override;
  void exchangeSlot(StateExchange& state, uint32_t slot) override;
  void exchangeRest(StateExchange& state) override;
  void preparePredictions(const InputView&, uint64_t) override {}
  std::unique_ptr<Scratch> makeScratch() const override;
  void infer(Scratch& scratch, const InputView& inputs, uint64_t first, uint64_t end, float* scores,
             uint32_t* decisions) const override;

 private:
  void prepareBatches(uint32_t size, const TrainJob& job) override;
  void trainBatch(const Batch& batch, Team& team) override;

  /// For the online path, one per junction.
  struct Work {
    std::vector<float> sums, deltas, errors;
  };
  class FloatScratch;

  void initialiseWeights(uint32_t junction);
  static void forward(const FloatJunction& junction, const std::vector<float>& left, float* sums);

  std::vector<FloatJunction> junctions_;
  std::vector<Work> works_;
  std::vector<std::vector<std::vector<float>>> layers_;  ///< [layer 0..J-1][slot]
  std::vector<FloatTarget> targets_;
  FloatOutput output_;
  std::vector<float> scores_;
  std::unique_ptr<FloatBatches> batches_;  ///< created when first needed
};

}  // namespace sparse_train
