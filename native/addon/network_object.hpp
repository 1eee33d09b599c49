// The JavaScript class that wraps a network: synchronous calls, and calls that run on their own thread.
#pragma once

#include <napi.h>

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "../engine/network.hpp"
#include "arguments.hpp"

namespace sparse_train {

class NetworkObject final : public Napi::ObjectWrap<NetworkObject> {
 public:
  /// Defines the class. `kernels` is the kernel set that useKernelSet() chose last; new networks use it.
  static Napi::Function define(Napi::Env env);

  explicit NetworkObject(const Napi::CallbackInfo& info);
  ~NetworkObject() override;

 private:
  struct Call;
  struct SharedCalls;

  Napi::Value kernelSet(const Napi::CallbackInfo& info);
  Napi::Value junctions(const Napi::CallbackInfo& info);
  Napi::Value train(const Napi::CallbackInfo& info);
  Napi::Value rewire(const Napi::CallbackInfo& info);
  void setPattern(const Napi::CallbackInfo& info);
  Napi::Value predict(const Napi::CallbackInfo& info);
  void learn(const Napi::CallbackInfo& info);
  Napi::Value predictOne(const Napi::CallbackInfo& info);
  Napi::Value sharedCalls(const Napi::CallbackInfo& info);
  void setScaling(const Napi::CallbackInfo& info);
  void drain(const Napi::CallbackInfo& info);
  Napi::Value progress(const Napi::CallbackInfo& info);
  void abort(const Napi::CallbackInfo& info);
  void pause(const Napi::CallbackInfo& info);
  Napi::Value exportState(const Napi::CallbackInfo& info);
  void importState(const Napi::CallbackInfo& info);
  Napi::Value telemetry(const Napi::CallbackInfo& info);
  void setInputsPresented(const Napi::CallbackInfo& info);
  Napi::Value pattern(const Napi::CallbackInfo& info);
  Napi::Value weights(const Napi::CallbackInfo& info);
  void setWeights(const Napi::CallbackInfo& info);
  Napi::Value biases(const Napi::CallbackInfo& info);
  void setBiases(const Napi::CallbackInfo& info);
  void close(const Napi::CallbackInfo& info);

  /// Keeps close() from freeing the network while a call uses it: a getter in the call's arguments may run
  /// any code.
  class InUse {
   public:
    explicit InUse(NetworkObject& owner) : owner_(owner) { owner_.uses_++; }
    ~InUse() { owner_.uses_--; }
    InUse(const InUse&) = delete;
    InUse& operator=(const InUse&) = delete;

   private:
    NetworkObject& owner_;
  };

  /// Starts a synchronous call.
  [[nodiscard]] InUse enter(Napi::Env env);
  /// Throws NETWORK_BUSY while a call runs on its own thread, NETWORK_CLOSED after close().
  void requireIdle(Napi::Env env) const;
  uint32_t junctionArgument(const Napi::CallbackInfo& info) const;
  /// Runs `work` on its own thread, then settles the promise with the value that `result` makes. `keep` holds
  /// the caller's arrays until then.
  Napi::Value start(Napi::Env env, const Napi::Object& keep, std::function<void()> work,
                    std::function<Napi::Value(Napi::Env)> result);
  static void settle(Napi::Env env, Napi::Function, Call* call);
  void stopAndJoin();
  static void onEnvironmentCleanup(void* object);

  void forsakeSharedCalls();

  std::unique_ptr<Network> network_;  ///< null after close()
  Scaling scaling_;
  /// Holds a row of up to 8 bytes per column, then the scores. JavaScript sees the same memory; its array
  std::shared_ptr<SharedCalls> shared_;  ///< null until asked for; its buffer and functions may outlive this
  Progress progress_;
  std::thread thread_;
  bool running_ = false;
  uint32_t uses_ = 0;
  const char* kernelSet_ = "";
};

/// The kernel set of networks that this environment makes from now on.
const KernelSet*& currentKernels(Napi::Env env);

}  // namespace sparse_train
