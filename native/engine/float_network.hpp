// The `float` arithmetic: single precision, the yardstick beside the integers. Same patterns, schedule and options;
// results may differ between machines in the last places (docs/arithmetic.md, "Float").
#pragma once

#include <memory>
#include <vector>

#include "network.hpp"

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

 protected:
  void load(const InFlight& input, const InputView& inputs, const TargetView& targets, uint64_t row) override;
  void prepare(uint32_t junction, const BlockWork& work) override;
  void sweep(uint32_t junction, uint32_t slab, const BlockWork& work) override;
  void finish(uint32_t junction, const BlockWork& work) override;
  /// One: sums in floating point depend on their order, so a junction is never shared.
  uint32_t slabsOf(uint32_t) const override { return 1; }
  void configure(uint32_t threads, const std::vector<double>& classWeights) override;
  std::unique_ptr<Scratch> makeScratch() const override;
  void infer(Scratch& scratch, const InputView& inputs, uint64_t row, float* scores,
             uint32_t* decision) const override;

 private:
  struct Junction {
    std::vector<uint32_t> start;   ///< left + 1: first edge of each left neuron
    std::vector<uint32_t> rights;  ///< right neuron of each edge
    std::vector<float> weights, velocities;
    std::vector<float> biases, sums, deltas, errors;
  };
  struct Target {
    int32_t label = 0;
    std::vector<float> values;
  };
  class FloatScratch;

  template <typename Visit>
  void forEdges(uint32_t junction, Visit visit) const;
  void readInput(const InputView& inputs, uint64_t row, float* values) const;
  void forward(const Junction& junction, const std::vector<float>& left, float* sums) const;
  void activate(uint32_t layer, const float* sums, float* values) const;
  void score(const float* sums, float* scores) const;

  std::vector<Junction> junctions_;
  std::vector<std::vector<std::vector<float>>> layers_;  ///< [layer 0..J-1][slot]
  std::vector<Target> targets_;
  std::vector<double> classWeights_;
  std::vector<float> scores_;
};

}  // namespace sparse_train
