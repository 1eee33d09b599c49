// Makes networks with arbitrary given edges. patternFault() must refuse them, or every arithmetic must be able to
// train them, also after another given pattern replaces the first and after edges move.
#include "../pattern/pattern.hpp"

#include "../pattern/interleaver.hpp"
#include "../pattern/rewire.hpp"
#include "tiny.hpp"

using namespace sparse_train;

namespace {

/// Makes offsets that usually pass the addon's parseEdges(), and arbitrary left neurons.
Pattern givenPattern(Bytes& bytes, uint32_t left, uint32_t right) {
  Pattern pattern;
  pattern.left = left;
  pattern.right = right;
  pattern.offsets.push_back(0);
  const bool ordered = bytes.ConsumeBool();
  for (uint32_t neuron = 0; neuron < right; neuron++) {
    const auto fanIn = bytes.ConsumeIntegralInRange<uint32_t>(0, left + (ordered ? 0 : 1));
    uint32_t next = 0;
    for (uint32_t edge = 0; edge < fanIn; edge++) {
      const auto given = bytes.ConsumeIntegralInRange<uint32_t>(0, ordered ? 1 : left);
      const uint32_t place = ordered ? next + given : given;
      if (ordered && place >= left) break;
      pattern.lefts.push_back(place);
      next = place + 1;
    }
    pattern.offsets.push_back(pattern.lefts.size());
  }
  return pattern;
}

void checkRules(Bytes& bytes, const Pattern& pattern) {
  const auto parallelism = bytes.ConsumeIntegralInRange<uint32_t>(0, pattern.left + 2);
  const Violation violation = findViolation(pattern, parallelism);
  if (violation.kind == Violation::Kind::none) {
    sweepsAreComplete(pattern, parallelism);
    require(patternFault(sortedPattern(pattern)).empty(), "a pattern without a violation is one");
  } else {
    require(violation.edge < pattern.edges() && violation.other <= violation.edge,
            "a violation is an edge's");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Bytes bytes(data, size);
  NetworkSpec spec = anySpec(bytes, 12);
  spec.hardware.format = {4, 1};  // its tables are made quickly
  const bool hardware = spec.arithmetic == Arithmetic::hardware;
  for (uint32_t j = 0; j + 1 < spec.layers.size(); j++) {
    Pattern pattern = givenPattern(bytes, spec.layers[j], spec.layers[j + 1]);
    checkRules(bytes, pattern);
    if (!patternFault(hardware ? sortedPattern(pattern) : pattern).empty()) return 0;
    degreesOf(pattern);
    spec.patterns.push_back(std::move(pattern));
  }
  Pattern other = givenPattern(bytes, spec.layers[0], spec.layers[1]);
  const std::unique_ptr<Network> network = makeNetwork(spec);
  const TinyExamples examples(bytes, *network, bytes.ConsumeIntegralInRange<uint32_t>(1, 4));
  trainAndPredict(*network, examples.job());
  if (network->capabilities().patterns == nullptr) return 0;
  if (patternFault(other).empty()) network->setPattern(0, std::move(other));
  network->rewire(bytes.ConsumeIntegralInRange<uint32_t>(0, 65536), bytes.ConsumeBool());
  for (const Pattern& pattern : network->spec().patterns)
    require(patternFault(pattern).empty(), "a pattern stays one when its edges move");
  trainAndPredict(*network, examples.job());
  return 0;
}
