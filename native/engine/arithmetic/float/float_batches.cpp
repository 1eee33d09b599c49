#include "float_batches.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/train/shares.hpp"

namespace sparse_train {
namespace {

constexpr uint32_t kChunkEdges = 4096;  ///< gradients that wait in the first-level cache for their update

uint32_t padded(uint32_t samples) { return (samples + kFloatLanes - 1) / kFloatLanes * kFloatLanes; }

}  // namespace

/// Groups of neighbours with equal lists, as in tiles and dense junctions; values are loaded once for all of
/// them.
template <typename Start>
FloatBatches::Side FloatBatches::groupSide(const std::vector<Start>& start,
                                           const std::vector<uint32_t>& list) {
  Side side;
  const auto neurons = static_cast<uint32_t>(start.size() - 1);
  const auto same = [&](uint32_t a, uint32_t b) {
    return std::equal(
        list.begin() + static_cast<ptrdiff_t>(start[a]), list.begin() + static_cast<ptrdiff_t>(start[a + 1]),
        list.begin() + static_cast<ptrdiff_t>(start[b]), list.begin() + static_cast<ptrdiff_t>(start[b + 1]));
  };
  for (uint32_t first = 0; first < neurons;) {
    uint32_t alike = 1;
    while (alike < kFloatGroup && first + alike < neurons && same(first, first + alike)) alike++;
    const uint32_t size = alike == 3 ? 2 : alike;
    side.groups.push_back({first, size});
    side.before.push_back(start[first]);
    first += size;
  }
  side.before.push_back(start[neurons]);
  return side;
}

FloatBatches::FloatBatches(const NetworkSpec& spec, std::vector<FloatJunction>& junctions,
                           const FloatOutput& output)
    : spec_(spec), junctions_(junctions), output_(output), kernels_(spec.kernels->floating) {
  for (uint32_t j = 0; j < junctions_.size(); j++) {
    rights_.push_back(groupSide(spec_.patterns[j].offsets, spec_.patterns[j].lefts));
    lefts_.push_back(groupSide(junctions_[j].edges.start, junctions_[j].edges.rights));
  }
  everyNeuron_.resize(*std::max_element(spec_.layers.begin(), spec_.layers.end()));
  std::iota(everyNeuron_.begin(), everyNeuron_.end(), 0u);
  ones_.reset(kFloatTile);
  std::fill(ones_.data(), ones_.data() + kFloatTile, 1.0f);
}

void FloatBatches::prepare(uint32_t size, uint32_t threads) {
  if (size != size_) {
    size_ = size;
    stride_ = std::min(padded(size), kFloatTile);
    const size_t tileCount = (static_cast<size_t>(size) + kFloatTile - 1) / kFloatTile;
    const size_t layers = spec_.layers.size();
    values_.resize(layers - 1);
    deltas_.resize(layers);
    for (size_t i = 0; i < layers; i++) {
      const size_t floats = tileCount * stride_ * spec_.layers[i];
      if (i + 1 < layers) values_[i].reset(floats);
      if (i > 0) deltas_[i].reset(floats);
    }
    active_.resize(tileCount * spec_.layers[0]);
    losses_.resize(size);
    correct_.resize(size);
  }
  shares_ = sharesFor(threads);
  scratch_.resize(std::max(shares_, (size_ + kFloatLanes - 1) / kFloatLanes));
  for (Side& side : rights_) side.shares = splitEvenly(side.before, shares_);
  for (Side& side : lefts_) side.shares = splitEvenly(side.before, shares_);
}

uint32_t FloatBatches::samplesIn(uint32_t tile) const {
  return std::min(padded(count_ - tile * kFloatTile), kFloatTile);
}

float* FloatBatches::rowsOf(std::vector<AlignedBuffer<float>>& layers, uint32_t layer, uint32_t tile) {
  return layers[layer].data() + static_cast<size_t>(tile) * spec_.layers[layer] * stride_;
}

FloatBatches::Rules FloatBatches::nextRules(double rate) {
  FloatUpdate rule;
  rule.rate = static_cast<float>(rate);
  const OptimizerSpec& optimizer = spec_.optimizer;
  if (optimizer.kind == OptimizerSpec::Kind::sgd) {
    Rules rules{rule, rule};
    if (spec_.momentum > 0.0) rules.weights.kind = FloatUpdate::Kind::momentum;
    rules.weights.momentum = static_cast<float>(spec_.momentum);
    rules.weights.keep = static_cast<float>(1.0 - rate * spec_.weightDecay);
    return rules;
  }
  power1_ *= optimizer.beta1;
  power2_ *= optimizer.beta2;
  rule.kind = FloatUpdate::Kind::adam;
  rule.beta1 = static_cast<float>(optimizer.beta1);
  rule.rest1 = static_cast<float>(1.0 - optimizer.beta1);
  rule.beta2 = static_cast<float>(optimizer.beta2);
  rule.rest2 = static_cast<float>(1.0 - optimizer.beta2);
  rule.step = static_cast<float>(rate / (1.0 - power1_));
  rule.root = static_cast<float>(1.0 / std::sqrt(1.0 - power2_));
  rule.epsilon = static_cast<float>(optimizer.epsilon);
  Rules rules{rule, rule};
  if (optimizer.kind == OptimizerSpec::Kind::adam) {
    rules.weights.decay = static_cast<float>(spec_.weightDecay);
  } else {
    rules.weights.keep = static_cast<float>(1.0 - rate * spec_.weightDecay);
  }
  return rules;
}

void FloatBatches::train(const Batch& batch, Team& team, Tally& tally) {
  count_ = batch.count;
  const auto last = static_cast<uint32_t>(junctions_.size() - 1);
  const Rules rules = nextRules(batch.rate);

  team.run(shares_, [&](uint32_t share) { gather(batch, share, shares_); });
  for (uint32_t j = 0; j <= last; j++) {
    team.run(static_cast<uint32_t>(rights_[j].shares.size() - 1), [&](uint32_t share) { forward(j, share); });
  }
  team.run(padded(count_) / kFloatLanes,
           [&](uint32_t part) { finishOutputs(batch, part * kFloatLanes, scratch_[part]); });
  for (uint32_t s = 0; s < count_; s++) {
    tally.outputs++;
    tally.correct += correct_[s];
    tally.loss += losses_[s];
  }
  for (uint32_t j = last + 1; j-- > 0;) {
    team.run(static_cast<uint32_t>(lefts_[j].shares.size() - 1),
             [&](uint32_t share) { backward(j, share, rules); });
    updateBiases(j, rules, scratch_[0]);
  }
}

/// Processes a share of the columns, for all examples.
void FloatBatches::gather(const Batch& batch, uint32_t share, uint32_t shares) {
  const uint32_t columns = spec_.layers[0];
  const uint32_t blocks = (columns + kFloatLanes - 1) / kFloatLanes;
  const uint32_t first = static_cast<uint32_t>(uint64_t{blocks} * share / shares) * kFloatLanes;
  const uint32_t end =
      std::min(columns, static_cast<uint32_t>(uint64_t{blocks} * (share + 1) / shares) * kFloatLanes);
  if (first >= end) return;
  const uint32_t width = end - first;
  const InputView& inputs = batch.job->inputs;
  const bool bytes = inputs.type == InputView::Type::bytes && !inputs.isSparse();
  Scratch& scratch = scratch_[share];
  if (!bytes) scratch.rows.resize(static_cast<size_t>(kFloatLanes) * width);
  const std::vector<uint8_t> zeros(bytes ? width : 0);

  for (uint32_t tile = 0; tile < tiles(); tile++) {
    uint8_t* active = active_.data() + static_cast<size_t>(tile) * columns + first;
    std::fill(active, active + width, uint8_t{0});
    float* out = rowsOf(values_, 0, tile) + static_cast<size_t>(first) * stride_;
    for (uint32_t s = 0; s < samplesIn(tile); s += kFloatLanes) {
      const uint8_t* byteRows[kFloatLanes];
      const float* floatRows[kFloatLanes];
      for (uint32_t i = 0; i < kFloatLanes; i++) {
        const uint32_t sample = tile * kFloatTile + s + i;
        const bool present = sample < count_;
        if (bytes) {
          const auto* data = static_cast<const uint8_t*>(inputs.data);
          byteRows[i] = present ? data + batch.row(sample) * columns + first : zeros.data();
        } else {
          float* values = scratch.rows.data() + static_cast<size_t>(i) * width;
          if (present) {
            readFloatColumns(inputs, batch.row(sample), columns, first, end, values);
          } else {
            std::fill(values, values + width, 0.0f);
          }
          floatRows[i] = values;
        }
      }
      if (bytes) {
        kernels_->gatherBytes(byteRows, width, out + s, stride_, active);
      } else {
        kernels_->gatherFloats(floatRows, width, out + s, stride_, active);
      }
    }
  }
}

void FloatBatches::forward(uint32_t j, uint32_t share) {
  const Pattern& pattern = spec_.patterns[j];
  FloatJunction& junction = junctions_[j];
  const Side& side = rights_[j];
  Scratch& scratch = scratch_[share];
  const bool hidden = j + 1 < junctions_.size();
  for (uint32_t tile = 0; tile < tiles(); tile++) {
    const float* left = rowsOf(values_, j, tile);
    float* right = hidden ? rowsOf(values_, j + 1, tile) : rowsOf(deltas_, j + 1, tile);
    const uint8_t* active = j == 0 ? active_.data() + static_cast<size_t>(tile) * pattern.left : nullptr;
    const uint32_t samples = samplesIn(tile);
    for (uint32_t n = side.shares[share]; n < side.shares[share + 1]; n++) {
      const Group group = side.groups[n];
      const uint64_t start = pattern.offsets[group.first];
      const auto fanIn = static_cast<uint32_t>(pattern.offsets[group.first + 1] - start);
      scratch.weights.resize(std::max(scratch.weights.size(), static_cast<size_t>(fanIn) * group.size));
      const uint32_t* list = pattern.lefts.data() + start;
      uint32_t count = fanIn;
      const auto gatherWeights = [&](uint32_t from, uint32_t to) {
        for (uint32_t g = 0; g < group.size; g++) {
          const uint32_t place = junction.edges.places[start + static_cast<uint64_t>(g) * fanIn + from];
          scratch.weights[static_cast<size_t>(to) * group.size + g] = junction.weights[place];
        }
      };
      if (active == nullptr) {
        for (uint32_t k = 0; k < fanIn; k++) gatherWeights(k, k);
      } else {  // inputs that are zero in all examples add nothing
        scratch.list.resize(std::max(scratch.list.size(), static_cast<size_t>(fanIn)));
        count = 0;
        for (uint32_t k = 0; k < fanIn; k++) {
          scratch.list[count] = list[k];
          gatherWeights(k, count);
          count += active[list[k]];
        }
        list = scratch.list.data();
      }
      float* sums = right + static_cast<size_t>(group.first) * stride_;
      kernels_->sumRows(left, stride_, list, scratch.weights.data(), count, group.size,
                        junction.biases.data() + group.first, sums, samples);
      if (!hidden) continue;
      for (uint32_t g = 0; g < group.size; g++) {
        float* values = sums + static_cast<size_t>(g) * stride_;
        if (spec_.activations[j] == Activation::relu) {
          kernels_->relu(values, samples);
        } else {
          activateFloats(spec_.activations[j], values, samples);
        }
      }
    }
  }
}

/// Converts the sums of the output layer of sixteen examples to deltas of the mean cost.
void FloatBatches::finishOutputs(const Batch& batch, uint32_t first, Scratch& scratch) {
  const uint32_t width = spec_.layers.back();
  const auto layer = static_cast<uint32_t>(junctions_.size());
  float* sums = rowsOf(deltas_, layer, first / kFloatTile) + first % kFloatTile;
  const float share = 1.0f / static_cast<float>(count_);
  scratch.outputs.resize(width);
  float* outputs = scratch.outputs.data();
  for (uint32_t i = 0; i < kFloatLanes; i++) {
    const uint32_t sample = first + i;
    if (sample < count_) {
      for (uint32_t n = 0; n < width; n++) outputs[n] = sums[static_cast<size_t>(n) * stride_ + i];
      output_.score(outputs, outputs);
      scratch.target.read(batch.job->targets, batch.row(sample), width);
      const FloatCost cost = output_.cost(outputs, scratch.target, outputs);
      losses_[sample] = cost.loss;
      correct_[sample] = cost.correct ? 1 : 0;
      for (uint32_t n = 0; n < width; n++) sums[static_cast<size_t>(n) * stride_ + i] = outputs[n] * share;
    } else {
      for (uint32_t n = 0; n < width; n++) sums[static_cast<size_t>(n) * stride_ + i] = 0.0f;
    }
  }
}

/// BP and UP of a share of the left neurons; both touch only the neurons' own edges.
void FloatBatches::backward(uint32_t j, uint32_t share, const Rules& rules) {
  FloatJunction& junction = junctions_[j];
  const Side& side = lefts_[j];
  Scratch& scratch = scratch_[share];
  const bool idle = rules.weights.kind == FloatUpdate::Kind::sgd && rules.weights.keep == 1.0f;
  const auto silent = [&](uint32_t group) {  // the gradient is zero, and nothing else changes the weights
    if (j > 0 || !idle) return false;
    for (uint32_t tile = 0; tile < tiles(); tile++) {
      const uint8_t* active = active_.data() + static_cast<size_t>(tile) * spec_.layers[0];
      for (uint32_t g = 0; g < side.groups[group].size; g++) {
        if (active[side.groups[group].first + g] != 0) return false;
      }
    }
    return true;
  };
  const uint32_t end = side.shares[share + 1];
  for (uint32_t first = side.shares[share]; first < end;) {
    if (silent(first)) {
      first++;
      continue;
    }
    uint32_t last = first + 1;
    while (last < end && side.before[last + 1] - side.before[first] <= kChunkEdges && !silent(last)) last++;
    const uint64_t edge = side.before[first];
    const auto edges = static_cast<size_t>(side.before[last] - edge);
    scratch.gradients.assign(edges, 0.0f);
    backwardChunk(j, first, last, scratch);
    kernels_->update(junction.weights.data() + edge, scratch.gradients.data(),
                     junction.first.empty() ? nullptr : junction.first.data() + edge,
                     junction.second.empty() ? nullptr : junction.second.data() + edge, edges,
                     &rules.weights);
    first = last;
  }
}

void FloatBatches::backwardChunk(uint32_t j, uint32_t firstGroup, uint32_t endGroup, Scratch& scratch) {
  const FloatJunction& junction = junctions_[j];
  const Side& side = lefts_[j];
  for (uint32_t tile = 0; tile < tiles(); tile++) {
    const float* left = rowsOf(values_, j, tile);
    const float* deltas = rowsOf(deltas_, j + 1, tile);
    const uint32_t samples = samplesIn(tile);
    for (uint32_t n = firstGroup; n < endGroup; n++) {
      const Group group = side.groups[n];
      const uint32_t start = junction.edges.start[group.first];
      const uint32_t fanOut = junction.edges.start[group.first + 1] - start;
      const uint32_t* list = junction.edges.rights.data() + start;
      const float* own = left + static_cast<size_t>(group.first) * stride_;
      if (j > 0) {
        const float* weights = junction.weights.data() + start;
        if (group.size > 1) {
          scratch.weights.resize(std::max(scratch.weights.size(), static_cast<size_t>(fanOut) * group.size));
          for (uint32_t k = 0; k < fanOut; k++) {
            for (uint32_t g = 0; g < group.size; g++)
              scratch.weights[static_cast<size_t>(k) * group.size + g] =
                  weights[static_cast<size_t>(g) * fanOut + k];
          }
          weights = scratch.weights.data();
        }
        float* errors = rowsOf(deltas_, j, tile) + static_cast<size_t>(group.first) * stride_;
        kernels_->sumRows(deltas, stride_, list, weights, fanOut, group.size, nullptr, errors, samples);
        for (uint32_t g = 0; g < group.size; g++) {
          const size_t row = static_cast<size_t>(g) * stride_;
          if (spec_.activations[j - 1] == Activation::relu) {
            kernels_->reluSlope(errors + row, own + row, samples);
          } else {
            slopeFloats(spec_.activations[j - 1], own + row, errors + row, samples);
          }
        }
      }
      float* products[kFloatGroup];
      for (uint32_t g = 0; g < group.size; g++) {
        products[g] =
            scratch.gradients.data() + (start - side.before[firstGroup]) + static_cast<size_t>(g) * fanOut;
      }
      kernels_->multiplyRows(own, deltas, stride_, list, fanOut, group.size, products, samples);
    }
  }
}

void FloatBatches::updateBiases(uint32_t j, const Rules& rules, Scratch& scratch) {
  FloatJunction& junction = junctions_[j];
  const uint32_t neurons = spec_.layers[j + 1];
  scratch.gradients.assign(neurons, 0.0f);
  float* gradients = scratch.gradients.data();
  for (uint32_t tile = 0; tile < tiles(); tile++) {
    kernels_->multiplyRows(ones_.data(), rowsOf(deltas_, j + 1, tile), stride_, everyNeuron_.data(), neurons,
                           1, &gradients, samplesIn(tile));
  }
  kernels_->update(junction.biases.data(), gradients, junction.biasFirst.data(), junction.biasSecond.data(),
                   neurons, &rules.biases);
}

}  // namespace sparse_train
