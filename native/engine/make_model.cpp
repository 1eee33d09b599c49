#include "engine/arithmetic/float/float_model.hpp"
#include "engine/arithmetic/hardware/hardware_model.hpp"
#include "engine/arithmetic/wide/wide_model.hpp"
#include "engine/model.hpp"

namespace sparse_train {

std::unique_ptr<Model> makeModel(NetworkSpec spec) {
  if (spec.arithmetic == Arithmetic::floating) return std::make_unique<FloatModel>(std::move(spec));
  if (spec.arithmetic == Arithmetic::hardware) return makeHardwareModel(std::move(spec));
  return std::make_unique<WideModel>(std::move(spec));
}

}  // namespace sparse_train
