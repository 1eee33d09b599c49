// Small networks of every kind, with made-up examples, for tests of whole networks.
#pragma once

#include <string>
#include <vector>

#include "../engine/network.hpp"

namespace sparse_train {

struct Sample {
  std::string name;
  std::vector<uint32_t> layers;
  std::vector<Activation> activations;
  Output output = Output::softmax;
  Schedule schedule = Schedule::pipelined;
  Arithmetic arithmetic = Arithmetic::wide;
  WideFormat format = {};
  HardwareFormat hardware = {};
  double momentum = 0.0, weightDecay = 0.0;
  bool tiled = true;
  uint32_t batchSize = 1;
  bool adam = false;
};

// Networks that cover every arithmetic, schedule, output, activation, layout and optimizer at least once.
std::vector<Sample> samples();

// The spec of a sample, with a third of all edges and seed 5.
NetworkSpec specOf(const Sample& sample, const KernelSet* kernels);

/// Weights and biases of all junctions, as bytes.
std::vector<uint8_t> parametersOf(const Network& network);

/// Made-up examples, most inputs zero, for a network of a spec.
class SampleExamples {
 public:
  SampleExamples(const Sample& sample, uint32_t count);
  // A job with all examples, in another order.
  TrainJob job() const;

 private:
  Output output_;
  uint32_t batchSize_;
  std::vector<uint8_t> inputs_, flags_;
  std::vector<int32_t> labels_;
  std::vector<double> values_, rates_;
  std::vector<uint32_t> order_;
};

}  // namespace sparse_train
