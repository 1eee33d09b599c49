#include "predictor.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>

namespace sparse_train {

double Predictor::predict(const InputView& inputs, uint64_t count, uint32_t threads, float* scores,
                          uint32_t* decisions, Progress& progress) {
  const auto start = std::chrono::steady_clock::now();
  model_.preparePredictions(inputs, count);
  constexpr uint64_t kShare = 256;  // examples per claim of a thread: eight strips of mini-batches
  std::atomic<uint64_t> next{0};
  const auto work = [&](uint32_t) {
    const std::unique_ptr<Prediction::Scratch> scratch = model_.makeScratch();
    for (uint64_t first = next.fetch_add(kShare); first < count; first = next.fetch_add(kShare)) {
      if (progress.abort.load(std::memory_order_relaxed)) return;
      const uint64_t end = std::min(count, first + kShare);
      model_.infer(*scratch, inputs, first, end, scores, decisions);
      progress.examples.fetch_add(end - first, std::memory_order_relaxed);
    }
  };
  Team team(threads);
  team.run(team.size(), work);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

uint32_t Predictor::predictOne(const InputView& input, float* scores) {
  model_.preparePredictions(input, 1);
  if (scratch_ == nullptr) scratch_ = model_.makeScratch();
  uint32_t decision = 0;
  model_.infer(*scratch_, input, 0, 1, scores, &decision);
  return decision;
}

}  // namespace sparse_train
