// Makes tiny networks and examples from a fuzzer's bytes: anything that the addon (native/addon/arguments.cpp)
// accepts, and nothing that it refuses.
#pragma once

#include <fuzzer/FuzzedDataProvider.h>

#include <memory>
#include <vector>

#include "../engine/network.hpp"

namespace sparse_train {

using Bytes = FuzzedDataProvider;

/// Ends the process if a condition does not hold; the fuzzer then reports the input.
void require(bool holds, const char* what);

/// Chooses a kernel set that this CPU can run.
const KernelSet* anyKernels(Bytes& bytes);

/// A valid spec without patterns: up to 4 layers of up to `widest` neurons, any arithmetic and options.
NetworkSpec anySpec(Bytes& bytes, uint32_t widest);

/// A network that is used many times, because making one takes longer than what a target does with it.
struct KeptNetwork {
  std::unique_ptr<Network> network;
  std::vector<uint8_t> start;  ///< its state when it was made
  std::vector<uint8_t> busy;   ///< after some examples, the last of which are in the pipeline

  void restore(const std::vector<uint8_t>& state);
};

constexpr uint32_t kKeptNetworks = 64;

/// One of a fixed, varied set of networks with drawn patterns; `index` is below kKeptNetworks.
KeptNetwork& keptNetwork(uint32_t index, const KernelSet* kernels);

/// `count` examples of any type, with floats and scaling of arbitrary bits, and the call that presents them.
class TinyExamples {
 public:
  TinyExamples(Bytes& bytes, const Network& network, uint32_t count);
  const TrainJob& job() const { return job_; }

 private:
  void drawInputs(Bytes& bytes, uint32_t columns);
  void drawTargets(Bytes& bytes, const NetworkSpec& spec);

  TrainJob job_;
  uint32_t count_;
  std::vector<uint8_t> inputs_, flags_;
  std::vector<double> offsets_, scales_, values_, rates_;
  std::vector<int32_t> labels_;
  std::vector<uint32_t> order_;
};

/// Weights and biases of all junctions, as bytes.
std::vector<uint8_t> allParameters(const Network& network);

/// Trains on the examples, then predicts all of them together and one alone.
void trainAndPredict(Network& network, const TrainJob& job);

}  // namespace sparse_train
