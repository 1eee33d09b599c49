#include "engine/arithmetic/float/float_network.hpp"
#include "engine/arithmetic/hardware/hardware_network.hpp"
#include "engine/arithmetic/wide/wide_network.hpp"
#include "network.hpp"

namespace sparse_train {

std::unique_ptr<Network> makeNetwork(NetworkSpec spec) {
  if (spec.arithmetic == Arithmetic::floating) return std::make_unique<FloatNetwork>(std::move(spec));
  if (spec.arithmetic == Arithmetic::hardware) return makeHardwareNetwork(std::move(spec));
  return std::make_unique<WideNetwork>(std::move(spec));
}

}  // namespace sparse_train
