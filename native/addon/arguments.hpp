// From JavaScript values to the engine's plain structs, with every range checked: nothing that a caller passes may
// reach past an array or crash the process.
#pragma once

#include <napi.h>

#include <string>
#include <vector>

#include "../engine/network.hpp"
#include "../engine/spec.hpp"
#include "../pattern/interleaver.hpp"
#include "values.hpp"

namespace sparse_train {

/// The most threads that a call may ask for.
constexpr uint64_t kMaxThreads = 256;

/// Layers, patterns, arithmetic and the rest of a NativeSpec (lib/engine/native.ts). Builds the patterns.
NetworkSpec parseSpec(Napi::Env env, const Napi::Object& spec, const KernelSet* kernels);

/// The properties of a NativeInterleaver (lib/engine/native.ts) for a junction of these layers.
InterleaverSpec parseInterleaver(Napi::Env env, const Napi::Object& object, uint32_t left, uint32_t right,
                                 uint64_t seed, uint32_t junction);

/// Edges by right neuron as `offsets` and `left`; only the offsets are checked.
Pattern parseEdges(Napi::Env env, const Napi::Object& object, uint32_t left, uint32_t right);

/// The same, with every edge checked.
Pattern parseCheckedEdges(Napi::Env env, const Napi::Object& object, uint32_t left, uint32_t right);

/// Scaling factors, kept in native memory.
struct Scaling {
  std::vector<double> offset, scale;
};
/// Null or undefined: none. Otherwise both arrays have `columns` finite entries.
Scaling parseScaling(Napi::Env env, const Napi::Value& value, uint32_t columns);

/// Inputs as a caller gives them: a typed array of whole rows, or an object of sparse ones. For the length of a call from
/// JavaScript.
class GivenInputs {
 public:
  /// Reads every property once. Nothing is looked at yet: a getter of what is read later could free it.
  GivenInputs(Napi::Env env, const Napi::Value& value);
  /// Refuses memory that may go while a call on another thread reads it, and holds what is read in `keep`.
  void keepIn(Napi::Object& keep) const;
  /// Looks at the memory, which must stay as long as the view is used, as must `starts`, which becomes the copy of where
  /// sparse rows start: as they lead through memory, they must be what was checked. Sets `rows`.
  InputView view(uint32_t columns, const Scaling& scaling, std::vector<uint64_t>& starts,
                 uint64_t& rows) const;

 private:
  void checkSparse(uint32_t columns, InputView& view, std::vector<uint64_t>& starts) const;

  Napi::Env env_;
  Napi::Value values_, indices_, starts_;
  bool sparse_ = false;
};

/// Targets of `rows` examples for this output layer. Labels are copied into `labels`: they are indices, which must stay
/// as they were checked.
TargetView parseTargets(Napi::Env env, const Napi::Value& value, const NetworkSpec& spec, uint64_t rows,
                        std::vector<int32_t>& labels);

}  // namespace sparse_train
