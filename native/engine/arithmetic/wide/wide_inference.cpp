// Predictions of the `wide` arithmetic: one example by the kernels of online training, many by those of mini-batches.
#include <algorithm>
#include <cmath>

#include "fixed/activation_tables.hpp"
#include "fixed/softmax.hpp"
#include "tiles.hpp"
#include "wide_model.hpp"
#include "wide_prediction.hpp"

namespace sparse_train {

/// What turning sums into scores needs.
struct WideModel::Scoring {
  explicit Scoring(uint32_t width) : scratch(width), probabilities(width) {}
  std::vector<int32_t> scratch, probabilities;
};

/// For one example at a time.
class WideModel::SingleScratch final : public Prediction::Scratch {
 public:
  explicit SingleScratch(const WideModel& model) : scoring(model.outputs()) {
    const std::vector<uint32_t>& sizes = model.spec().layers;
    layers.resize(sizes.size() - 1);
    size_t widest = 0;
    for (size_t layer = 0; layer < sizes.size(); layer++) {
      if (layer + 1 < sizes.size()) layers[layer].allocate(sizes[layer]);
      widest = std::max(widest, padded(sizes[layer], kSlabUnit));
    }
    sums.reset(widest);
    exactSums.reset(widest);
  }

  std::vector<LayerValues> layers;
  AlignedBuffer<int32_t> sums;
  AlignedBuffer<int64_t> exactSums;
  Scoring scoring;
};

/// For strips of 32 examples.
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

/// Predictions for many examples go through the kernels of mini-batches, which are faster per example but want the weights
/// in their own layout: worth a copy from about 500 examples on (docs/kernels.md), or where they are there already.
void WideModel::preparePredictions(const InputView& inputs, uint64_t count) {
  constexpr uint64_t kWorthACopy = 512;
  if (!inputs.isSparse() && count >= (weights_.inBatches() ? 2 : kWorthACopy)) {
    predictionPath_ = PredictionPath::strips;
    predicting_ = &weights_.copyForPredictions();
  } else {
    predictionPath_ = PredictionPath::single;
    weights_.useLayouts();
  }
}

std::unique_ptr<Prediction::Scratch> WideModel::makeScratch() const {
  if (predictionPath_ == PredictionPath::strips) return std::make_unique<StripScratch>(*this);
  return std::make_unique<SingleScratch>(*this);
}

void WideModel::infer(Scratch& given, const InputView& inputs, uint64_t first, uint64_t end, float* scores,
                      uint32_t* decisions) const {
  const uint32_t width = outputs();
  const auto score = [&](const int32_t* sums, Scoring& scoring, uint64_t row) {
    decide(sums, scoring, scores == nullptr ? nullptr : scores + row * width,
           decisions == nullptr ? nullptr : decisions + row);
  };
  if (predictionPath_ == PredictionPath::single) {
    auto& scratch = static_cast<SingleScratch&>(given);
    for (uint64_t row = first; row < end; row++)
      score(feedForward(scratch, inputs, row), scratch.scoring, row);
    return;
  }
  auto& scratch = static_cast<StripScratch&>(given);
  while (first < end) {
    const int32_t* sums = scratch.prediction.run(inputs, first, end, scratch.biases);
    for (const uint64_t next = std::min<uint64_t>(end, first + kStripSamples); first < next; first++) {
      score(sums, scratch.scoring, first);
      sums += width;
    }
  }
}

/// The clipped sums of the outputs of one example.
const int32_t* WideModel::feedForward(SingleScratch& scratch, const InputView& inputs, uint64_t row) const {
  readInput(inputs, row, scratch.layers[0]);
  for (uint32_t j = 0; j < junctions_.size(); j++) {
    const LayerValues& left = scratch.layers[j];
    const bool fits = sumFits(junctions_[j], left);
    for (uint32_t slab = 0; slab < slabsOf(j); slab++)
      sumForward(j, slab, left, fits, scratch.sums.data(), scratch.exactSums);
    if (isLast(j)) break;
    LayerValues& right = scratch.layers[j + 1];
    const auto neurons = static_cast<uint32_t>(padded(spec().layers[j + 1], kSlabUnit));
    const bool relu = spec().activations[j] == Activation::relu;
    activate(spec().activations[j], scratch.sums.data(), 0, relu ? neurons : spec().layers[j + 1],
             right.values.data());
    right.sumOfAbsolutes = kernels_->listValues(right.values.data(), right.values.size(), 0, &right.list);
  }
  int32_t* sums = scratch.sums.data();
  for (uint32_t i = 0; i < outputs(); i++) sums[i] = clip<int32_t>(sums[i], -kSumMax, kSumMax);
  return sums;
}

/// Decision and scores, where wanted, from clipped sums.
void WideModel::decide(const int32_t* sums, Scoring& scoring, float* scores, uint32_t* decision) const {
  const uint32_t width = outputs();
  if (decision != nullptr) *decision = static_cast<uint32_t>(std::max_element(sums, sums + width) - sums);
  if (scores == nullptr) return;
  const int sumFraction = kActivationFraction + format_.fraction;
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
