// The operations of `float` mini-batches, one table per kernel set. Samples lie in the lanes: the values of
// one neuron for the samples of a tile form a row of `stride` floats. All sets give the same bits: every
// product is added by a fused multiply-add; sums over edges follow the order of the list; sums over samples
// are 16 partial sums (of samples 0, 16, 32, ..., of 1, 17, ..., and so on), added as a tree (i and i + 8,
// then i and i + 4, i + 2, i + 1).
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace sparse_train {

constexpr uint32_t kFloatLanes = 16;  ///< the length of rows is a multiple of this
constexpr uint32_t kFloatTile = 128;  ///< the longest row
constexpr uint32_t kFloatGroup = 4;   ///< at most this many neurons that share a list are processed together

/// How parameters follow their gradient g. Products with constants are rounded once.
struct FloatUpdate {
  enum class Kind : int32_t {
    sgd,       ///< w = w * keep - rate * g
    momentum,  ///< v = momentum * v + rate * g;  w = w * keep - v
    adam  ///< g += decay * w;  m, v: running means of g and g²;  w = w * keep - step * m / (root * sqrt(v) + epsilon)
  };
  Kind kind = Kind::sgd;
  float rate = 0.0f;
  float keep = 1.0f;
  float momentum = 0.0f;
  float decay = 0.0f;
  float beta1 = 0.0f, rest1 = 1.0f;  ///< rest = 1 - beta
  float beta2 = 0.0f, rest2 = 1.0f;
  float step = 0.0f;  ///< rate / (1 - beta1^t)
  float root = 1.0f;  ///< 1 / sqrt(1 - beta2^t)
  float epsilon = 0.0f;
};

struct FloatKernels {
  /// Sixteen examples' inputs, x / 256, become columns: out[c * stride + i] = rows[i][c]. Sets active[c] to 1
  /// if any of them is not zero, and otherwise leaves it unchanged.
  void (*gatherBytes)(const uint8_t* const* rows, uint32_t columns, float* out, uint32_t stride,
                      uint8_t* active);
  void (*gatherFloats)(const float* const* rows, uint32_t columns, float* out, uint32_t stride,
                       uint8_t* active);
  /// For `group` (1, 2 or 4) neurons that share a list of `count` others, and for every sample s:
  /// sums[g * stride + s] = start[g] (0 if null) + sum of weights[k * group + g] * rows[list[k] * stride + s].
  void (*sumRows)(const float* rows, uint32_t stride, const uint32_t* list, const float* weights,
                  uint32_t count, uint32_t group, const float* start, float* sums, uint32_t samples);
  /// products[g][k] += sum over the samples of own[g * stride + s] * rows[list[k] * stride + s].
  void (*multiplyRows)(const float* own, const float* rows, uint32_t stride, const uint32_t* list,
                       uint32_t count, uint32_t group, float* const* products, uint32_t samples);
  /// values = max(values, 0); n is a multiple of 16.
  void (*relu)(float* values, size_t n);
  /// errors = activation > 0 ? errors : 0; n is a multiple of 16.
  void (*reluSlope)(float* errors, const float* activations, size_t n);
  /// `first`: velocities or first moments, `second`: second moments; null if this kind of rule has none.
  void (*update)(float* weights, const float* gradients, float* first, float* second, size_t n,
                 const FloatUpdate* rule);
};

}  // namespace sparse_train
