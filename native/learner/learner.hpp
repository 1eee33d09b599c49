// Learns from rows as they arrive (docs/arithmetic.md, "Learner"). Three small networks read the same sparse row,
// learn at different rates, and are weighted by how well each has predicted lately. Everything that is learned is an
// integer, or a double that is computed with +, -, *, / and comparisons only, so every machine gives the same bits.
//
// The meaning of a row's slots is decided outside (lib/online/): here a slot has only a number and a key, the hash of
// its name. A slot's first weights depend only on its key, so the order in which names appear changes nothing.
#pragma once

#include <stdint.h>

#include <array>
#include <vector>

#include "../kernels/learner/learner_kernels.hpp"
#include "weight_rows.hpp"

namespace sparse_train {

constexpr uint32_t kLearnerMembers = 3;
constexpr uint32_t kLearnerMostHidden = 1024;
constexpr int32_t kLearnerOne = 256;           ///< 1.0 as the value of a slot.
constexpr int32_t kLearnerValueMax = 2047;     ///< Largest |value| of a slot.
constexpr int32_t kLearnerRowMax = 32767;      ///< Largest sum of |values| of a row, the bias's 256 included.
constexpr uint32_t kLearnerReplayRows = 1000;  ///< Rows that are remembered for replays.
constexpr uint32_t kLearnerReplayEntries = 256;  ///< A row with more entries is not remembered.
constexpr uint32_t kLearnerReplays =
    2;  ///< Remembered rows that the replaying member learns with each new one.
constexpr int32_t kLearnerTargetMax = 1 << 17;  ///< Largest |target| of a number, in units of 2^-14.

constexpr int16_t kLearnerInputWeightMax = 32767;  ///< Weights, in units of 2^-12, lie within these limits.
constexpr int16_t kLearnerOutputWeightMax = 8191;
constexpr int32_t kLearnerBiasMax = 1 << 29;

/// One row: slots with their values, each slot at most once. The plain member reads only the first `plain` entries.
struct LearnerRow {
  const uint32_t* slots;
  const int16_t* values;
  uint32_t plain;
  uint32_t entries;
};

/// The prediction for a row.
struct LearnerPrediction {
  int32_t output;      ///< the most probable class, -1 while there is none
  double probability;  ///< of that class
  double value;        ///< of a number: in units of the target's scale
};

/// The target of a row: a class (the number of an output, or of the next new one), or a number in units of 2^-14.
struct LearnerTarget {
  int32_t output;
  int32_t number;
};

/// Everything that a learner has learned and drawn, except its weights.
struct LearnerState {
  uint64_t learned = 0;
  uint32_t outputs = 0;  ///< outputs in use; their keys may be known earlier
  std::array<double, kLearnerMembers> shares{};
};

class Learner {
 public:
  /// `classes`: whether the outputs are classes; otherwise there is one output, a number. `hidden`: the hidden neurons
  /// of each member, a multiple of kLearnerWidth up to kLearnerMostHidden.
  Learner(const LearnerKernels& kernels, uint64_t seed, bool classes, uint32_t hidden = kLearnerWidth);

  bool classes() const { return classes_; }
  uint32_t slots() const { return static_cast<uint32_t>(inputs_.size()); }
  uint32_t outputs() const { return state_.outputs; }
  uint32_t knownOutputs() const { return static_cast<uint32_t>(outputs_.size()); }

  /// Adds a slot for another name. Its first weights are random or zero; zero weights do not change predictions. Slot
  /// 0 exists from the beginning and always has the value 1.
  void addSlot(uint64_t key, bool random);
  /// Adds a class; it is in use from its first example on.
  void addOutput(uint64_t key);

  /// Starts to read the weights of a row that is predicted or learned soon, if they are not likely to be in the caches.
  void prefetchRow(const LearnerRow& row) const;

  /// Predicts a row. Afterwards probabilities() holds the probabilities of the classes in use.
  LearnerPrediction predict(const LearnerRow& row);
  const std::vector<double>& probabilities() const { return mixed_; }

  /// Predicts and learns. `boost` doubles the rates of the two slow members.
  LearnerPrediction learn(const LearnerRow& row, const LearnerTarget& target, bool boost);
  /// The probability that the last learn() gave to its class before learning it; 0 for a new class.
  double probabilityOfTarget() const { return ofTarget_; }

  const LearnerState& state() const { return state_; }
  WeightRows& inputWeights() { return inputs_; }
  WeightRows& outputWeights() { return outputs_; }
  std::vector<int32_t>& outputBiases() { return biases_; }
  /// The remembered rows as numbers: for each row the entry count, plain entry count, output and number, then its
  /// slots and values.
  std::vector<int32_t> replayMemory() const;
  /// Restores what state() and replayMemory() returned; the caller sets the weights. Returns false if they do not
  /// fit.
  bool restore(const LearnerState& state, const std::vector<int32_t>& memory);

 private:
  struct Member {
    AlignedBuffer<int16_t> activations;
    std::vector<int32_t> sums;  ///< of the outputs
    std::vector<int32_t> probabilities;
  };
  struct Remembered {
    std::vector<uint32_t> slots;
    std::vector<int16_t> values;
    uint32_t plain = 0;
    LearnerTarget target{};

    LearnerRow row() const {
      return {slots.data(), values.data(), plain, static_cast<uint32_t>(slots.size())};
    }
  };

  void prefetchWeights(const LearnerRow& row, size_t words) const;
  const Remembered& replayed(uint32_t i) const;
  void load(const LearnerRow& row);
  void feedForward(uint32_t member);
  void finishOutputs(uint32_t member, uint32_t first);
  void learnMember(uint32_t member, const LearnerTarget& target, int shift);
  void replay(bool boost);
  void remember(const LearnerRow& row, const LearnerTarget& target);
  void drawLanes(uint64_t step);
  LearnerPrediction mix();
  void weigh(const LearnerTarget& target);
  LearnerRows rowsOf(uint32_t member, uint32_t part) const;

  const LearnerKernels& kernels_;
  bool classes_;
  uint32_t hidden_;
  uint64_t weightKey_, outputKey_, laneKey_, replayKey_;
  WeightRows inputs_, outputs_;
  std::vector<uint16_t> salts_, outputSalts_;
  std::vector<int32_t> biases_;  ///< of each output, one per member
  LearnerState state_;

  // The weight rows of the current row's slots.
  std::vector<int16_t*> rows_;
  std::vector<int16_t> values_, shifted_;
  std::vector<uint16_t> rowSalts_;
  uint32_t plain_ = 0;
  std::array<Member, kLearnerMembers> members_;
  alignas(64) uint16_t lanes_[kLearnerLanes];
  std::vector<int16_t*> outputRows_;
  std::vector<int16_t> deltas_;
  std::vector<int32_t> scratch_;
  std::vector<double> mixed_;
  double ofTarget_ = 0;

  std::vector<Remembered> memory_;
  uint64_t remembered_ = 0;
};

}  // namespace sparse_train
