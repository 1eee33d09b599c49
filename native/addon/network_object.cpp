#include "network_object.hpp"

#include <string>
#include <system_error>
#include <utility>

#include "../kernels/kernel_set.hpp"

namespace sparse_train {

/// A call on its own thread.
struct NetworkObject::Call {
  Napi::Promise::Deferred deferred;
  Napi::ObjectReference keep;
  Napi::ThreadSafeFunction done;
  std::function<void()> work;
  std::function<Napi::Value(Napi::Env)> result;
  std::string failure;
  NetworkObject* owner;
};

Napi::Function NetworkObject::define(Napi::Env env) {
  return DefineClass(env, "Network",
                     {InstanceAccessor<&NetworkObject::kernelSet>("kernelSet"),
                      InstanceMethod<&NetworkObject::junctions>("junctions"),
                      InstanceMethod<&NetworkObject::train>("train"),
                      InstanceMethod<&NetworkObject::rewire>("rewire"),
                      InstanceMethod<&NetworkObject::setPattern>("setPattern"),
                      InstanceMethod<&NetworkObject::predict>("predict"),
                      InstanceMethod<&NetworkObject::learn>("learn"),
                      InstanceMethod<&NetworkObject::predictOne>("predictOne"),
                      InstanceMethod<&NetworkObject::sharedCalls>("sharedCalls"),
                      InstanceMethod<&NetworkObject::setScaling>("setScaling"),
                      InstanceMethod<&NetworkObject::drain>("drain"),
                      InstanceMethod<&NetworkObject::progress>("progress"),
                      InstanceMethod<&NetworkObject::abort>("abort"),
                      InstanceMethod<&NetworkObject::pause>("pause"),
                      InstanceMethod<&NetworkObject::exportState>("exportState"),
                      InstanceMethod<&NetworkObject::importState>("importState"),
                      InstanceMethod<&NetworkObject::telemetry>("telemetry"),
                      InstanceMethod<&NetworkObject::setInputsPresented>("setInputsPresented"),
                      InstanceMethod<&NetworkObject::pattern>("pattern"),
                      InstanceMethod<&NetworkObject::weights>("weights"),
                      InstanceMethod<&NetworkObject::setWeights>("setWeights"),
                      InstanceMethod<&NetworkObject::biases>("biases"),
                      InstanceMethod<&NetworkObject::setBiases>("setBiases"),
                      InstanceMethod<&NetworkObject::close>("close")});
}

NetworkObject::NetworkObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<NetworkObject>(info) {
  const KernelSet* kernels = currentKernels(info.Env());
  kernelSet_ = kernels->name;
  try {
    network_ = makeNetwork(parseSpec(info.Env(), objectArgument(info), kernels));
  } catch (const std::bad_alloc&) {
    throw codedError(info.Env(), "NETWORK_TOO_LARGE", "there is not enough memory for this network");
  }
  // When the environment ends (a worker is terminated, the process exits), a running call must end before the
  // memory that it uses is freed.
  napi_add_env_cleanup_hook(Env(), onEnvironmentCleanup, this);
}

NetworkObject::~NetworkObject() {
  napi_remove_env_cleanup_hook(Env(), onEnvironmentCleanup, this);
  stopAndJoin();
  forsakeSharedCalls();
}

void NetworkObject::onEnvironmentCleanup(void* object) { static_cast<NetworkObject*>(object)->stopAndJoin(); }

void NetworkObject::stopAndJoin() {
  progress_.abort = true;
  if (thread_.joinable()) thread_.join();
}

NetworkObject::InUse NetworkObject::enter(Napi::Env env) {
  requireIdle(env);
  return InUse(*this);
}

void NetworkObject::requireIdle(Napi::Env env) const {
  if (network_ == nullptr) throw codedError(env, "NETWORK_CLOSED", "the network has been closed");
  if (running_) throw codedError(env, "NETWORK_BUSY", "the network is busy with a running call");
}

uint32_t NetworkObject::junctionArgument(const Napi::CallbackInfo& info) const {
  return static_cast<uint32_t>(wholeNumber(info.Env(), info[0], "junction", 0, network_->junctions() - 1));
}

/// Runs on the JavaScript thread when a call has ended. While an environment is torn down (a worker is
/// terminated), this is called without an environment, or with one in which nothing can be called any more;
/// then there is nothing to settle.
void NetworkObject::settle(Napi::Env env, Napi::Function, Call* call) {
  const std::unique_ptr<Call> owned(call);
  if (static_cast<napi_env>(env) == nullptr) {
    owned->keep.SuppressDestruct();
    return;
  }
  owned->owner->running_ = false;
  try {
    if (owned->failure.empty()) {
      owned->deferred.Resolve(owned->result(env));
    } else {
      owned->deferred.Reject(Napi::Error::New(env, owned->failure).Value());
    }
    owned->owner->Unref();
  } catch (const Napi::Error&) {
    // Only a terminating environment refuses to settle a promise.
  }
}

Napi::Value NetworkObject::start(Napi::Env env, const Napi::Object& keep, std::function<void()> work,
                                 std::function<Napi::Value(Napi::Env)> result) {
  requireIdle(env);  // a getter of the arguments could have started another call
  auto* call = new Call{Napi::Promise::Deferred::New(env),
                        Napi::Persistent(keep),
                        {},
                        std::move(work),
                        std::move(result),
                        {},
                        this};
  call->done = Napi::ThreadSafeFunction::New(env, Napi::Function(), "sparse-train", 0, 1);
  const Napi::Value promise = call->deferred.Promise();
  progress_.abort = false;
  progress_.pause = false;
  progress_.examples = 0;
  progress_.outputs = 0;
  progress_.correct = 0;
  progress_.loss = 0.0;
  if (thread_.joinable()) thread_.join();  // the previous call has settled
  running_ = true;
  Ref();  // the garbage collector must not take the network or the arrays while the thread uses them
  const auto run = [call] {
    try {
      call->work();
    } catch (const std::bad_alloc&) {
      call->failure = "there is not enough memory";
    } catch (const std::exception& error) {
      call->failure = error.what();
    }
    Napi::ThreadSafeFunction done = call->done;
    const napi_status status = done.BlockingCall(call, settle);
    if (status == napi_ok) done.Release();  // otherwise the environment is closing and ends the call with it
  };
  try {
    thread_ = std::thread(run);
  } catch (const std::system_error& error) {
    running_ = false;
    Unref();
    call->done.Release();
    call->deferred.Reject(
        Napi::Error::New(env, std::string("no thread can be started: ") + error.what()).Value());
    delete call;
  }
  return promise;
}

Napi::Value NetworkObject::kernelSet(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), kernelSet_);
}

void NetworkObject::close(const Napi::CallbackInfo& info) {
  if (network_ == nullptr) return;
  requireIdle(info.Env());
  if (uses_ > 0)
    throw codedError(info.Env(), "NETWORK_BUSY", "a call on this network is reading its arguments");
  stopAndJoin();
  network_.reset();
  scaling_ = Scaling();
}

void NetworkObject::setScaling(const Napi::CallbackInfo& info) {
  const InUse inUse = enter(info.Env());
  scaling_ = parseScaling(info.Env(), info[0], network_->spec().layers.front());
}

Napi::Value NetworkObject::progress(const Napi::CallbackInfo& info) {
  Napi::Object out = Napi::Object::New(info.Env());
  out.Set("running", running_);
  out.Set("examples", static_cast<double>(progress_.examples.load()));
  out.Set("lossSum", progress_.loss.load());
  out.Set("outputs", static_cast<double>(progress_.outputs.load()));
  out.Set("correct", static_cast<double>(progress_.correct.load()));
  return out;
}

void NetworkObject::abort(const Napi::CallbackInfo&) { progress_.abort = true; }

void NetworkObject::pause(const Napi::CallbackInfo&) { progress_.pause = true; }

}  // namespace sparse_train
