// The `wide` arithmetic: integer weights, activations and deltas, exact sums, one rounding per neuron.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "engine/aligned_buffer.hpp"
#include "engine/model.hpp"
#include "engine/train/gradient_record.hpp"
#include "layer_values.hpp"
#include "tile_layout.hpp"
#include "weight_store.hpp"
#include "wide_prediction.hpp"
#include "wide_values.hpp"

namespace sparse_train {

class WideModel final : public Model, private BatchTraining, private DynamicPatterns {
 public:
  explicit WideModel(NetworkSpec spec);

  Capabilities capabilities() override;
  const char* layoutOf(uint32_t junction) const override {
    return weights_.kindOf(junction) == LayoutKind::list ? "list" : "tiles";
  }
  void readWeights(uint32_t junction, WeightSpan weights) const override;
  void writeWeights(uint32_t junction, ConstWeightSpan weights) override;
  void readBiases(uint32_t junction, BiasSpan biases) const override;
  void writeBiases(uint32_t junction, ConstBiasSpan biases) override;
  Telemetry telemetry() const override;
  std::string rateFault(double rate, uint32_t batchSize) const override;

  void load(uint32_t slot, const InputView& inputs, const TargetView& targets, uint64_t row) override;
  void prepare(uint32_t junction, const BlockWork& work) override;
  void sweep(uint32_t junction, uint32_t slab, const BlockWork& work) override;
  void finish(uint32_t junction, const BlockWork& work) override;
  void runAlone(uint32_t junction, const BlockWork& work, Interlude between) override;
  uint32_t slabsOf(uint32_t junction) const override { return weights_.layout(junction).slabs(); }
  void configure(uint32_t threads, const std::vector<double>& classWeights) override;
  void fingerprint(Fingerprint& fingerprint) const override;
  void exchangeJunction(StateExchange& state, uint32_t junction) override;
  void exchangeSlot(StateExchange& state, uint32_t slot) override;
  void exchangeRest(StateExchange& state) override;
  void preparePredictions(const InputView& inputs, uint64_t count) override;
  std::unique_ptr<Scratch> makeScratch() const override;
  void infer(Scratch& scratch, const InputView& inputs, uint64_t first, uint64_t end, float* scores,
             uint32_t* decisions) const override;

 private:
  void prepareBatches(uint32_t size, const TrainJob& job) override;
  void trainBatch(const Batch& batch, Team& team) override;
  Pattern rewiredPattern(uint32_t junction, const RewireRule& rule) const override;
  void changePattern(uint32_t junction, Pattern pattern) override;
  void forgetRecord() override;

  /// The results of the work on one slab. They have their own cache line, because several threads work on
  /// slabs at the same time.
  struct alignas(64) SlabResult {
    uint32_t activationsClipped = 0, sumOfAbsolutes = 0;  ///< of the block's activations
    AlignedBuffer<uint8_t> moving;                        ///< which blocks move, by WideKernels::scaleDeltas
  };

  /// All groups of a layer.
  struct EveryGroup {
    AlignedBuffer<uint32_t> groups;
    AlignedBuffer<int32_t> pairs;
    ActiveList list{};
  };

  struct Junction {
    std::vector<SlabResult> results;              ///< one per slab
    TileLayout* tiles = nullptr;                  ///< its layout, if it is one of tiles
    std::vector<std::vector<ActiveSlab>> active;  ///< [slot][slab], if it is one of tiles
    uint64_t fanInMax = 0, fanOutMax = 0;
    AlignedBuffer<int32_t> biases;  ///< padded to a multiple of 16, as all below
    AlignedBuffer<int32_t> sums;
    AlignedBuffer<int64_t> exactSums;                 ///< if 32 bits might not do; allocated on demand
    AlignedBuffer<int16_t> deltas, paired;            ///< of the right layer, for the input in BP and UP
    std::vector<AlignedBuffer<int32_t>> errors;       ///< of the left layer, one per slab
    std::vector<AlignedBuffer<int64_t>> exactErrors;  ///< the same, if 32 bits might not do
    AlignedBuffer<int16_t> leftDeltas;                ///< of the left layer, if BP of the outputs is one pass

    // For the current block, set by prepare().
    bool forwardFits = true, backwardFits = true;      ///< whether 32-bit sums cannot wrap
    bool forwardWhole = false, updateWhole = false;    ///< whether the pass reads the whole left layer ...
    bool forwardActive = false, updateActive = false;  ///< ... and only the tiles that are active
    bool backwardTogether = false;  ///< whether BP, the deltas of a relu layer and UP are one pass
    bool decayDue = false;

