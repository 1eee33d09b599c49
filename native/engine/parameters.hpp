// Weights and biases that are copied into or out of a network: one junction's array of the type that its
// arithmetic uses.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <type_traits>
#include <variant>
#include <vector>

namespace sparse_train {

/// A range of numbers in memory with another owner.
template <typename T>
class Span {
 public:
  using Element = std::remove_const_t<T>;
  using Vector = std::conditional_t<std::is_const_v<T>, const std::vector<Element>, std::vector<Element>>;

  Span(T* data, size_t size) : data_(data), size_(size) {}
  Span(Vector& vector)
      : data_(vector.data()), size_(vector.size()) {}  // NOLINT: a vector is a span of itself

  T* data() const { return data_; }
  size_t size() const { return size_; }
  T* begin() const { return data_; }
  T* end() const { return data_ + size_; }
  T& operator[](size_t i) const { return data_[i]; }

 private:
  T* data_;
  size_t size_;
};

/// The types of a junction's weights: int16 and int32 are integers in the arithmetic's format.
enum class WeightType { int16, int32, float32 };

using WeightSpan = std::variant<Span<int16_t>, Span<int32_t>, Span<float>>;
using ConstWeightSpan = std::variant<Span<const int16_t>, Span<const int32_t>, Span<const float>>;
/// Biases are int32 if weights are integers.
using BiasSpan = std::variant<Span<int32_t>, Span<float>>;
using ConstBiasSpan = std::variant<Span<const int32_t>, Span<const float>>;

/// Calls visit(zero) with a zero of the type of weights.
template <typename Visit>
void visitWeightType(WeightType type, Visit visit) {
  switch (type) {
    case WeightType::int16:
      return visit(int16_t{0});
    case WeightType::int32:
      return visit(int32_t{0});
    case WeightType::float32:
      return visit(0.0f);
  }
}
/// The type of the biases that belong to weights of this type.
template <typename Visit>
void visitBiasType(WeightType type, Visit visit) {
  type == WeightType::float32 ? visit(0.0f) : visit(int32_t{0});
}

}  // namespace sparse_train
