#include "team.hpp"

#include <thread>
#include <vector>

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace sparse_train {
namespace {

constexpr int kSpins = 4000;  // about 20-100 microseconds, a few blocks

void relax() {
#if defined(__x86_64__) || defined(_M_X64)
  _mm_pause();
#elif defined(__aarch64__) && defined(__GNUC__)
  asm volatile("yield");
#endif
}

}  // namespace

void Barrier::wait() {
  if (size_ == 1) return;
  const uint32_t generation = generation_.load(std::memory_order_acquire);
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == size_) {
    arrived_.store(0, std::memory_order_relaxed);
    generation_.store(generation + 1, std::memory_order_seq_cst);
    if (parked_.load(std::memory_order_seq_cst) != 0) {
      const std::lock_guard<std::mutex> lock(mutex_);
      released_.notify_all();
    }
    return;
  }
  for (int spin = 0; spin < kSpins; spin++) {
    if (generation_.load(std::memory_order_acquire) != generation) return;
    relax();
  }
  std::unique_lock<std::mutex> lock(mutex_);
  parked_.fetch_add(1, std::memory_order_seq_cst);
  released_.wait(lock, [&] { return generation_.load(std::memory_order_seq_cst) != generation; });
  parked_.fetch_sub(1, std::memory_order_seq_cst);
}

void runTeam(uint32_t size, const std::function<void(uint32_t)>& body) {
  std::vector<std::thread> others;
  others.reserve(size > 0 ? size - 1 : 0);
  for (uint32_t thread = 1; thread < size; thread++) others.emplace_back(body, thread);
  body(0);
  for (std::thread& other : others) other.join();
}

}  // namespace sparse_train
