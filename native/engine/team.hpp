// A team of threads that runs one function together, and the barrier between its phases.
#pragma once

#include <stdint.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>

namespace sparse_train {

/// Spins briefly (the phases of a block are microseconds apart), then parks, so that a busy machine does not collapse.
class Barrier {
 public:
  explicit Barrier(uint32_t size) : size_(size) {}
  void wait();

 private:
  const uint32_t size_;
  std::atomic<uint32_t> arrived_{0};
  std::atomic<uint32_t> generation_{0};
  std::atomic<uint32_t> parked_{0};
  std::mutex mutex_;
  std::condition_variable released_;
};

/// Runs body(thread) on `size` threads, the caller's among them as thread 0, and returns when all have ended. `body`
/// must not throw.
void runTeam(uint32_t size, const std::function<void(uint32_t)>& body);

}  // namespace sparse_train
