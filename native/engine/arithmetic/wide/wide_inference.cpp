// Predictions of the `wide` arithmetic: single examples with the passes of online training, groups of four,
// or many with the kernels of mini-batches.
#include <algorithm>
#include <cmath>

#include "engine/input/prefetch.hpp"
#include "fixed/activation_tables.hpp"
#include "fixed/softmax.hpp"
#include "tile_layout.hpp"
#include "tiles.hpp"
#include "wide_model.hpp"
#include "wide_prediction.hpp"

namespace sparse_train {

namespace {

/// The number of the largest, the first of equals, without branches: which one it is cannot be predicted.
uint32_t largestOf(const int32_t* sums, uint32_t count) {
  int64_t best = -1;  // the number counts where sums are equal
  for (uint32_t i = 0; i < count; i++) {
    const int64_t key = (int64_t{sums[i]} + (int64_t{1} << 31)) * (int64_t{1} << 31) + (count - i);
    best = std::max(best, key);
  }
  return count - static_cast<uint32_t>(best & ((int64_t{1} << 31) - 1));
}

}  // namespace

/// The data needed to convert sums to scores.
struct WideModel::Scoring {
  explicit Scoring(uint32_t width)
      : sums(padded(width, kMostOutputs)), deltas(kMostOutputs), scratch(width), probabilities(width) {}
  AlignedBuffer<int32_t> sums;
  AlignedBuffer<int16_t> deltas;
  std::vector<int32_t> scratch, probabilities;
};

/// Memory for one example at a time.
class WideModel::SingleScratch : public Prediction::Scratch {
 public:
  explicit SingleScratch(const WideModel& model) : scoring(model.outputs()) {
    const std::vector<uint32_t>& sizes = model.spec().layers;
    for (size_t layer = 0; layer < sizes.size(); layer++) {
      if (layer + 1 < sizes.size()) layers.emplace_back(sizes[layer], model.kernels_);
      widest = std::max(widest, padded(sizes[layer], 64));
    }
    active.resize(model.junctions());
    sums.reset(widest);
    exactSums.reset(widest);
  }

  size_t widest = 0;
  std::vector<LayerValues> layers;
  std::vector<std::vector<ActiveSlab>> active;  ///< [junction][slab]
  AlignedBuffer<int32_t> sums;
  AlignedBuffer<int64_t> exactSums;
  Scoring scoring;
};

/// Memory for four examples at a time, or for one if sums might not fit 32 bits.
class WideModel::FourScratch final : public SingleScratch {
 public:
  explicit FourScratch(const WideModel& model) : SingleScratch(model) {
    for (AlignedBuffer<int16_t>& layer : values) layer.reset(kPredictedTogether * widest);
    activity.reset(padded(widest, 1024) / 16);
  }

  AlignedBuffer<int16_t>
      values[2];  ///< a layer and the next, by turns: one example after another, `widest` apart
  AlignedBuffer<uint8_t> activity;  ///< of one of them; not used
};

/// Memory for strips of 32 examples.
class WideModel::StripScratch final : public Prediction::Scratch {
 public:
  explicit StripScratch(const WideModel& model)
      : prediction(model.spec(), model.predicting_->forward()), scoring(model.outputs()) {
    for (const Junction& junction : model.junctions_) biases.push_back(junction.biases.data());
  }

