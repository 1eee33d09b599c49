// Threads that help the calling thread with short tasks, a few microseconds each, hundreds of thousands of times a
// second.
#pragma once

#include <stdint.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sparse_train {

/// The caller claims tasks from the front, helpers from the back, so that each thread mostly gets the same
/// tasks (and their memory) every time. A helper that is not running because the machine is busy claims
/// nothing; the caller then does the work alone instead of waiting. Idle helpers spin briefly and then sleep.
class Team {
 public:
  /// Starts size - 1 helpers (fewer if the system refuses more threads).
  explicit Team(uint32_t size);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  uint32_t size() const { return static_cast<uint32_t>(helpers_.size()) + 1; }

  /// Runs task(0) .. task(count - 1), count <= 65535, each exactly once on some thread; returns when all are
  /// done. Everything that the tasks wrote is then visible to the caller. Tasks must not throw. May be called
  /// only by the thread that made the team.
  void run(uint32_t count, const std::function<void(uint32_t)>& task);

 private:
  void help();
  void park(uint64_t seen);

  /// Tasks not yet claimed: run number (32 bits), first (16), end (16). The run number keeps a late claim
  /// from taking a task of another run.
  std::atomic<uint64_t> open_{0};
  std::atomic<uint32_t> done_{0};
  const std::function<void(uint32_t)>* task_ = nullptr;  ///< read only after a claim
  uint32_t runs_ = 0;

  std::atomic<uint32_t> parked_{0};
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::thread> helpers_;
};

}  // namespace sparse_train
