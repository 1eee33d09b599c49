#include "wide_batches.hpp"

#include <algorithm>
#include <cmath>

#include "engine/train/shares.hpp"
#include "fixed/random.hpp"
#include "tiles.hpp"
#include "wide_layout.hpp"

namespace sparse_train {
namespace {

constexpr int kMostShift = 16;
constexpr double kMultiplierGoal = 1 << 20;
constexpr double kMultiplierMost = 1 << 30;

}  // namespace

BatchScale batchScale(double rate, uint32_t samples, int fraction, int guardBits) {
  const double base = std::ldexp(rate, fraction + guardBits + 10) / samples;
  if (base > kMultiplierMost) return {-1, 0};
  int shift = kMostShift;
  while (shift > 0 && std::ldexp(base, shift) > kMultiplierGoal) shift--;
  return {static_cast<int32_t>(std::ldexp(base, shift) + 0.5), shift};
}

WideBatches::WideBatches(const NetworkSpec& spec)
    : spec_(spec),
      wideKernels_(spec.kernels->wide),
      kernels_(spec.kernels->wideBatch),
      guardBits_(spec.momentum > 0.0 ? kMomentumGuardBits : 0),
      counts_(spec.patterns.size()),
      forward_(spec, junctions_) {
  for (const uint32_t neurons : spec.layers) blocks_.push_back(divideUp(neurons, kBatchBlock));
  for (uint32_t j = 0; j < spec.patterns.size(); j++) {
    junctions_.push_back(makeWideBatchJunction(spec.patterns[j], kernels_, laidOutAsTiles(spec.patterns[j]),
                                               j > 0, spec.momentum > 0.0));
    absolutes_.emplace_back(static_cast<size_t>(blocks_[j + 1]) * kBatchBlock);
  }
  activations_.resize(junctions_.size());
  deltas_.resize(junctions_.size());
  lanes_.resize(junctions_.size());
  rules_.resize(junctions_.size());
}

void WideBatches::reserve(uint32_t samples) {
  const uint32_t strips = divideUp(samples, kStripSamples);
  if (strips <= capacity_) return;
  capacity_ = strips;
  const auto make = [&](Layer& layer, uint32_t number) {
    layer.stride = forward_.stripOf(number);
    layer.values.reset(strips * layer.stride);
  };
  for (uint32_t j = 0; j < junctions_.size(); j++) {
    make(activations_[j], j);
    make(deltas_[j], j + 1);
  }
  outputSums_.reset(strips * deltas_.back().stride);
  tallies_.resize(strips);
  loaded_.resize(strips);
}

void WideBatches::takeCounts(uint32_t j, WideCounts& counts) {
  SharedCounts& held = counts_[j];
  counts.activationsClipped += held.activationsClipped.exchange(0, std::memory_order_relaxed);
  counts.deltasClipped += held.deltasClipped.exchange(0, std::memory_order_relaxed);
  counts.update.steps += held.update.steps;
  counts.update.roundedToZero += held.update.roundedToZero;
  held.update = {};
}

void WideBatches::setClassWeights(const std::vector<double>& weights) {
  classWeights_.clear();
  for (const double weight : weights) classWeights_.push_back(static_cast<int32_t>(weight * 256.0 + 0.5));
}

void WideBatches::train(const Batch& batch, Team& team, const std::vector<int32_t*>& biases, Tally& tally) {
  batch_ = &batch;
  biases_ = &biases;
  strips_ = divideUp(batch.count, kStripSamples);
  skipping_ = skipsSilent();
  if (skipping_) active_.begin(strips_, spec_.layers[0]);
  std::fill(tallies_.begin(), tallies_.end(), Tally{});
  // Each thread takes strips through all layers if there are enough strips for all threads; otherwise the
  // threads share the layers.
  const uint32_t threads = team.size();
  if (strips_ % threads == 0 || strips_ >= 4 * threads) {
    passesByStrip(team);
  } else {
    passesByLayer(team);
  }
  update(team);
  for (uint32_t s = 0; s < strips_; s++) {
    tally.outputs += tallies_[s].outputs;
    tally.correct += tallies_[s].correct;
    tally.loss += tallies_[s].loss;
  }
}

void WideBatches::passesByStrip(Team& team) {
  const auto junctions = static_cast<uint32_t>(junctions_.size());
  team.run(strips_, [&](uint32_t strip) {
    load(strip);
    for (uint32_t j = 0; j < junctions; j++) forward(j, strip, 0, blocks_[j + 1]);
    finishOutput(strip);
    for (uint32_t j = junctions; j-- > 1;) backward(j, strip, 0, blocks_[j]);
  });
}

void WideBatches::passesByLayer(Team& team) {
  const auto junctions = static_cast<uint32_t>(junctions_.size());
  const uint32_t wanted = sharesFor(team.size());
  /// Runs pass(strip, first, last) for shares of the blocks of each strip.
  const auto share = [&](uint32_t blocks, auto pass) {
    const uint32_t shares = std::min(blocks, divideUp(wanted, strips_));
    team.run(strips_ * shares, [&](uint32_t task) {
      const uint64_t part = task % shares;
      pass(task / shares, static_cast<uint32_t>(blocks * part / shares),
           static_cast<uint32_t>(blocks * (part + 1) / shares));
    });
  };
  team.run(strips_, [&](uint32_t strip) { load(strip); });
  for (uint32_t j = 0; j < junctions; j++) {
    share(blocks_[j + 1],
          [&](uint32_t strip, uint32_t first, uint32_t last) { forward(j, strip, first, last); });
  }
  team.run(strips_, [&](uint32_t strip) { finishOutput(strip); });
  for (uint32_t j = junctions; j-- > 1;) {
    share(blocks_[j],
          [&](uint32_t strip, uint32_t first, uint32_t last) { backward(j, strip, first, last); });
  }
}

uint32_t WideBatches::samplesOf(uint32_t strip) const {
  return std::min(kStripSamples, batch_->count - strip * kStripSamples);
}

bool WideBatches::zeroMovesNothing() const { return spec_.momentum == 0.0 && spec_.weightDecay == 0.0; }

bool WideBatches::skipsSilent() const {
  const InputView& inputs = batch_->job->inputs;
  return inputs.isSparse() && inputs.keepsZero && zeroMovesNothing();
}

/// For the update: the pairs of inputs for which any sample of the batch has a value. Null if skipping the
/// others does not pay, or if their weights change anyway.
ActivePairs WideBatches::activeInBatch() {
  if (skipping_) return active_.unite(strips_, [&](uint32_t strip) { return activations_[0].strip(strip); });
  if (!zeroMovesNothing()) return nullptr;
  activeInAny_ = loaded_[0].flags();
  for (uint32_t strip = 1; strip < strips_; strip++) {
    const std::vector<uint8_t>& flags = loaded_[strip].flags();
    for (size_t pair = 0; pair < flags.size(); pair++) activeInAny_[pair] |= flags[pair];
  }
  return WideForward::paysToSkip(activeInAny_) ? activeInAny_.data() : nullptr;
}

/// Reads a strip of sparse rows, without touching silent inputs.
void WideBatches::loadSparse(uint32_t strip) {
  int16_t* rows = activations_[0].strip(strip);
  const uint32_t first = strip * kStripSamples;
  const uint32_t count = samplesOf(strip);
  for (uint32_t s = 0; s < count; s++) {
    forSparseActivations(batch_->job->inputs, batch_->row(first + s), spec_.layers[0],
                         [&](uint32_t column, int16_t value) {
                           active_.wake(strip, column, rows);
                           rows[static_cast<size_t>(column) * kStripSamples + s] = value;
                         });
  }
}

void WideBatches::load(uint32_t strip) {
  if (skipping_) {
    loadSparse(strip);
    return;
  }
  uint64_t examples[kStripSamples];
  const uint32_t count = samplesOf(strip);
  for (uint32_t s = 0; s < count; s++) examples[s] = batch_->row(strip * kStripSamples + s);
  forward_.load(batch_->job->inputs, examples, count, activations_[0].strip(strip), loaded_[strip]);
}

void WideBatches::forward(uint32_t j, uint32_t strip, uint32_t firstBlock, uint32_t lastBlock) {
  StripInput input = {activations_[j].strip(strip), forward_.largestOf(batch_->job->inputs, j), nullptr};
  if (j == 0) input.active = skipping_ ? active_.ofStrip(strip) : loaded_[strip].active();
  const int32_t* biases = (*biases_)[j];
  WideBatchScratch scratch;
  if (j + 1 == junctions_.size()) {
    forward_.sum(j, input, firstBlock, lastBlock, biases, scratch,
                 outputSums_.data() + strip * deltas_[j].stride);
    return;
  }
  const uint64_t clipped = forward_.activate(j, input, firstBlock, lastBlock, biases, samplesOf(strip),
                                             scratch, activations_[j + 1].strip(strip));
  counts_[j].activationsClipped.fetch_add(clipped, std::memory_order_relaxed);
}

/// Computes outputs, cost and deltas of the last layer.
void WideBatches::finishOutput(uint32_t strip) {
  const uint32_t j = static_cast<uint32_t>(junctions_.size()) - 1;
  const uint32_t width = spec_.layers.back();
  uint64_t clipped = 0;
  const int32_t* sums = outputSums_.data() + strip * deltas_[j].stride;
  int16_t* rows = deltas_[j].strip(strip);
  const uint32_t first = strip * kStripSamples;
  const uint32_t present = samplesOf(strip);
  WideOutput output(spec_, classWeights_);
  WideTarget target;
  AlignedBuffer<int32_t> ofSample(padded(width, kMostOutputs));
  AlignedBuffer<int16_t> deltas(padded(width, kMostOutputs));
  for (uint32_t s = 0; s < kStripSamples; s++) {
    if (s < present) {
      for (uint32_t i = 0; i < width; i++) ofSample[i] = sums[static_cast<size_t>(i) * kStripSamples + s];
      readTarget(batch_->job->targets, batch_->row(first + s), width, target);
      clipped += output.deltas(ofSample.data(), target, deltas.data(), tallies_[strip]);
    } else {
      deltas.clear();
    }
    for (uint32_t i = 0; i < width; i++) rows[static_cast<size_t>(i) * kStripSamples + s] = deltas[i];
  }
  counts_[j].deltasClipped.fetch_add(clipped, std::memory_order_relaxed);
}

AlignedBuffer<int32_t> WideBatches::borrowSums(uint32_t j) {
  const size_t size = static_cast<size_t>(blocks_[j]) * kBlockValues;
  const std::lock_guard<std::mutex> lock(sumsMutex_);
  for (AlignedBuffer<int32_t>& sums : sums_) {
    if (sums.size() != size) continue;
    std::swap(sums, sums_.back());
    AlignedBuffer<int32_t> found = std::move(sums_.back());
    sums_.pop_back();
    return found;
  }
  return AlignedBuffer<int32_t>(size);
}

void WideBatches::returnSums(AlignedBuffer<int32_t> sums) {
  const std::lock_guard<std::mutex> lock(sumsMutex_);
  sums_.push_back(std::move(sums));
}

void WideBatches::backward(uint32_t j, uint32_t strip, uint32_t firstBlock, uint32_t lastBlock) {
  const int16_t* deltas = deltas_[j].strip(strip);
  const int32_t largest = kernels_->largest(deltas, deltas_[j].stride);
  const Activation activation = spec_.activations[j - 1];
  const int fraction = spec_.format.fraction;
  uint64_t clipped = 0;
  alignas(64) int32_t errors[kBlockValues];
  AlignedBuffer<int32_t> scattered;
  if (junctions_[j]->scatters() && firstBlock == 0 && lastBlock == blocks_[j]) {
    scattered = borrowSums(j);
    junctions_[j]->scatter(deltas, scattered.data());
  }
  for (uint32_t block = firstBlock; block < lastBlock; block++) {
    const size_t place = static_cast<size_t>(block) * kBlockValues;
    const int16_t* values = activations_[j].strip(strip) + place;
    int16_t* out = deltas_[j - 1].strip(strip) + place;
    junctions_[j]->backward(block, deltas, largest, scattered.data(), errors);
    if (activation == Activation::relu) {
      clipped += wideKernels_->finishReluDeltas(errors, values, kBlockValues, fraction, out);
    } else {
      for (uint32_t i = 0; i < kBlockValues; i++)
        out[i] = deltaOf(activation, errors[i], values[i], fraction, clipped);
    }
  }
  if (scattered.size() != 0) returnSums(std::move(scattered));
  counts_[j - 1].deltasClipped.fetch_add(clipped, std::memory_order_relaxed);
}

void WideBatches::makeRule(uint32_t j) {
  const WideFormat& format = spec_.format;
  const BatchScale scale = batchScale(batch_->rate, batch_->count, format.fraction, guardBits_);
  Lanes& lanes = lanes_[j];
  BatchRule& rule = rules_[j];
  rule = {scale.multiplier,
          scale.shift,
          format.stochastic,
          lanes.update,
          static_cast<int16_t>(format.weightMin()),
          static_cast<int16_t>(format.weightMax()),
          0,
          lanes.loss,
          lanes.weight,
          0,
          lanes.decay};
  if (spec_.momentum > 0.0) rule.loss = momentumLoss(spec_.momentum);
  if (spec_.weightDecay > 0.0) {
    const double decay = std::ldexp(batch_->rate * spec_.weightDecay, 32) + 0.5;
    rule.decay = static_cast<int32_t>(std::min(decay, 2147483647.0));
  }
  if (!format.stochastic) return;
  const auto fill = [&](Stream purpose, uint64_t counter, uint16_t* into) {
    fillLanes(streamKey(spec_.seed, junctionStream(purpose, j)), counter, into);
  };
  fill(kUpdateRoundingStream, batch_->number, lanes.update);
  if (rule.loss != 0) {
    fill(kMomentumRoundingStream, 2 * batch_->number, lanes.loss);
    fill(kMomentumRoundingStream, 2 * batch_->number + 1, lanes.weight);
  }
  if (rule.decay != 0) fill(kDecayRoundingStream, batch_->number, lanes.decay);
}

void WideBatches::updateBiases(uint32_t j, uint32_t block) {
  StripRows rows = deltas_[j].rows(strips_);
  rows.data += static_cast<size_t>(block) * kBlockValues;
  int32_t sums[kBatchBlock];
  kernels_->sumRows(&rows, sums, absolutes_[j].data() + static_cast<size_t>(block) * kBatchBlock);
  int32_t* biases = (*biases_)[j] + static_cast<size_t>(block) * kBatchBlock;
  const BatchRule& rule = rules_[j];
  for (uint32_t r = 0; r < kBatchBlock; r++) {
    const int64_t step =
        shiftRound(static_cast<int64_t>(sums[r]) * rule.multiplier, 16 + rule.shift + guardBits_);
    biases[r] = static_cast<int32_t>(clip<int64_t>(biases[r] - step, -kBiasMax, kBiasMax));
  }
}

template <typename Units, typename Task>
void WideBatches::overJunctions(Team& team, Units units, Task task) {
  struct Share {
    uint32_t j, first, last;
  };
  std::vector<Share> shares;
  for (uint32_t j = 0; j < junctions_.size(); j++) {
    const uint32_t count = units(j);
    const uint32_t parts = std::min(count, sharesFor(team.size()));
    for (uint64_t part = 0; part < parts; part++) {
      shares.push_back({j, static_cast<uint32_t>(count * part / parts),
                        static_cast<uint32_t>(count * (part + 1) / parts)});
    }
  }
  team.run(static_cast<uint32_t>(shares.size()), [&](uint32_t number) {
    const Share& share = shares[number];
    task(number, share.j, share.first, share.last);
  });
}

void WideBatches::update(Team& team) {
  for (uint32_t j = 0; j < junctions_.size(); j++) makeRule(j);
  overJunctions(
      team, [&](uint32_t j) { return blocks_[j + 1]; },
      [&](uint32_t, uint32_t j, uint32_t first, uint32_t last) {
        for (uint32_t block = first; block < last; block++) updateBiases(j, block);
      });
  std::vector<int64_t> mostAbsolutes;
  for (const std::vector<int32_t>& absolutes : absolutes_)
    mostAbsolutes.push_back(*std::max_element(absolutes.begin(), absolutes.end()));
  ActivePairs active = activeInBatch();
  std::vector<BatchUpdate> done(junctions_.size() * sharesFor(team.size()));
  std::vector<uint32_t> junctionOf(done.size());
  overJunctions(
      team, [&](uint32_t j) { return junctions_[j]->updateUnits(); },
      [&](uint32_t task, uint32_t j, uint32_t first, uint32_t last) {
        const WideBatchRows rows = {activations_[j].rows(strips_),
                                    deltas_[j].rows(strips_),
                                    forward_.largestOf(batch_->job->inputs, j),
                                    absolutes_[j].data(),
                                    mostAbsolutes[j],
                                    j == 0 ? active : nullptr};
        junctionOf[task] = j;
        BatchUpdate own{};
        for (uint32_t unit = first; unit < last; unit++) junctions_[j]->update(unit, rows, rules_[j], own);
        done[task] = own;
      });
  for (size_t task = 0; task < done.size(); task++) {
    BatchUpdate& total = counts_[junctionOf[task]].update;
    total.steps += done[task].steps;
    total.roundedToZero += done[task].roundedToZero;
  }
  overJunctions(
      team, [&](uint32_t j) { return junctions_[j]->settleUnits(); },
      [&](uint32_t, uint32_t j, uint32_t first, uint32_t last) {
        for (uint32_t unit = first; unit < last; unit++) junctions_[j]->settle(unit);
      });
}

}  // namespace sparse_train
