// The reference of the learner's loops.
#include "../../fixed/rounding.hpp"
#include "learner_kernels.hpp"

namespace sparse_train {
namespace {

void weightedSum(const LearnerRows& input, int32_t* sums) {
  for (uint32_t h = 0; h < kLearnerWidth; h++) sums[h] = 0;
  for (uint32_t i = 0; i < input.count; i++) {
    const int16_t* row = input.rows[i] + input.offset;
    for (uint32_t h = 0; h < kLearnerWidth; h++) sums[h] += input.values[i] * row[h];
  }
}

int32_t dot(const int16_t* activations, const int16_t* weights) {
  int32_t sum = 0;
  for (uint32_t h = 0; h < kLearnerWidth; h++) sum += activations[h] * weights[h];
  return sum;
}

void update(const LearnerRows& input, const int16_t* factors, const uint16_t* lanes, uint16_t salt,
            int16_t limit) {
  for (uint32_t i = 0; i < input.count; i++) {
    int16_t* row = input.rows[i] + input.offset;
    for (uint32_t h = 0; h < kLearnerWidth; h++) {
      const uint32_t half = h / kLearnerLanes * kLearnerHalfSalt;
      const auto rho = static_cast<uint16_t>(lanes[h % kLearnerLanes] + input.salts[i] + salt + half);
      const int32_t step = (input.values[i] * factors[h] + rho) >> 16;
      row[h] = static_cast<int16_t>(clip<int32_t>(row[h] + step, -limit, limit));
    }
  }
}

}  // namespace

const LearnerKernels* learnerKernelsScalar() {
  static constexpr LearnerKernels kernels{weightedSum, dot, update};
  return &kernels;
}

}  // namespace sparse_train
