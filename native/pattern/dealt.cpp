// Deals patterns like cards: decks of all left groups are shuffled and handed out to one block after another.
#include <algorithm>
#include <numeric>

#include "../fixed/random.hpp"
#include "pattern.hpp"

namespace sparse_train {
namespace {

/// Deals the numbers 0..size-1: each comes once per deck, and no hand gets a number twice.
class Dealer {
 public:
  Dealer(uint32_t size, RandomStream random) : random_(random), deck_(size) {
    std::iota(deck_.begin(), deck_.end(), 0u);
    next_ = deck_.size();
  }

  /// A hand of `count` <= size different numbers, ascending.
  std::vector<uint32_t> hand(size_t count) {
    std::vector<uint32_t> cards;
    cards.reserve(count);
    while (cards.size() < count) {
      if (next_ == deck_.size()) shuffle(cards);
      cards.push_back(deck_[next_++]);
    }
    std::sort(cards.begin(), cards.end());
    return cards;
  }

 private:
  /// Starts a new deck. Numbers that the unfinished hand already holds go to the bottom, where this hand cannot reach
  /// them.
  void shuffle(const std::vector<uint32_t>& held) {
    for (size_t i = deck_.size() - 1; i > 0; i--) std::swap(deck_[i], deck_[random_.below(i + 1)]);
    next_ = 0;
    if (held.empty()) return;
    std::vector<uint32_t> sorted = held;
    std::sort(sorted.begin(), sorted.end());
    std::stable_partition(deck_.begin(), deck_.end(), [&sorted](uint32_t card) {
      return !std::binary_search(sorted.begin(), sorted.end(), card);
    });
  }

  RandomStream random_;
  std::vector<uint32_t> deck_;
  size_t next_;
};

}  // namespace

Pattern dealtPattern(uint32_t left, uint32_t right, uint64_t edges, uint32_t groupSize, uint32_t blockSize,
                     uint64_t seed, uint64_t junction) {
  const uint32_t groups = (left + groupSize - 1) / groupSize;
  const uint64_t perNeuron = static_cast<uint64_t>(right) * groupSize;
  const uint64_t wanted = (edges + perNeuron / 2) / perNeuron;
  const size_t handSize = static_cast<size_t>(std::clamp<uint64_t>(wanted, 1, groups));

  Pattern pattern;
  pattern.left = left;
  pattern.right = right;
  pattern.offsets.reserve(static_cast<size_t>(right) + 1);
  pattern.offsets.push_back(0);
  pattern.lefts.reserve(static_cast<size_t>(right) * handSize * groupSize);
  Dealer dealer(groups, RandomStream(seed, junctionStream(kPatternStream, junction)));
  for (uint32_t first = 0; first < right;) {
    const std::vector<uint32_t> hand = dealer.hand(handSize);
    const uint32_t end = std::min<uint64_t>(right, static_cast<uint64_t>(first) + blockSize);
    for (; first < end; first++) {
      for (const uint32_t group : hand) {
        const uint64_t stop = std::min<uint64_t>(left, (static_cast<uint64_t>(group) + 1) * groupSize);
        for (uint64_t neuron = static_cast<uint64_t>(group) * groupSize; neuron < stop; neuron++) {
          pattern.lefts.push_back(static_cast<uint32_t>(neuron));
        }
      }
      pattern.offsets.push_back(pattern.lefts.size());
    }
  }
  return pattern;
}

}  // namespace sparse_train
