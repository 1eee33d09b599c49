// Sets arbitrary weights, biases, inputs, scaling, targets and learning rates. Training must follow the arithmetic
// without undefined behaviour, with the same result on every kernel set.
#include <cstring>

#include "../kernels/kernel_set.hpp"
#include "tiny.hpp"

using namespace sparse_train;

namespace {

/// Numbers of any value: floats may be NaN, integers beyond the format.
template <typename T>
std::vector<T> anyNumbers(Bytes& bytes, size_t count) {
  std::vector<uint8_t> drawn = bytes.ConsumeBytes<uint8_t>(count * sizeof(T));
  const uint8_t fill = drawn.empty() ? 0 : drawn.back();
  drawn.resize(count * sizeof(T), fill);
  std::vector<T> numbers(count);
  memcpy(numbers.data(), drawn.data(), drawn.size());
  return numbers;
}

void writeParameters(Bytes& bytes, Network& first, Network& second) {
  const WeightType type = first.capabilities().weights;
  for (uint32_t j = 0; j < first.junctions(); j++) {
    if (bytes.ConsumeBool()) {
      visitWeightType(type, [&](auto zero) {
        const auto weights = anyNumbers<decltype(zero)>(bytes, first.spec().patterns[j].edges());
        first.writeWeights(j, weights);
        second.writeWeights(j, weights);
      });
    }
    if (bytes.ConsumeBool()) {
      visitBiasType(type, [&](auto zero) {
        const auto biases = anyNumbers<decltype(zero)>(bytes, first.spec().layers[j + 1]);
        first.writeBiases(j, biases);
        second.writeBiases(j, biases);
      });
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
  // The bits of a NaN depend on the operation that made it; the arithmetic does not define them.
  if (network->spec().arithmetic != Arithmetic::floating)
    require(allParameters(*network) == allParameters(*other), "kernel sets agree");
  return 0;
}
