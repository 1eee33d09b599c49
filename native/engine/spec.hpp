// The description from which a network is made. The TypeScript layer has checked every value; the addon
// checks ranges again.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <vector>

#include "fixed/hardware_format.hpp"
#include "fixed/wide_format.hpp"
#include "kernels/kernel_set.hpp"
#include "pattern/pattern.hpp"

namespace sparse_train {

enum class Activation { relu, sigmoid, tanh };
enum class Output { softmax, sigmoid, linear };
enum class Schedule { pipelined, sequential };
enum class Arithmetic { wide, floating, hardware };
enum class HardwareCost { crossEntropy, quadratic };

/// Further settings of the hardware's datapath. The cost replaces an output function, so `output` only says
/// how targets are given (softmax: labels, sigmoid: flags).
struct HardwareSpec {
  HardwareFormat format;
  int tableFloor = 0;  ///< 0 or 1: the smallest value in sigmoid tables
  HardwareCost cost = HardwareCost::crossEntropy;
  std::vector<HardwareActivation> activations;  ///< J functions; the last one is the output layer's
};

/// How gradients become updates. Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019) exist only
/// in `float`.
struct OptimizerSpec {
  enum class Kind { sgd, adam, adamw };
  Kind kind = Kind::sgd;
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;  ///< for adam and adamw
};

struct NetworkSpec {
  std::vector<uint32_t> layers;         ///< Neurons per layer, input first: J + 1 entries.
  std::vector<Pattern> patterns;        ///< J patterns, checked; for hardware in its own edge order.
  std::vector<Activation> activations;  ///< J - 1 activation functions of the hidden layers.
  Output output = Output::softmax;
  Schedule schedule = Schedule::pipelined;
  Arithmetic arithmetic = Arithmetic::wide;
  WideFormat format;
  HardwareSpec hardware;
  double momentum = 0.0;     ///< 0, or 0.5 to below 1.
  double weightDecay = 0.0;  ///< Times the weight: sgd, adamw: per unit of rate; adam: added to the gradient.
  OptimizerSpec optimizer;
  uint64_t seed = 0;
  const KernelSet* kernels = nullptr;
};

/// Rows of inputs in the caller's memory, whole or sparse.
struct InputView {
  enum class Type { bytes, fixed, float32, float64 };
  Type type = Type::bytes;
  const void* data = nullptr;  ///< rows, one after another; if sparse, only the stored values
  /// Applied to floats: (x - offset[c]) * scale[c]. Null: none.
  const double* offset = nullptr;
  const double* scale = nullptr;
  /// Sparse (compressed sparse rows): row r has the values starts[r] .. starts[r + 1] - 1, in these columns,
  /// ascending, and zeros elsewhere. Null: rows are whole. sparse_row.hpp reads them.
  const uint64_t* starts = nullptr;
  const uint32_t* columns = nullptr;
  bool keepsZero = true;  ///< whether a zero is an activation of 0 in every column, whatever the scaling

  bool isSparse() const { return starts != nullptr; }

  size_t elementSize() const {
    switch (type) {
      case Type::bytes:
        return 1;
      case Type::fixed:
        return 2;
      case Type::float32:
        return 4;
      default:
        return 8;
    }
  }
};

/// Targets in the caller's memory: exactly one of the three, depending on the output layer.
struct TargetView {
  const int32_t* labels = nullptr;  ///< softmax: one per example
  const uint8_t* flags = nullptr;   ///< sigmoid: outputs per example, 0 or 1
  const double* values = nullptr;   ///< linear: outputs per example
};

}  // namespace sparse_train
