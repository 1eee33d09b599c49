// A learner of rows as they come (docs/arithmetic.md, "Learner"): three small networks that read the same sparse row, learn
// at different rates, and are mixed by how well each has predicted lately. Everything that is learned is an integer, or a
// double of which only +, -, *, / and comparisons are taken, so every machine has the same bits.
//
// What a row's slots mean is decided outside (lib/online/): here a slot has a number and a key, the hash of its name. A
// slot's first weights depend on its key alone, so the order in which names appear changes nothing.
#pragma once

#include <stdint.h>

#include <array>
#include <vector>

#include "../kernels/learner/learner_kernels.hpp"
#include "weight_rows.hpp"

namespace sparse_train {

constexpr uint32_t kLearnerMembers = 3;
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

/// One row: slots with their values, each slot at most once. The plain member reads the first `plain` entries only.
struct LearnerRow {
  const uint32_t* slots;
  const int16_t* values;
  uint32_t plain;
  uint32_t entries;
};

/// What is predicted for a row.
struct LearnerPrediction {
  int32_t output;      ///< the most probable class, -1 while there is none
  double probability;  ///< of that class
  double value;        ///< of a number: in units of the target's scale
};

/// What to learn of a row: a class (an output's number, or that of the next new one), or a number in units of 2^-14.
struct LearnerTarget {
  int32_t output;
  int32_t number;
};

/// Everything that a learner has learned and drawn, apart from its weights.
struct LearnerState {
  uint64_t learned = 0;
  uint32_t outputs = 0;  ///< outputs in use; their keys may be known earlier
  std::array<double, kLearnerMembers> shares{};
};

class Learner {
 public:
  /// `classes`: whether the outputs are classes; otherwise there is one, a number.
  Learner(const LearnerKernels& kernels, uint64_t seed, bool classes);

  bool classes() const { return classes_; }
  uint32_t slots() const { return static_cast<uint32_t>(inputs_.size()); }
  uint32_t outputs() const { return state_.outputs; }
  uint32_t knownOutputs() const { return static_cast<uint32_t>(outputs_.size()); }

  /// A slot for one more name. Its first weights are random or zero; with zero, a prediction is the same before and after.
  /// Slot 0 is there from the beginning and always has the value 1.
  void addSlot(uint64_t key, bool random);
  /// One more class; it is used from its first example on.
  void addOutput(uint64_t key);

  /// The probabilities of the classes in use are in probabilities() afterwards.
  LearnerPrediction predict(const LearnerRow& row);
  const std::vector<double>& probabilities() const { return mixed_; }

  /// Predicts and learns. `boost` doubles the rates of the two slow members.
  LearnerPrediction learn(const LearnerRow& row, const LearnerTarget& target, bool boost);
  /// The probability that the last learn() gave to its class before learning; 0 for a new one.
  double probabilityOfTarget() const { return ofTarget_; }

  const LearnerState& state() const { return state_; }
  WeightRows& inputWeights() { return inputs_; }
  WeightRows& outputWeights() { return outputs_; }
  std::vector<int32_t>& outputBiases() { return biases_; }
  /// The remembered rows as numbers: for each its entries, plain entries, output and number, then slots and values.
  std::vector<int32_t> replayMemory() const;
  /// Puts back what state() and replayMemory() gave; the weights are set by the caller. False if they do not fit.
  bool restore(const LearnerState& state, const std::vector<int32_t>& memory);

 private:
  struct Member {
    alignas(64) int16_t activations[kLearnerWidth];
    std::vector<int32_t> sums;  ///< of the outputs
    std::vector<int32_t> probabilities;
  };
  struct Remembered {
    std::vector<uint32_t> slots;
    std::vector<int16_t> values;
    uint32_t plain = 0;
    LearnerTarget target{};
  };

  void load(const LearnerRow& row);
  void feedForward(uint32_t member);
  void finishOutputs(uint32_t member, uint32_t first);
  void learnMember(uint32_t member, const LearnerTarget& target, int shift);
  void replay(bool boost);
  void remember(const LearnerRow& row, const LearnerTarget& target);
  void drawLanes(uint64_t step);
  LearnerPrediction mix();
  void weigh(const LearnerTarget& target);
  LearnerRows rowsOf(uint32_t member) const;

  const LearnerKernels& kernels_;
  bool classes_;
  uint64_t weightKey_, outputKey_, laneKey_, replayKey_;
  WeightRows inputs_, outputs_;
  std::vector<uint16_t> salts_, outputSalts_;
  std::vector<int32_t> biases_;  ///< of each output, one per member
  LearnerState state_;

  // The row that is worked on.
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
