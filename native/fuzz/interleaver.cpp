// Makes interleavers of arbitrary sizes with arbitrary given vectors. They must be refused, or give a pattern that
// follows the rules and that the hardware arithmetic can train.
#include "../pattern/interleaver.hpp"

#include "tiny.hpp"

using namespace sparse_train;

namespace {

/// Returns an empty vector, so that the real one is drawn; or numbers, sometimes exactly as many as needed.
std::vector<uint32_t> anyVector(Bytes& bytes, size_t wanted, uint32_t below) {
  if (bytes.ConsumeBool()) return {};
  const size_t count = bytes.ConsumeBool() ? wanted : bytes.ConsumeIntegralInRange<size_t>(0, 40);
  std::vector<uint32_t> numbers;
  for (size_t i = 0; i < std::min<size_t>(count, 400); i++) {
    numbers.push_back(bytes.ConsumeIntegralInRange<uint32_t>(0, below));
  }
  return numbers;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Bytes bytes(data, size);
  InterleaverSpec spec;
  // Large layers are only checked for refusal, because drawing their patterns takes long.
  const bool large = bytes.ConsumeIntegral<uint8_t>() == 0xFF;
  const uint32_t widest = large ? 1u << 20 : 64;
  spec.left = bytes.ConsumeIntegralInRange<uint32_t>(1, widest);
  spec.right = bytes.ConsumeIntegralInRange<uint32_t>(1, widest);
  spec.fanOut = bytes.ConsumeIntegralInRange<uint32_t>(1, widest);
  spec.parallelism = bytes.ConsumeIntegralInRange<uint32_t>(1, widest);
  // Random numbers would seldom divide each other.
  if (!large && bytes.ConsumeBool()) {
    while (spec.left % spec.parallelism != 0) spec.parallelism--;
    spec.fanOut = std::min<uint32_t>(spec.fanOut, 8);
    while ((spec.left * spec.fanOut) % spec.right != 0) spec.right--;
  }
  spec.type = bytes.ConsumeIntegralInRange(1, 3);
  spec.dither = bytes.ConsumeBool();
  const size_t vectors = size_t{spec.fanOut} * spec.parallelism;
  const uint32_t rows = spec.left / spec.parallelism;
  spec.starts = anyVector(bytes, vectors, rows);
  spec.orders = anyVector(bytes, vectors * rows, rows);
  spec.permutation = anyVector(bytes, vectors, spec.parallelism);
  spec.seed = bytes.ConsumeIntegral<uint64_t>() >> 11;
  spec.junction = bytes.ConsumeIntegralInRange<uint64_t>(0, 1000);
  if (!interleaverFault(spec).empty() || large || uint64_t{spec.left} * spec.fanOut > 1024) return 0;
  std::string fault;
  const Interleaver made = makeInterleaver(spec, fault);
  const Pattern pattern = interleaverPattern(spec, made);
  if (!fault.empty()) return 0;
  require(findViolation(pattern, spec.parallelism).kind == Violation::Kind::none,
          "an interleaver clashes not");
  require(sweepsAreComplete(pattern, spec.parallelism), "its sweeps are complete");
  require(patternFault(sortedPattern(pattern)).empty(), "its pattern is one");

  if (bytes.ConsumeIntegral<uint8_t>() % 8 != 0) return 0;  // it takes long
  NetworkSpec hardware;
  hardware.kernels = anyKernels(bytes);
  hardware.layers = {spec.left, spec.right};
  hardware.arithmetic = Arithmetic::hardware;
  hardware.hardware.format = {4, 1};
  hardware.hardware.activations = {HardwareActivation::sigmoid};
  hardware.patterns = {pattern};
  const std::unique_ptr<Network> network = makeNetwork(hardware);
  const TinyExamples examples(bytes, *network, 2);
  trainAndPredict(*network, examples.job());
  return 0;
}
