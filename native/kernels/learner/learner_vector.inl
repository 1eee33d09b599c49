// The learner's loops, written once over a few operations that each instruction set provides as `struct Ops` before
// including this file. Everything is in the unnamed namespace: nothing here may be shared between instruction sets by
// the linker.
//
//   Ops::Words   kWords x int16      Ops::Sums   the products of one Words, as 32-bit sums in any fixed order
//   Ops::Pair    two values, broadcast

namespace sparse_train {
namespace {

constexpr uint32_t kParts = kLearnerWidth / Ops::kWords;

void weightedSum(const LearnerRows& input, int32_t* sums) {
  Ops::Sums total[kParts];
  for (uint32_t part = 0; part < kParts; part++) total[part] = Ops::zero();
  uint32_t i = 0;
  for (; i + 2 <= input.count; i += 2) {
    const int16_t* first = input.rows[i] + input.offset;
    const int16_t* second = input.rows[i + 1] + input.offset;
    const Ops::Pair pair = Ops::pair(input.values[i], input.values[i + 1]);
    for (uint32_t part = 0; part < kParts; part++) {
      total[part] = Ops::addProducts(total[part], Ops::load(first + part * Ops::kWords),
                                     Ops::load(second + part * Ops::kWords), pair);
    }
  }
  if (i < input.count) {
    const int16_t* last = input.rows[i] + input.offset;
    const Ops::Pair pair = Ops::pair(input.values[i], 0);
    for (uint32_t part = 0; part < kParts; part++) {
      const Ops::Words words = Ops::load(last + part * Ops::kWords);
      total[part] = Ops::addProducts(total[part], words, words, pair);
    }
  }
  for (uint32_t part = 0; part < kParts; part++) Ops::store(sums + part * Ops::kWords, total[part]);
}

int32_t dot(const int16_t* activations, const int16_t* weights) {
  Ops::Dot total = Ops::zeroDot();
  for (uint32_t part = 0; part < kParts; part++) {
    total = Ops::addDot(total, Ops::load(activations + part * Ops::kWords),
                        Ops::load(weights + part * Ops::kWords));
  }
  return Ops::sum(total);
}

void update(const LearnerRows& input, const int16_t* factors, const uint16_t* lanes, uint16_t salt,
            int16_t limit) {
  Ops::Words factor[kParts];
  Ops::Words rho[kParts];
  for (uint32_t part = 0; part < kParts; part++) {
    const uint32_t h = part * Ops::kWords;
    const auto more = static_cast<uint16_t>(salt + h / kLearnerLanes * kLearnerHalfSalt);
    factor[part] = Ops::load(factors + h);
    rho[part] = Ops::add(Ops::load(reinterpret_cast<const int16_t*>(lanes) + h % kLearnerLanes),
                         Ops::broadcast(static_cast<int16_t>(more)));
  }
  const Ops::Words high = Ops::broadcast(limit);
  const Ops::Words low = Ops::broadcast(static_cast<int16_t>(-limit));
  for (uint32_t i = 0; i < input.count; i++) {
    int16_t* row = input.rows[i] + input.offset;
    const Ops::Words value = Ops::broadcast(input.values[i]);
    const Ops::Words own = Ops::broadcast(static_cast<int16_t>(input.salts[i]));
    for (uint32_t part = 0; part < kParts; part++) {
      int16_t* words = row + part * Ops::kWords;
      const Ops::Words step = Ops::highOfProduct(value, factor[part], Ops::add(rho[part], own));
      Ops::store(words, Ops::clamp(Ops::addClip(Ops::load(words), step), low, high));
    }
  }
}

constexpr LearnerKernels makeKernels() { return {weightedSum, dot, update}; }

}  // namespace
}  // namespace sparse_train
