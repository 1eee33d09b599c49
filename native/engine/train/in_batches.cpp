#include "in_batches.hpp"

#include <algorithm>

namespace sparse_train {

Ending trainInBatches(BatchTraining& batches, const Tally& tally, const TrainJob& job, Progress& progress,
                      uint64_t& inputs) {
  batches.prepareBatches(static_cast<uint32_t>(std::min<uint64_t>(job.batchSize, job.count)), job);
  Team team(job.threads);
  Batch batch;
  batch.job = &job;
  for (uint64_t first = job.first; first < job.count; first += batch.count) {
    progress.report(first, tally);
    if (progress.abort.load(std::memory_order_relaxed)) return Ending::aborted;
    if (progress.pause.load(std::memory_order_relaxed)) return Ending::paused;
    batch.first = first;
    batch.count = static_cast<uint32_t>(std::min<uint64_t>(job.batchSize, job.count - first));
    batch.number = inputs;
    batch.rate = job.rateAt(first);
    batches.trainBatch(batch, team);
    inputs += batch.count;
  }
  return progress.abort.load(std::memory_order_relaxed) ? Ending::aborted : Ending::done;
}

}  // namespace sparse_train