  WidePrediction prediction;
  std::vector<const int32_t*> biases;
  Scoring scoring;
};

/// Whether the kernels for four examples can run the network: all layers but the last are relu layers to the
/// right of tiles that support whole passes and are small enough for the nearest caches.
bool WideModel::predictsFour(const InputView& inputs) {
  constexpr uint64_t kMostTiles = 8192;
  if (inputs.isSparse() || weights_.outputLayout() == nullptr) return false;
  uint64_t tiles = 0;
  tileLayouts_.clear();
  for (uint32_t j = 0; j + 1 < junctions_.size(); j++) {
    if (weights_.kindOf(j) != LayoutKind::tiles || spec().activations[j] != Activation::relu) return false;
    const auto* layout = static_cast<const TileLayout*>(&weights_.layout(j));
    if (!layout->isIndexed()) return false;
    tileLayouts_.push_back(layout);
    tiles += layout->tiles();
  }
  return tiles <= kMostTiles;
}

/// Uses the kernels of mini-batches for many examples if these already have the weights. Otherwise predicts
/// in groups of four if that fits the network, or else copies the weights to the layout of mini-batches,
/// which pays from about 500 examples on (docs/lab/kernels.md).
void WideModel::preparePredictions(const InputView& inputs, uint64_t count) {
  constexpr uint64_t kWorthACopy = 512;
  predictionPath_ = PredictionPath::single;
  if (weights_.inBatches() && count > 1 && !inputs.isSparse()) {
    predictionPath_ = PredictionPath::strips;
  } else {
    weights_.useLayouts();
    if (count >= kPredictedTogether && predictsFour(inputs)) {
      predictionPath_ = PredictionPath::fours;
      junctions_.back().paths.predictedFour += count / kPredictedTogether * kPredictedTogether;
    } else if (count >= kWorthACopy && !inputs.isSparse()) {
      predictionPath_ = PredictionPath::strips;
    }
  }
  if (predictionPath_ == PredictionPath::strips) predicting_ = &weights_.copyForPredictions();
}

std::unique_ptr<Prediction::Scratch> WideModel::makeScratch() const {
  switch (predictionPath_) {
    case PredictionPath::strips:
      return std::make_unique<StripScratch>(*this);
    case PredictionPath::fours:
      return std::make_unique<FourScratch>(*this);
    default:
      return std::make_unique<SingleScratch>(*this);
  }
}

void WideModel::infer(Scratch& given, const InputView& inputs, uint64_t first, uint64_t end, float* scores,
                      uint32_t* decisions) const {
  const uint32_t width = outputs();
  const auto score = [&](const int32_t* sums, Scoring& scoring, uint64_t row) {
    decide(sums, scoring, scores == nullptr ? nullptr : scores + row * width,
           decisions == nullptr ? nullptr : decisions + row);
  };
  if (predictionPath_ == PredictionPath::strips) {
    auto& scratch = static_cast<StripScratch&>(given);
    while (first < end) {
      const int32_t* sums = scratch.prediction.run(inputs, first, end, scratch.biases);
      for (const uint64_t next = std::min<uint64_t>(end, first + kStripSamples); first < next; first++) {
        score(sums, scratch.scoring, first);
        sums += width;
      }
    }
    return;
  }
  auto& scratch = static_cast<SingleScratch&>(given);
  if (predictionPath_ == PredictionPath::fours) {
    auto& four = static_cast<FourScratch&>(given);
    for (; first + kPredictedTogether <= end; first += kPredictedTogether) {
      const int16_t* hidden = hiddenOfFour(four, inputs, first, end);
      for (uint32_t m = 0; m < kPredictedTogether; m++) {
        score(hidden != nullptr ? outputsOfFour(four, hidden + m * four.widest)
                                : feedForward(scratch, inputs, first + m),
              scratch.scoring, first + m);
      }
    }
  }
  for (; first < end; first++) score(feedForward(scratch, inputs, first), scratch.scoring, first);
}

/// The clipped sums of the outputs for one example.
const int32_t* WideModel::feedForward(SingleScratch& scratch, const InputView& inputs, uint64_t row) const {
  scratch.layers[0].read(inputs, row, true);
  int32_t* sums = scratch.sums.data();
  for (uint32_t j = 0; j < junctions_.size(); j++) {
    LayerValues& left = scratch.layers[j];
    const WideLayout& layout = weights_.layout(j);
    const bool fits = sumFits(junctions_[j], left);
    const TileLayout* tiles = passesToRelu(j) ? junctions_[j].tiles : nullptr;
    const bool active = fits && tiles != nullptr && tiles->forwardsActive(left.activeGroups());
    const bool whole = active || (fits && layout.forwardsWhole(left.activeGroups()));
    // Training with other threads may have divided the junction anew.
    if (active && scratch.active[j].size() != layout.slabs())
      scratch.active[j] = std::vector<ActiveSlab>(layout.slabs());
    uint32_t sum = 0;
    for (uint32_t slab = 0; slab < layout.slabs(); slab++) {
      if (whole && tiles != nullptr) {
        LayerValues& right = scratch.layers[j + 1];
        const int32_t* biases = junctions_[j].biases.data();
        sum +=
            (active ? tiles->forwardActive(slab, left.whole(), biases, format_.fraction, right.valuesToFill(),
                                           right.activityToFill(), scratch.active[j][slab])
                    : tiles->forwardRelu(slab, left.whole(), biases, format_.fraction, right.valuesToFill(),
                                         right.activityToFill()))
                .sum;
      } else if (whole) {
        layout.forwardWhole(slab, left.whole(), junctions_[j].biases.data(), sums);
      } else {
        sumListed(j, slab, left.list(), fits, sums, scratch.exactSums);
      }
    }
    if (isLast(j)) break;
    if (whole && tiles != nullptr) {
      scratch.layers[j + 1].computed(sum);
      continue;
    }
    const auto neurons = static_cast<uint32_t>(padded(spec().layers[j + 1], kSlabUnit));
    // A pass over whole blocks leaves values of an earlier, wider layer in the padding after the last block.
    std::fill(sums + spec().layers[j + 1], sums + neurons, 0);
    scratch.layers[j + 1].computed(activate(j, sums, 0, neurons, scratch.layers[j + 1]).sum);
  }
  for (uint32_t i = 0; i < outputs(); i++) sums[i] = clip<int32_t>(sums[i], -kSumMax, kSumMax);
  return sums;
}

/// Reads examples `first` to `first` + 3. Returns false where sums of the first junction might not fit 32 bits.
bool WideModel::loadFour(FourScratch& scratch, const InputView& inputs, uint64_t first) const {
  const uint32_t columns = spec().layers[0];
  const bool alwaysFits = static_cast<int64_t>(junctions_[0].fanInMax) * largestInput(inputs) <= sumLimit();
  for (uint32_t m = 0; m < kPredictedTogether; m++) {
    const uint32_t sum =
        readActivations(*kernels_, inputs, first + m, columns, scratch.values[0].data() + m * scratch.widest,
                        scratch.activity.data());
    if (!alwaysFits && sum > sumLimit()) return false;
  }
  return true;
}

/// The last hidden layer of four examples, `widest` apart. Null where sums might not fit 32 bits.
const int16_t* WideModel::hiddenOfFour(FourScratch& scratch, const InputView& inputs, uint64_t first,
                                       uint64_t end) const {
  constexpr uint64_t kAhead =
      2 * kPredictedTogether;  // examples; while these are worked on, later ones are asked for
  for (uint64_t row = first + kAhead; row < std::min<uint64_t>(end, first + kAhead + kPredictedTogether);
       row++)
    prefetchRow(inputs, spec().layers[0], row);
  if (!loadFour(scratch, inputs, first)) return nullptr;
  const int16_t* left = scratch.values[0].data();
  for (uint32_t j = 0; j < tileLayouts_.size(); j++) {
    int16_t* right = scratch.values[(j + 1) % 2].data();
    for (uint32_t slab = 0; slab < tileLayouts_[j]->slabs(); slab++) {
      tileLayouts_[j]->forwardFour(slab, left, scratch.widest, junctions_[j].biases.data(), format_.fraction,
                                   right, scratch.widest);
    }
    const size_t neurons = padded(spec().layers[j + 1], kSlabUnit);
    const bool alwaysFits = static_cast<int64_t>(junctions_[j + 1].fanInMax) * kActivationMax <= sumLimit();
    for (uint32_t m = 0; !alwaysFits && m < kPredictedTogether; m++) {
      const int16_t* values = right + m * scratch.widest;
      if (kernels_->markValues(values, neurons, scratch.activity.data()) > sumLimit()) return nullptr;
    }
    left = right;
  }
  return left;
}

/// The clipped sums of the outputs of one of four examples, from its last hidden layer.
const int32_t* WideModel::outputsOfFour(FourScratch& scratch, const int16_t* hidden) const {
  const auto last = static_cast<uint32_t>(junctions_.size()) - 1;
  int32_t* sums = scratch.sums.data();
  const WholeLayer left = {hidden, nullptr, scratch.widest};
  weights_.layout(last).forwardWhole(0, left, junctions_[last].biases.data(), sums);
  for (uint32_t i = 0; i < outputs(); i++) sums[i] = clip<int32_t>(sums[i], -kSumMax, kSumMax);
  return sums;
}

/// Writes the requested decision and scores, from clipped sums.
void WideModel::decide(const int32_t* sums, Scoring& scoring, float* scores, uint32_t* decision) const {
  const uint32_t width = outputs();
  if (decision != nullptr) *decision = largestOf(sums, width);
  if (scores == nullptr) return;
  const int sumFraction = kActivationFraction + format_.fraction;
  if (spec().output == Output::softmax && width <= kMostOutputs) {
    // With output 0 as the label, deltas equal the probabilities, except that delta 0 is 1 less.
    std::copy(sums, sums + width, scoring.sums.data());
    kernels_->softmaxDeltas(scoring.sums.data(), width, sumFraction, 0, 256, scoring.deltas.data());
    scoring.deltas[0] = static_cast<int16_t>(scoring.deltas[0] + kDeltaOne);
    for (uint32_t i = 0; i < width; i++) scores[i] = static_cast<float>(scoring.deltas[i]) / kDeltaOne;
    return;
  }
  if (spec().output == Output::softmax) {
    softmax(sums, width, sumFraction, scoring.scratch.data(), scoring.probabilities.data());
  }
  for (uint32_t i = 0; i < width; i++) {
    switch (spec().output) {
      case Output::softmax:
        scores[i] = static_cast<float>(scoring.probabilities[i]) / kDeltaOne;
        break;
      case Output::sigmoid:
        scores[i] =
            static_cast<float>(
                activationTables().sigmoidOutput[tableIndex(sums[i], format_.fraction) + kActivationMax]) /
            kDeltaOne;
        break;
      case Output::linear:
        scores[i] = static_cast<float>(std::ldexp(static_cast<double>(sums[i]), -sumFraction));
    }
  }
}

}  // namespace sparse_train
