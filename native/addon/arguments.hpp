// Converts JavaScript values to the engine's plain structs and checks every range, so that nothing a caller
// passes can reach past an array or crash the process.
#pragma once

#include <napi.h>

#include <string>
#include <vector>

#include "../engine/network.hpp"
#include "../engine/spec.hpp"
#include "../pattern/interleaver.hpp"
#include "limits.hpp"
#include "values.hpp"

namespace sparse_train {

/// Layers, patterns, arithmetic and the rest of a NativeSpec (lib/engine/native.ts). Builds the patterns.
NetworkSpec parseSpec(Napi::Env env, const Napi::Object& spec, const KernelSet* kernels);

/// The properties `width` and `integerBits` of a hardware number format.
HardwareFormat parseHardwareFormat(Napi::Env env, const Napi::Object& object);

/// The property `tableFloor` of hardware tables.
int parseTableFloor(Napi::Env env, const Napi::Object& object);

/// The properties of a NativeInterleaver (lib/engine/native.ts) for a junction of these layers.
InterleaverSpec parseInterleaver(Napi::Env env, const Napi::Object& object, uint32_t left, uint32_t right,
                                 uint64_t seed, uint32_t junction);

/// Edges by right neuron as `offsets` and `left`. Checks only the offsets.
Pattern parseEdges(Napi::Env env, const Napi::Object& object, uint32_t left, uint32_t right);

/// The same, but checks every edge.
Pattern parseCheckedEdges(Napi::Env env, const Napi::Object& object, uint32_t left, uint32_t right);

/// Scaling factors, copied to native memory.
struct Scaling {
  std::vector<double> offset, scale;
};
/// Null or undefined means no scaling. Otherwise both arrays must have `columns` finite entries.
Scaling parseScaling(Napi::Env env, const Napi::Value& value, uint32_t columns);

/// Inputs as a caller gives them: a typed array of whole rows, or an object of sparse ones. Lives as long as
/// a call from JavaScript.
class GivenInputs {
 public:
  /// Reads every property once. Does not look at the memory yet, because the getter of a later property could
  /// free it.
  GivenInputs(Napi::Env env, const Napi::Value& value);
  /// Refuses memory that may disappear while a call on another thread reads it, and stores references to the
  /// arrays in `keep`.
  void keepIn(Napi::Object& keep) const;
  /// Checks the memory, which must not change as long as the view is used. Copies the starts of sparse rows
  /// to `starts`, because they are used as indices and must stay as they were checked. Sets `rows`.
  InputView view(uint32_t columns, const Scaling& scaling, std::vector<uint64_t>& starts,
                 uint64_t& rows) const;

 private:
  void checkSparse(uint32_t columns, InputView& view, std::vector<uint64_t>& starts) const;

  Napi::Env env_;
  Napi::Value values_, indices_, starts_;
  bool sparse_ = false;
};

/// The targets of `rows` examples for this output layer. Labels are copied to `labels`, because they are used
/// as indices and must stay as they were checked.
TargetView parseTargets(Napi::Env env, const Napi::Value& value, const NetworkSpec& spec, uint64_t rows,
                        std::vector<int32_t>& labels);

}  // namespace sparse_train