    // The random numbers of the backward input, and their streams.
    uint64_t updateKey = 0, deltaKey = 0, momentumKey = 0, decayKey = 0;
    alignas(64) uint16_t updateLanes[kTileLanes] = {};
    alignas(64) uint16_t lossLanes[kTileLanes] = {};
    alignas(64) uint16_t weightLanes[kTileLanes] = {};
    alignas(64) uint16_t deltaLanes[kTileLanes] = {};
    double rate = -1.0;  ///< the learning rate for which rule and scale were made
    UpdateRule rule{};
    DeltaScale scale{};
    int16_t decayFactor = 0;
    WideCounts counts;  ///< since the network was made
    PathCounts paths;   ///< the same
    GradientRecord record;
  };

  /// How the prepared predictions are made: singly or in fours with the online layouts, or in strips of 32
  /// with those of mini-batches.
  enum class PredictionPath { single, fours, strips };
  struct Scoring;
  class SingleScratch;
  class FourScratch;
  class StripScratch;

  std::pair<int16_t, int16_t> rangeOf(uint32_t layer) const;
  void exchangeLayer(StateExchange& state, LayerValues& layer, uint32_t number) const;
  void initialiseWeights(uint32_t junction);
  void followSlabs(uint32_t junction);
  bool needsAllErrors(uint32_t junction) const;
  int64_t sumLimit() const;
  bool sumFits(const Junction& junction, const LayerValues& left) const;
  bool errorFits(uint32_t junction) const;
  void countDegrees(uint32_t junction);
  void sumListed(uint32_t junction, uint32_t slab, const ActiveList& list, bool fits, int32_t* sums,
                 AlignedBuffer<int64_t>& exactSums) const;
  /// Hidden activations of the neurons `first` to before `end`, multiples of 32, from their sums.
  ReluResult activate(uint32_t junction, const int32_t* sums, uint32_t first, uint32_t end,
                      LayerValues& layer) const;
  bool passesToRelu(uint32_t junction) const;
  void prepareForward(uint32_t junction, const InFlight& input);
  void prepareBackward(uint32_t junction, const InFlight& input);
  void sweepForward(uint32_t junction, uint32_t slab, const InFlight& input);
  void sweepBackward(uint32_t junction, uint32_t slab, const InFlight& input);
  bool scaleDeltas(uint32_t junction, uint32_t slab);
  void updateWeights(uint32_t junction, uint32_t slab, const InFlight& input);
  bool isLast(uint32_t junction) const { return junction + 1 == junctions_.size(); }
  static void addErrorsOfSlabs(Junction& junction, const ActiveList& list);
  void finishBackward(uint32_t junction, const InFlight& input);
  void finishOutput(const InFlight& input);
  const int32_t* feedForward(SingleScratch& scratch, const InputView& inputs, uint64_t row) const;
  bool predictsFour(const InputView& inputs);
  bool loadFour(FourScratch& scratch, const InputView& inputs, uint64_t first) const;
  const int16_t* hiddenOfFour(FourScratch& scratch, const InputView& inputs, uint64_t first,
                              uint64_t end) const;
  const int32_t* outputsOfFour(FourScratch& scratch, const int16_t* hidden) const;
  void decide(const int32_t* sums, Scoring& scoring, float* scores, uint32_t* decision) const;
  void drawUpdate(uint32_t junction, const InFlight& input);
  const ActiveList& backwardList(uint32_t junction, uint32_t slot);

  WeightStore weights_;
  const WideKernels* kernels_;
  WideFormat format_;
  int guardBits_;
  std::vector<Junction> junctions_;
  std::vector<std::vector<LayerValues>> layers_;  ///< [layer 0..J-1][slot]
  std::vector<EveryGroup> everyGroup_;            ///< per layer, for tanh
  std::vector<WideTarget> targets_;               ///< per slot
  std::vector<int32_t> classWeights_;             ///< units of 1/256, empty: all 1
  WideOutput output_;
  PredictionPath predictionPath_ = PredictionPath::single;
  const WideBatches* predicting_ = nullptr;     ///< with its weights, if in strips
  std::vector<const TileLayout*> tileLayouts_;  ///< of the junctions before the last, if in fours
};

}  // namespace sparse_train
