// Training in mini-batches: every batch is an update, which is complete before the next one begins.
#pragma once

#include "engine/model.hpp"
#include "job.hpp"

namespace sparse_train {

/// Presents the examples of a job, with an empty pipeline. `inputs` counts them over the life of the network.
Ending trainInBatches(BatchTraining& batches, const Tally& tally, const TrainJob& job, Progress& progress,
                      uint64_t& inputs);

}  // namespace sparse_train
