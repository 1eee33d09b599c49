#include "network.hpp"

#include <algorithm>
#include <chrono>

#if defined(_MSC_VER) && defined(_M_X64)
#include <immintrin.h>
#endif

namespace sparse_train {
namespace {

constexpr uint64_t kPrefetchDistance = 2;  ///< inputs
constexpr uint64_t kProgressInterval =
    64;  ///< inputs between looks at the abort flag and reports of progress

void prefetch(const void* address) {
#if defined(__GNUC__)
  __builtin_prefetch(address);
#elif defined(_M_X64)
  _mm_prefetch(static_cast<const char*>(address), _MM_HINT_T0);
#endif
}

double rateAt(const TrainJob& job, uint64_t index) {
  return job.rates[std::min(index / job.rateInterval, job.rateCount - 1)];
}

}  // namespace

Network::Network(NetworkSpec spec) : spec_(std::move(spec)), ring_(2 * spec_.patterns.size()) {
  for (uint32_t slot = 0; slot < ring_.size(); slot++) ring_[slot].slot = slot;
}

TrainResult Network::train(const TrainJob& job, Progress& progress) {
  const auto start = std::chrono::steady_clock::now();
  configure(job.threads, job.classWeights);
  tally_ = Tally{};
  stop_ = false;
  const uint64_t before = inputs_;
  Barrier barrier(job.threads);
  runTeam(job.threads, [&](uint32_t thread) { runBlocks(thread, barrier, job.threads, job, progress); });

  TrainResult result;
  result.examples = inputs_ - before;
  result.aborted = stop_;
  result.tally = tally_;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

/// Thread 0 admits inputs, prepares and finishes; all threads share the sweeps. Two barriers a block: what thread 0
/// decides between them is seen by every thread after the next one.
void Network::runBlocks(uint32_t thread, Barrier& barrier, uint32_t threads, const TrainJob& job,
                        Progress& progress) {
  uint64_t index = 0;
  for (;;) {
    if (thread == 0) {
      if (index % kProgressInterval == 0) report(progress, index);
      stop_ = stop_ || progress.abort.load(std::memory_order_relaxed);
      const bool example = index < job.count && !stop_;
      more_ = example || ((job.drain || stop_) && inPipeline());
      if (more_) admit(example ? &job : nullptr, index);
      index++;
    }
    barrier.wait();
    if (!more_) break;
    runBlock(thread, threads, barrier);
  }
  if (thread == 0) report(progress, job.count);
}

void Network::report(Progress& progress, uint64_t examples) const {
  progress.examples.store(examples, std::memory_order_relaxed);
  progress.outputs.store(tally_.outputs, std::memory_order_relaxed);
  progress.correct.store(tally_.correct, std::memory_order_relaxed);
  progress.loss.store(tally_.loss, std::memory_order_relaxed);
}

void Network::learn(const InputView& input, const TargetView& target, double rate) {
  static const uint32_t kFirst = 0;
  TrainJob job;
  job.inputs = input;
  job.targets = target;
  job.order = &kFirst;
  job.count = 1;
  job.rates = &rate;
  job.rateCount = 1;
  configure(1, {});
  Barrier alone(1);
  admit(&job, 0);
  runBlock(0, 1, alone);
}

void Network::drain() {
  Barrier alone(1);
  while (inPipeline()) {
    admit(nullptr, 0);
    runBlock(0, 1, alone);
  }
}

/// Whether an input still has work to do: one loaded in block b works until block b + 2J - 1.
bool Network::inPipeline() const {
  return std::any_of(ring_.begin(), ring_.end(), [](const InFlight& input) { return input.present; });
}

/// Examples come in random order from memory that no cache holds: their rows are asked for a few inputs early.
void Network::prefetchRow(const InputView& inputs, uint64_t row) const {
  const size_t bytes = spec_.layers.front() * inputs.elementSize();
  const char* start = static_cast<const char*>(inputs.data) + row * bytes;
  constexpr size_t kLine = 64;
  constexpr size_t kMostLines = 64;  // longer rows are streamed well by the hardware
  for (size_t offset = 0; offset < bytes && offset < kLine * kMostLines; offset += kLine)
    prefetch(start + offset);
}

/// Puts the next example (or a bubble, without a job) into the place of the oldest one, which has done its work.
void Network::admit(const TrainJob* job, uint64_t index) {
  InFlight& entry = ring_[blocks_ % ring_.size()];
  entry.present = job != nullptr;
  if (job == nullptr) return;
  entry.number = inputs_++;
  entry.rate = rateAt(*job, index);
  load(entry, job->inputs, job->targets, job->order[index]);
  if (index + kPrefetchDistance < job->count) prefetchRow(job->inputs, job->order[index + kPrefetchDistance]);
}

void Network::runBlock(uint32_t thread, uint32_t threads, Barrier& barrier) {
  if (spec_.schedule == Schedule::pipelined) {
    if (thread == 0) {
      works_.resize(junctions());
      for (uint32_t junction = 0; junction < junctions(); junction++) works_[junction] = workOf(junction);
    }
    runPhases(thread, threads, barrier);
  } else {
    sequentialStep(thread, threads, barrier);
  }
  if (thread == 0) {
    if (spec_.schedule == Schedule::sequential) ring_[blocks_ % ring_.size()].present = false;
    blocks_++;
  }
}

/// Junction j (from 0) of J: the newest input's FF_j runs j blocks after it was loaded, UP_j and BP_j 2J - j blocks
/// after (edge-processing.md section 4, counted from the block after loading).
BlockWork Network::workOf(uint32_t junction) const {
  const uint64_t size = ring_.size();
  const auto entry = [&](uint64_t age) -> const InFlight* {
    if (blocks_ < age) return nullptr;
    const InFlight& input = ring_[(blocks_ - age) % size];
    return input.present ? &input : nullptr;
  };
  return {entry(junction), entry(2 * static_cast<uint64_t>(junctions()) - 1 - junction)};
}

/// Prepare, sweep and finish the junctions that have work.
void Network::runPhases(uint32_t thread, uint32_t threads, Barrier& barrier) {
  if (thread == 0) {
    for (uint32_t junction = 0; junction < junctions(); junction++) prepare(junction, works_[junction]);
  }
  barrier.wait();
  uint32_t task = 0;
  for (uint32_t junction = 0; junction < junctions(); junction++) {
    for (uint32_t slab = 0; slab < slabsOf(junction); slab++) {
      if (task++ % threads == thread) sweep(junction, slab, works_[junction]);
    }
  }
  barrier.wait();
  if (thread == 0) {
    for (uint32_t junction = 0; junction < junctions(); junction++) finish(junction, works_[junction]);
  }
}

/// One input at a time: feed-forward through all junctions, then backpropagation and update from the last to the first.
void Network::sequentialStep(uint32_t thread, uint32_t threads, Barrier& barrier) {
  const InFlight* input = &ring_[blocks_ % ring_.size()];
  const auto only = [&](uint32_t junction, const BlockWork& work) {
    if (thread == 0) {
      works_.assign(junctions(), BlockWork{});
      works_[junction] = work;
    }
    runPhases(thread, threads, barrier);
  };
  for (uint32_t junction = 0; junction < junctions(); junction++) only(junction, {input, nullptr});
  for (uint32_t junction = junctions(); junction-- > 0;) only(junction, {nullptr, input});
}

double Network::predict(const InputView& inputs, uint64_t count, uint32_t threads, float* scores,
                        uint32_t* decisions, Progress& progress) {
  const auto start = std::chrono::steady_clock::now();
  constexpr uint64_t kShare = 64;  // examples a thread takes at a time
  std::atomic<uint64_t> next{0};
  runTeam(threads, [&](uint32_t) {
    const std::unique_ptr<Scratch> scratch = makeScratch();
    for (uint64_t first = next.fetch_add(kShare); first < count; first = next.fetch_add(kShare)) {
      if (progress.abort.load(std::memory_order_relaxed)) return;
      const uint64_t end = std::min(count, first + kShare);
      for (uint64_t row = first; row < end; row++) {
        infer(*scratch, inputs, row, scores == nullptr ? nullptr : scores + row * outputs(),
              decisions == nullptr ? nullptr : decisions + row);
      }
      progress.examples.fetch_add(end - first, std::memory_order_relaxed);
    }
  });
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

uint32_t Network::predictOne(const InputView& input, float* scores) {
  if (scratch_ == nullptr) scratch_ = makeScratch();
  uint32_t decision = 0;
  infer(*scratch_, input, 0, scores, &decision);
  return decision;
}

}  // namespace sparse_train
