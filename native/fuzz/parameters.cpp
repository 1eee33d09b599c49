// Any weights and biases, inputs, scaling, targets and learning rates: training does what the arithmetic says, without
// undefined behaviour, and the same on every kernel set.
#include "../kernels/kernel_set.hpp"
#include "tiny.hpp"

using namespace sparse_train;

namespace {

/// `bytes` of any value: floats may be NaN, integers beyond the format.
std::vector<uint8_t> anyWords(Bytes& bytes, size_t count) {
  std::vector<uint8_t> words = bytes.ConsumeBytes<uint8_t>(4 * count);
  const uint8_t fill = words.empty() ? 0 : words.back();
  words.resize(4 * count, fill);
  return words;
}

void writeParameters(Bytes& bytes, Network& first, Network& second) {
  for (uint32_t j = 0; j < first.junctions(); j++) {
    if (bytes.ConsumeBool()) {
      const std::vector<uint8_t> weights = anyWords(bytes, first.spec().patterns[j].edges());
      first.writeWeights(j, weights.data());
      second.writeWeights(j, weights.data());
    }
    if (bytes.ConsumeBool()) {
      const std::vector<uint8_t> biases = anyWords(bytes, first.spec().layers[j + 1]);
      first.writeBiases(j, biases.data());
      second.writeBiases(j, biases.data());
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Bytes bytes(data, size);
  const auto index = bytes.ConsumeIntegralInRange<uint32_t>(0, kKeptNetworks - 1);
  KeptNetwork& kept = keptNetwork(index, availableKernelSets().front());
  Network* const network = kept.network.get();
  KeptNetwork& alike = keptNetwork(index, anyKernels(bytes));
  Network* const other = alike.network.get();
  kept.restore(kept.start);
  alike.restore(alike.start);
  writeParameters(bytes, *network, *other);
  const TinyExamples examples(bytes, *network, bytes.ConsumeIntegralInRange<uint32_t>(1, 4));
  trainAndPredict(*network, examples.job());
  network->drain();
  if (other == network) return 0;
  trainAndPredict(*other, examples.job());
  other->drain();
  // The bits of a NaN say where it came from, which is no part of the arithmetic.
  if (network->spec().arithmetic != Arithmetic::floating)
    require(allParameters(*network) == allParameters(*other), "kernel sets agree");
  return 0;
}
