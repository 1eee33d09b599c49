#include "activation_tables.hpp"

#include "exact_exp.hpp"

namespace sparse_train {
namespace {

int16_t toFixed(double value, double unit) {
  const double scaled = value * unit + 0.5;
  const auto truncated = static_cast<int32_t>(scaled);
  return static_cast<int16_t>(static_cast<double>(truncated) > scaled ? truncated - 1 : truncated);
}

ActivationTables makeTables() {
  ActivationTables tables;
  for (int u = -kActivationMax; u <= kActivationMax; u++) {
    const double x = u / 256.0;
    const double sigmoid = 1.0 / (1.0 + exactExp(-x));
    const double tanh = 2.0 / (1.0 + exactExp(-2.0 * x)) - 1.0;
    tables.sigmoid[u + kActivationMax] = toFixed(sigmoid, 256.0);
    tables.tanh[u + kActivationMax] = toFixed(tanh, 256.0);
    tables.sigmoidOutput[u + kActivationMax] = toFixed(sigmoid, kDeltaOne);
  }
  return tables;
}

}  // namespace

const ActivationTables& activationTables() {
  static const ActivationTables tables = makeTables();
  return tables;
}

}  // namespace sparse_train
