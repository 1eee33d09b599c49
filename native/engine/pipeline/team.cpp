#include "team.hpp"

#include <system_error>

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace sparse_train {
namespace {

constexpr uint32_t kSpinsBeforeParking =
    20000;  ///< tens to hundreds of microseconds: many blocks of any network
constexpr uint32_t kSpinsBeforeYielding = 2000;
constexpr uint32_t kRunsBetweenWakes = 256;  ///< waking costs the caller microseconds, so it is rare

void relax() {
#if defined(__x86_64__) || defined(_M_X64)
  _mm_pause();
#elif defined(__aarch64__) && defined(__GNUC__)
  asm volatile("yield");
#endif
}

constexpr uint64_t pack(uint32_t run, uint32_t first, uint32_t end) {
  return (static_cast<uint64_t>(run) << 32) | (static_cast<uint64_t>(first) << 16) | end;
}
constexpr uint32_t runOf(uint64_t open) { return static_cast<uint32_t>(open >> 32); }
constexpr uint32_t firstOf(uint64_t open) { return static_cast<uint32_t>(open >> 16) & 0xFFFF; }
constexpr uint32_t endOf(uint64_t open) { return static_cast<uint32_t>(open) & 0xFFFF; }

}  // namespace

Team::Team(uint32_t size) {
  try {
    for (uint32_t i = 1; i < size; i++) helpers_.emplace_back([this] { help(); });
  } catch (const std::system_error&) {
    // Fewer helpers change the speed, but no result.
  }
}

Team::~Team() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& helper : helpers_) helper.join();
}

void Team::run(uint32_t count, const std::function<void(uint32_t)>& task) {
  if (helpers_.empty() || count < 2) {
    for (uint32_t i = 0; i < count; i++) task(i);
    return;
  }
  task_ = &task;
  done_.store(0, std::memory_order_relaxed);
  runs_++;
  open_.store(pack(runs_, 0, count), std::memory_order_seq_cst);
  if (runs_ % kRunsBetweenWakes == 0 && parked_.load(std::memory_order_seq_cst) > 0) {
    { const std::lock_guard<std::mutex> lock(mutex_); }
    wake_.notify_all();
  }

  uint32_t own = 0;
  for (uint64_t open = open_.load(std::memory_order_relaxed); firstOf(open) < endOf(open);) {
    const uint64_t rest = pack(runs_, firstOf(open) + 1, endOf(open));
    if (!open_.compare_exchange_weak(open, rest, std::memory_order_acq_rel, std::memory_order_relaxed))
      continue;
    task(firstOf(open));
    own++;
    open = open_.load(std::memory_order_relaxed);
  }
  for (uint32_t spins = 0; done_.load(std::memory_order_acquire) + own < count; spins++) {
    if (spins < kSpinsBeforeYielding) {
      relax();
    } else {
      std::this_thread::yield();  // a helper was interrupted during its task: let it run
    }
  }
}

void Team::help() {
  uint32_t idle = 0;
  while (!stop_.load(std::memory_order_relaxed)) {
    uint64_t open = open_.load(std::memory_order_acquire);
    if (firstOf(open) < endOf(open)) {
      const uint64_t rest = pack(runOf(open), firstOf(open), endOf(open) - 1);
      if (open_.compare_exchange_weak(open, rest, std::memory_order_acq_rel, std::memory_order_relaxed)) {
        (*task_)(endOf(open) - 1);
        done_.fetch_add(1, std::memory_order_release);
      }
      idle = 0;
    } else if (++idle < kSpinsBeforeParking) {
      relax();
    } else {
      park(open);
      idle = 0;
    }
  }
}

/// Sleeps until another run has begun.
void Team::park(uint64_t seen) {
  std::unique_lock<std::mutex> lock(mutex_);
  parked_.fetch_add(1, std::memory_order_seq_cst);
  wake_.wait(lock, [&] { return stop_ || runOf(open_.load(std::memory_order_seq_cst)) != runOf(seen); });
  parked_.fetch_sub(1, std::memory_order_seq_cst);
}

}  // namespace sparse_train
