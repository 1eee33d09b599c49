// The reference: computes the formulas of docs/arithmetic.md, "Float mini-batches", number by number. C's
// fmaf is exact on every CPU, even without the instruction.
#include <math.h>

#include "float_kernels.hpp"

namespace sparse_train {
namespace {

void gatherBytes(const uint8_t* const* rows, uint32_t columns, float* out, uint32_t stride, uint8_t* active) {
  for (uint32_t c = 0; c < columns; c++) {
    for (uint32_t i = 0; i < kFloatLanes; i++) {
      out[static_cast<size_t>(c) * stride + i] = static_cast<float>(rows[i][c]) * (1.0f / 256.0f);
      if (rows[i][c] != 0) active[c] = 1;
    }
  }
}

void gatherFloats(const float* const* rows, uint32_t columns, float* out, uint32_t stride, uint8_t* active) {
  for (uint32_t c = 0; c < columns; c++) {
    for (uint32_t i = 0; i < kFloatLanes; i++) {
      out[static_cast<size_t>(c) * stride + i] = rows[i][c];
      if (rows[i][c] != 0.0f) active[c] = 1;
    }
  }
}

void sumRows(const float* rows, uint32_t stride, const uint32_t* list, const float* weights, uint32_t count,
             uint32_t group, const float* start, float* sums, uint32_t samples) {
  for (uint32_t g = 0; g < group; g++) {
    float* own = sums + static_cast<size_t>(g) * stride;
    for (uint32_t s = 0; s < samples; s++) own[s] = start == nullptr ? 0.0f : start[g];
    for (uint32_t k = 0; k < count; k++) {
      const float* row = rows + static_cast<size_t>(list[k]) * stride;
      for (uint32_t s = 0; s < samples; s++) own[s] = fmaf(row[s], weights[k * group + g], own[s]);
    }
  }
}

void multiplyRows(const float* own, const float* rows, uint32_t stride, const uint32_t* list, uint32_t count,
                  uint32_t group, float* const* products, uint32_t samples) {
  for (uint32_t g = 0; g < group; g++) {
    const float* mine = own + static_cast<size_t>(g) * stride;
    for (uint32_t k = 0; k < count; k++) {
      const float* theirs = rows + static_cast<size_t>(list[k]) * stride;
      float sums[kFloatLanes] = {};
      for (uint32_t s = 0; s < samples; s++) {
        sums[s % kFloatLanes] = fmaf(mine[s], theirs[s], sums[s % kFloatLanes]);
      }
      for (uint32_t half = kFloatLanes / 2; half > 0; half /= 2) {
        for (uint32_t i = 0; i < half; i++) sums[i] += sums[i + half];
      }
      products[g][k] += sums[0];
    }
  }
}

void relu(float* values, size_t n) {
  for (size_t i = 0; i < n; i++) values[i] = values[i] > 0.0f ? values[i] : 0.0f;
}

void reluSlope(float* errors, const float* activations, size_t n) {
  for (size_t i = 0; i < n; i++) errors[i] = activations[i] > 0.0f ? errors[i] : 0.0f;
}

void update(float* weights, const float* gradients, float* first, float* second, size_t n,
            const FloatUpdate* rule) {
  for (size_t i = 0; i < n; i++) {
    const float kept = weights[i] * rule->keep;
    switch (rule->kind) {
      case FloatUpdate::Kind::sgd:
        weights[i] = fmaf(gradients[i], -rule->rate, kept);
        break;
      case FloatUpdate::Kind::momentum:
        first[i] = fmaf(first[i], rule->momentum, gradients[i] * rule->rate);
        weights[i] = fmaf(first[i], -1.0f, kept);
        break;
      case FloatUpdate::Kind::adam: {
        const float slope = fmaf(weights[i], rule->decay, gradients[i]);
        first[i] = fmaf(first[i], rule->beta1, slope * rule->rest1);
        second[i] = fmaf(second[i], rule->beta2, slope * slope * rule->rest2);
        const float size = fmaf(sqrtf(second[i]), rule->root, rule->epsilon);
        weights[i] = fmaf(first[i] / size, -rule->step, kept);
        break;
      }
    }
  }
}

}  // namespace

const FloatKernels* floatKernelsScalar() {
  static constexpr FloatKernels kernels = {gatherBytes, gatherFloats, sumRows, multiplyRows,
                                           relu,        reluSlope,    update};
  return &kernels;
}

}  // namespace sparse_train
