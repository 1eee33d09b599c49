// The `float` arithmetic: single precision, the yardstick beside the integers. Same patterns, schedule and options;
// results may differ between machines in the last places (docs/arithmetic.md, "Float").
#pragma once

#include <memory>
#include <vector>

#include "engine/network.hpp"
#include "float_batches.hpp"
#include "float_junction.hpp"
#include "float_neurons.hpp"

namespace sparse_train {

class FloatNetwork final : public Network {
 public:
  explicit FloatNetwork(NetworkSpec spec);

  bool integerWeights() const override { return false; }
  const char* layoutOf(uint32_t) const override { return "list"; }
  void readWeights(uint32_t junction, void* weights) const override;
  void writeWeights(uint32_t junction, const void* weights) override;
  void readBiases(uint32_t junction, void* biases) const override;
  void writeBiases(uint32_t junction, const void* biases) override;
  Telemetry telemetry() const override;
  std::string rateFault(double) const override { return ""; }
  std::string batchFault(uint32_t) const override { return ""; }

 protected:
  void load(const InFlight& input, const InputView& inputs, const TargetView& targets, uint64_t row) override;
  void prepare(uint32_t junction, const BlockWork& work) override;
  void sweep(uint32_t junction, uint32_t slab, const BlockWork& work) override;
  void finish(uint32_t junction, const BlockWork& work) override;
  /// One: sums in floating point depend on their order, so a junction is never shared.
  uint32_t slabsOf(uint32_t) const override { return 1; }
  void configure(uint32_t threads, const std::vector<double>& classWeights) override;
  /// Adam's moments change with every update, so that there is nothing to gain from one example at a time.
  bool trainsInBatchesOnly() const override { return spec().optimizer.kind != OptimizerSpec::Kind::sgd; }
  void prepareBatches(uint32_t size, const TrainJob& job) override;
  void trainBatch(const Batch& batch, Team& team) override;
  void fingerprint(Fingerprint& fingerprint) const override;
  void exchangeJunction(StateExchange& state, uint32_t junction) override;
  void exchangeSlot(StateExchange& state, uint32_t slot) override;
  void exchangeRest(StateExchange& state) override;
  std::unique_ptr<Scratch> makeScratch() const override;
  void infer(Scratch& scratch, const InputView& inputs, uint64_t row, float* scores,
             uint32_t* decision) const override;

 private:
  /// Of the online path, one per junction.
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
  std::unique_ptr<FloatBatches> batches_;  ///< made when first needed
};

}  // namespace sparse_train
