// Tiny networks and examples made from a fuzzer's bytes: everything that the addon (native/addon/arguments.cpp) lets
// through, and nothing that it refuses.
#pragma once

#include <fuzzer/FuzzedDataProvider.h>

#include <memory>
#include <vector>

#include "../engine/network.hpp"

namespace sparse_train {

using Bytes = FuzzedDataProvider;

/// Ends the process, which the fuzzer reports with the input that led here.
void require(bool holds, const char* what);

/// A kernel set that this CPU has.
const KernelSet* anyKernels(Bytes& bytes);

/// A valid spec without patterns: up to 4 layers of up to `widest` neurons, any arithmetic and options.
NetworkSpec anySpec(Bytes& bytes, uint32_t widest);

/// A network that is used again and again, as making one takes longer than what a target does with it.
struct KeptNetwork {
  std::unique_ptr<Network> network;
  std::vector<uint8_t> start;  ///< its state when it was made
  std::vector<uint8_t> busy;   ///< after some examples, the last of which are in the pipeline

  void restore(const std::vector<uint8_t>& state);
};

constexpr uint32_t kKeptNetworks = 64;

/// One of a fixed, varied set with drawn patterns, index below kKeptNetworks.
KeptNetwork& keptNetwork(uint32_t index, const KernelSet* kernels);

/// `count` examples of any type, floats and scaling whatever bytes make; and the call that presents them.
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

/// Trains with the examples, predicts them together and one alone.
void trainAndPredict(Network& network, const TrainJob& job);

}  // namespace sparse_train
