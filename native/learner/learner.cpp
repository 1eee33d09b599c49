#include "learner.hpp"

#include <algorithm>
#include <cstdlib>

#include "../engine/input/prefetch.hpp"
#include "../fixed/float_environment.hpp"
#include "../fixed/random.hpp"
#include "../fixed/softmax.hpp"
#include "../fixed/wide_format.hpp"

namespace sparse_train {
namespace {

constexpr int kWeightFraction = 12;
constexpr int kSumFraction = kActivationFraction + kWeightFraction;
constexpr uint16_t kPartSalt = 2 * kLearnerHalfSalt;  // each 64 neurons have two halves
constexpr double kForget = 0.02;                      // the share that is dealt evenly after each row
constexpr int32_t kLeastProbability = 16;             // in units of 2^-14
/// This many weights stay in the caches; more are prefetched.
constexpr size_t kCachedWords = size_t{1} << 19;
constexpr uint32_t kReplaying = 0;
constexpr uint32_t kPlain = 1;
/// Rates are 2^(shift - 6).
constexpr std::array<int, kLearnerMembers> kShifts = {0, 0, 2};

/// Streams of a learner's random numbers (docs/arithmetic.md, "Learner").
enum LearnerStream : uint64_t { kSlots = 10, kOutputs = 11, kLanes = 12, kReplay = 13 };

/// Fills a row with uniform numbers of +-2^(15 - shift).
void fill(int16_t* row, size_t words, uint64_t key, int shift) {
  for (size_t i = 0; i < words; i += 4) {
    const uint64_t bits = randomAt(key, i / 4);
    for (size_t part = 0; part < 4; part++) {
      row[i + part] = static_cast<int16_t>(static_cast<int16_t>(bits >> (16 * part)) >> shift);
    }
  }
}

}  // namespace

Learner::Learner(const LearnerKernels& kernels, uint64_t seed, bool classes, uint32_t hidden)
    : kernels_(kernels),
      classes_(classes),
      hidden_(hidden),
      weightKey_(streamKey(seed, kSlots)),
      outputKey_(streamKey(seed, kOutputs)),
      laneKey_(streamKey(seed, kLanes)),
      replayKey_(streamKey(seed, kReplay)),
      inputs_(size_t{kLearnerMembers} * hidden),
      outputs_(size_t{kLearnerMembers} * hidden) {
  for (Member& member : members_) member.activations.reset(hidden);
  state_.shares.fill(1.0 / kLearnerMembers);
  addSlot(0, true);
  if (classes) return;
  addOutput(0);
  state_.outputs = 1;
}

void Learner::addSlot(uint64_t key, bool random) {
  int16_t* weights = inputs_.append();
  if (random) fill(weights, inputs_.words(), mix64(weightKey_ ^ key), 5);
  salts_.push_back(static_cast<uint16_t>(key));
}

void Learner::addOutput(uint64_t key) {
  fill(outputs_.append(), outputs_.words(), mix64(outputKey_ ^ key), 7);
  outputSalts_.push_back(static_cast<uint16_t>(key));
  biases_.insert(biases_.end(), kLearnerMembers, 0);
}

LearnerPrediction Learner::predict(const LearnerRow& row) {
  const FloatEnvironment environment;
  load(row);
  for (uint32_t member = 0; member < kLearnerMembers; member++) {
    feedForward(member);
    finishOutputs(member, 0);
  }
  return mix();
}

LearnerPrediction Learner::learn(const LearnerRow& row, const LearnerTarget& target, bool boost) {
  const FloatEnvironment environment;
  for (uint32_t i = 0; i < kLearnerReplays && !memory_.empty(); i++) {
    prefetchWeights(replayed(i).row(), hidden_);
  }
  const LearnerPrediction predicted = predict(row);
  ofTarget_ = 0;
  if (classes_) {
    const auto label = static_cast<uint32_t>(target.output);
    if (label < state_.outputs) {
      ofTarget_ = mixed_[label];
    } else {
      // For a new class the members must first compute its output, so that they can learn it.
      const uint32_t before = state_.outputs;
      state_.outputs = label + 1;
      for (uint32_t member = 0; member < kLearnerMembers; member++) finishOutputs(member, before);
    }
  }
  weigh(target);
  drawLanes(state_.learned * (1 + kLearnerReplays));
  for (uint32_t member = 0; member < kLearnerMembers; member++) {
    learnMember(member, target, kShifts[member] + (boost && kShifts[member] == 0 ? 1 : 0));
  }
  replay(boost);
  remember(row, target);
  state_.learned++;
  return predicted;
}

void Learner::prefetchRow(const LearnerRow& row) const { prefetchWeights(row, inputs_.words()); }

void Learner::prefetchWeights(const LearnerRow& row, size_t words) const {
  if (inputs_.size() * inputs_.words() <= kCachedWords) return;
  for (uint32_t i = 0; i < row.entries; i++) {
    const int16_t* weights = inputs_[row.slots[i]];
    for (size_t word = 0; word < words; word += 32) prefetch(weights + word);
  }
}

void Learner::load(const LearnerRow& row) {
  const size_t count = size_t{row.entries} + 1;
  rows_.resize(count);
  values_.resize(count);
  rowSalts_.resize(count);
  rows_[0] = inputs_[0];
  values_[0] = static_cast<int16_t>(kLearnerOne);
  rowSalts_[0] = salts_[0];
  for (uint32_t i = 0; i < row.entries; i++) {
    rows_[i + 1] = inputs_[row.slots[i]];
    values_[i + 1] = row.values[i];
    rowSalts_[i + 1] = salts_[row.slots[i]];
  }
  plain_ = row.plain + 1;
}

/// A member's weights of the 64 hidden neurons that begin at 64 * part.
LearnerRows Learner::rowsOf(uint32_t member, uint32_t part) const {
  const auto all = static_cast<uint32_t>(rows_.size());
  return {rows_.data(), values_.data(), rowSalts_.data(), member == kPlain ? plain_ : all,
          member * hidden_ + part * kLearnerWidth};
}

/// The activations of the hidden neurons.
void Learner::feedForward(uint32_t member) {
  alignas(64) int32_t sums[kLearnerWidth];
  for (uint32_t part = 0; part < hidden_ / kLearnerWidth; part++) {
    kernels_.weightedSum(rowsOf(member, part), sums);
    int16_t* activations = members_[member].activations.data() + part * kLearnerWidth;
    for (uint32_t h = 0; h < kLearnerWidth; h++) {
      activations[h] = static_cast<int16_t>(clip(shiftRound(sums[h], kWeightFraction), 0, kActivationMax));
    }
  }
}

/// Computes the sums and probabilities of the outputs; the sums before `first` have been computed already.
void Learner::finishOutputs(uint32_t member, uint32_t first) {
  Member& own = members_[member];
  const uint32_t outputs = state_.outputs;
  own.sums.resize(outputs);
  own.probabilities.resize(outputs);
  scratch_.resize(outputs);
  for (uint32_t k = first; k < outputs; k++) {
    int64_t sum = biases_[k * kLearnerMembers + member];
    for (uint32_t h = 0; h < hidden_; h += kLearnerWidth) {
      sum += kernels_.dot(own.activations.data() + h, outputs_[k] + member * hidden_ + h);
    }
    own.sums[k] = static_cast<int32_t>(clip<int64_t>(sum, -kSumMax, kSumMax));
  }
  if (classes_ && outputs > 0) {
    softmax(own.sums.data(), outputs, kSumFraction, scratch_.data(), own.probabilities.data());
  }
}

LearnerPrediction Learner::mix() {
  LearnerPrediction predicted{-1, 0, 0};
  mixed_.resize(state_.outputs);
  for (uint32_t k = 0; k < state_.outputs; k++) {
    double sum = 0;
    for (uint32_t member = 0; member < kLearnerMembers; member++) {
      const Member& own = members_[member];
      const double output = classes_ ? own.probabilities[k] / 16384.0 : own.sums[k] / 1048576.0;
      sum += state_.shares[member] * output;
    }
    mixed_[k] = sum;
    if (predicted.output < 0 || sum > predicted.probability) {
      predicted.output = static_cast<int32_t>(k);
      predicted.probability = sum;
    }
  }
  if (!classes_) predicted.value = mixed_[0];
  return predicted;
}

/// Fixed share (Herbster and Warmuth, "Tracking the best expert", 1998): each member's share is multiplied by the
/// likelihood that it gave to the target. A small part is then dealt out evenly, so that no member is lost for good.
void Learner::weigh(const LearnerTarget& target) {
  double total = 0;
  for (uint32_t member = 0; member < kLearnerMembers; member++) {
    const Member& own = members_[member];
    double likelihood;
    if (classes_) {
      const int32_t given = own.probabilities[static_cast<uint32_t>(target.output)];
      likelihood = std::max(given, kLeastProbability) / 16384.0;
    } else {
      const double error = (shiftRound(own.sums[0], kSumFraction - kDeltaFraction) - target.number) / 16384.0;
      likelihood = 1.0 / (1.0 + 2.0 * error * error);
    }
    state_.shares[member] *= likelihood;
    total += state_.shares[member];
  }
  for (double& share : state_.shares) share = (1.0 - kForget) * (share / total) + kForget / kLearnerMembers;
}

/// Draws the rounding numbers of a step. Each replay of a row is a step of its own.
void Learner::drawLanes(uint64_t step) {
  for (uint32_t q = 0; q < kLearnerLanes / 4; q++) {
    const uint64_t bits = randomAt(laneKey_, step * (kLearnerLanes / 4) + q);
    for (uint32_t i = 0; i < 4; i++) lanes_[4 * q + i] = static_cast<uint16_t>(bits >> (16 * i));
  }
}

/// Runs backpropagation and the update of one member on the loaded row, whose activations and outputs are known.
void Learner::learnMember(uint32_t member, const LearnerTarget& target, int shift) {
  Member& own = members_[member];
  const uint32_t outputs = state_.outputs;
  // The deltas, negated because they are added to the weights.
  deltas_.resize(outputs);
  outputRows_.resize(outputs);
  for (uint32_t k = 0; k < outputs; k++) {
    const int32_t wrong =
        classes_ ? own.probabilities[k] - (static_cast<int32_t>(k) == target.output ? kDeltaOne : 0)
                 : shiftRound(own.sums[k], kSumFraction - kDeltaFraction) - target.number;
    deltas_[k] = static_cast<int16_t>(-clip(wrong, -kDeltaMax, kDeltaMax));
    outputRows_[k] = outputs_[k];
  }
  shifted_.resize(rows_.size());
  for (size_t i = 0; i < rows_.size(); i++) shifted_[i] = static_cast<int16_t>(values_[i] * (1 << shift));
  for (uint32_t part = 0; part < hidden_ / kLearnerWidth; part++) {
    const LearnerRows backward{outputRows_.data(), deltas_.data(), outputSalts_.data(), outputs,
                               member * hidden_ + part * kLearnerWidth};
    alignas(64) int32_t errors[kLearnerWidth];
    kernels_.weightedSum(backward, errors);

    const int16_t* activations = own.activations.data() + part * kLearnerWidth;
    alignas(64) int16_t factors[kLearnerWidth];
    alignas(64) int16_t shifted[kLearnerWidth];
    for (uint32_t h = 0; h < kLearnerWidth; h++) {
      const int32_t error = clip(shiftRound(errors[h], kWeightFraction), -kDeltaMax, kDeltaMax);
      factors[h] = static_cast<int16_t>(activations[h] > 0 ? error : 0);
      shifted[h] = static_cast<int16_t>(activations[h] * (1 << shift));
    }
    const auto salt = static_cast<uint16_t>((member * hidden_ / kLearnerWidth + part) * kPartSalt);
    kernels_.update(backward, shifted, lanes_, salt, kLearnerOutputWeightMax);
    LearnerRows forward = rowsOf(member, part);
    forward.values = shifted_.data();
    kernels_.update(forward, factors, lanes_, salt, kLearnerInputWeightMax);
  }
  for (uint32_t k = 0; k < outputs; k++) {
    int32_t& bias = biases_[k * kLearnerMembers + member];
    bias = clip(bias + deltas_[k] * (1 << shift), -kLearnerBiasMax, kLearnerBiasMax);
  }
}

/// The remembered row of replay `i` after the current row.
const Learner::Remembered& Learner::replayed(uint32_t i) const {
  const uint64_t draw = randomAt(replayKey_, state_.learned * kLearnerReplays + i) >> 32;
  return memory_[static_cast<size_t>((draw * memory_.size()) >> 32)];
}

void Learner::replay(bool boost) {
  for (uint32_t i = 0; i < kLearnerReplays && !memory_.empty(); i++) {
    const Remembered& row = replayed(i);
    load(row.row());
    feedForward(kReplaying);
    finishOutputs(kReplaying, 0);
    drawLanes(state_.learned * (1 + kLearnerReplays) + 1 + i);
    learnMember(kReplaying, row.target, kShifts[kReplaying] + (boost ? 1 : 0));
  }
}

void Learner::remember(const LearnerRow& row, const LearnerTarget& target) {
  if (row.entries > kLearnerReplayEntries) return;
  if (memory_.size() < kLearnerReplayRows) memory_.emplace_back();
  Remembered& place = memory_[static_cast<size_t>(remembered_ % kLearnerReplayRows)];
  place.slots.assign(row.slots, row.slots + row.entries);
  place.values.assign(row.values, row.values + row.entries);
  place.plain = row.plain;
  place.target = target;
  remembered_++;
}

std::vector<int32_t> Learner::replayMemory() const {
  // The next place comes first, so that a restored learner replaces rows in the same order.
  std::vector<int32_t> out;
  const auto next = static_cast<int32_t>(remembered_ % kLearnerReplayRows);
  out.push_back(next);
  for (const Remembered& row : memory_) {
    out.push_back(static_cast<int32_t>(row.slots.size()));
    out.push_back(static_cast<int32_t>(row.plain));
    out.push_back(row.target.output);
    out.push_back(row.target.number);
    for (const uint32_t slot : row.slots) out.push_back(static_cast<int32_t>(slot));
    for (const int16_t value : row.values) out.push_back(value);
  }
  return out;
}

bool Learner::restore(const LearnerState& state, const std::vector<int32_t>& memory) {
  if (memory.empty() || state.outputs > outputs_.size() || (!classes_ && state.outputs != 1)) return false;
  for (const double share : state.shares) {
    if (!(share > 0 && share <= 1)) return false;
  }
  std::vector<Remembered> rows;
  size_t at = 1;
  while (at < memory.size()) {
    if (memory.size() - at < 4 || rows.size() == kLearnerReplayRows) return false;
    const int32_t* head = &memory[at];
    const int64_t entries = head[0];
    const bool targetFits = classes_ ? head[2] >= 0 && static_cast<uint32_t>(head[2]) < state.outputs
                                     : std::abs(static_cast<int64_t>(head[3])) <= kLearnerTargetMax;
    if (entries < 0 || entries > kLearnerReplayEntries || head[1] < 0 || head[1] > entries || !targetFits ||
        memory.size() - at - 4 < static_cast<size_t>(2 * entries)) {
      return false;
    }
    Remembered row;
    row.plain = static_cast<uint32_t>(head[1]);
    row.target = {head[2], head[3]};
    int64_t size = kLearnerOne;
    for (int64_t i = 0; i < entries; i++) {
      const int32_t slot = head[4 + i];
      const int32_t value = head[4 + entries + i];
      if (slot < 1 || static_cast<size_t>(slot) >= inputs_.size() || std::abs(value) > kLearnerValueMax) {
        return false;
      }
      size += std::abs(value);
      row.slots.push_back(static_cast<uint32_t>(slot));
      row.values.push_back(static_cast<int16_t>(value));
    }
    if (size > kLearnerRowMax) return false;
    rows.push_back(std::move(row));
    at += 4 + 2 * static_cast<size_t>(entries);
  }
  const int32_t next = memory[0];
  if (next < 0 || static_cast<uint32_t>(next) >= kLearnerReplayRows) return false;
  // Until the memory is full, the next place is the one after the last row.
  if (rows.size() < kLearnerReplayRows && static_cast<size_t>(next) != rows.size()) return false;
  memory_ = std::move(rows);
  remembered_ = static_cast<uint64_t>(next);
  state_ = state;
  return true;
}

}  // namespace sparse_train
