#include "kernel_timing.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "../../engine/aligned_buffer.hpp"
#include "../../fixed/random.hpp"
#include "../../fixed/wide_format.hpp"
#include "../../kernels/wide/wide_kernels.hpp"
#include "../../pattern/pattern.hpp"
#include "../stopwatch.hpp"

namespace sparse_train {
namespace {

constexpr const char* kOperations[] = {
    "listBytes",  "listValues",   "forwardTiles",     "backwardTiles",   "updateTiles",   "momentumTiles",
    "decayTiles", "finishRelu",   "finishReluDeltas", "scaleDeltas",     "expandBytes",   "forwardRelu",
    "listTiles",  "updateListed", "forwardOutputs",   "backwardOutputs", "softmaxDeltas", "forwardFour",
    nullptr};

constexpr int kKernelFraction = 12;
constexpr uint64_t kKernelKey = 0x5EED;

size_t paddedTo(uint64_t neurons, uint64_t to) { return static_cast<size_t>((neurons + to - 1) / to * to); }

/// All memory that a kernel reads or writes, filled with numbers as large as those of training.
class Workbench {
 public:
  explicit Workbench(const KernelTask& task) : task_(task) {
    const uint32_t groups = (task.left + 1) / kTileLefts;
    layOutTiles(groups);
    const size_t lefts = paddedTo(task.left, 32);
    const size_t rights = paddedTo(task.right, kTileRights);
    weights_.reset(blocks_.size() * kTileLanes);
    velocities_.reset(blocks_.size() * kTileLanes);
    fill(weights_, 1024);
    fill(velocities_, 1024);
    sums_.reset(rights);
    biases_.reset(rights);
    errors_.reset(lefts);
    deltas_.reset(rights);
    activations_.reset(rights);
    paired_.reset(2 * rights);
    activity_.reset(paddedTo(rights, 1024) / 16);
    moving_.reset(paddedTo(rights, 64 * 8 * kTileRights) / (8 * kTileRights));
    fill(deltas_, 4096);
    fill(paired_, 64);
    for (size_t i = 0; i < rights; i++) {
      sums_[i] = static_cast<int32_t>(randomAt(kKernelKey, i) & 0x3FFFF) - 0x20000;
      activations_[i] = static_cast<int16_t>(std::max(sums_[i] >> kKernelFraction, 0));
    }
    layOutBlocks();
    layOutOutputs();
    for (size_t i = 0; i < kTileLanes; i++) lanes_[i] = static_cast<uint16_t>(randomAt(kKernelKey, i));
    rows_.resize(task.rowCount);
    for (uint64_t row = 0; row < task.rowCount; row++)
      readRow(task.rows + row * task.left, rows_[row], lefts);
    slab_ = {groupStart_.data(), blocks_.data(),
             steps_.data(),      nullptr,
             weights_.data(),    velocities_.data(),
             oneBlock_,          leastTiles_,
             mostTiles_,         leastTiles_ == (task_.right + kTileRights - 1) / kTileRights};
    update_ = {lanes_, 1, 0, -32768, 32767};
    momentum_ = {update_, lanes_, lanes_, 6554};
    scale_ = {20000, lanes_, 1, 2};
  }

  KernelTiming run() {
    KernelTiming timing;
    uint64_t rounds = 1;
    for (uint64_t done = 0;; rounds *= 2) {
      const Stopwatch watch;
      for (uint64_t round = 0; round < rounds; round++) {
        for (Row& row : rows_) call(row);
      }
      const double taken = watch.seconds();
      done += rounds;
      if (taken < task_.seconds / 2 && done < (uint64_t{1} << 40)) continue;  // shorter runs only warm up
      timing.seconds = taken;
      break;
    }
    timing.calls = rounds * rows_.size();
    double edges = 0.0, neurons = 0.0, bytes = 0.0;
    for (const Row& row : rows_) count(row, edges, neurons, bytes);
    timing.edges = edges * static_cast<double>(rounds);
    timing.neurons = neurons * static_cast<double>(rounds);
    timing.bytes = bytes * static_cast<double>(rounds);
    // Different rows touch different tiles, and all rows together touch every tile.
    const double perTile = (task_.operation == "momentumTiles" ? 4.0 : 2.0) * kTileLanes + 8.0;
    timing.workingSet = edges > 0.0 ? perTile * static_cast<double>(blocks_.size())
                                    : bytes / static_cast<double>(rows_.size());
    return timing;
  }

 private:
  struct Row {
    AlignedBuffer<uint8_t> bytes;
    AlignedBuffer<int16_t> values;
    AlignedBuffer<uint8_t> activity;
    AlignedBuffer<uint32_t> groups;
    AlignedBuffer<int32_t> pairs;
    ActiveList list{};
    std::vector<uint16_t> active;  ///< tiles
    double tiles = 0.0;
  };

  void layOutTiles(uint32_t groups) {
    const bool dense = task_.edges >= static_cast<uint64_t>(task_.left) * task_.right;
    const Pattern pattern =
        dense ? densePattern(task_.left, task_.right)
              : dealtPattern(task_.left, task_.right, task_.edges, kTileLefts, kTileRights, 1, 0);
    std::vector<std::vector<uint32_t>> blocksOf(groups);
    for (uint32_t right = 0; right < task_.right; right += kTileRights) {
      for (uint64_t edge = pattern.offsets[right]; edge < pattern.offsets[right + 1]; edge++) {
        std::vector<uint32_t>& blocks = blocksOf[pattern.lefts[edge] / kTileLefts];
        if (blocks.empty() || blocks.back() != right / kTileRights) blocks.push_back(right / kTileRights);
      }
    }
    groupStart_.push_back(0);
    oneBlock_ = task_.right <= kTileRights;
    leastTiles_ = UINT32_MAX;
    for (const std::vector<uint32_t>& blocks : blocksOf) {
      leastTiles_ = std::min(leastTiles_, static_cast<uint32_t>(blocks.size()));
      mostTiles_ = std::max(mostTiles_, static_cast<uint32_t>(blocks.size()));
      oneBlock_ = oneBlock_ && blocks.size() == 1;
      blocks_.insert(blocks_.end(), blocks.begin(), blocks.end());
      groupStart_.push_back(static_cast<uint32_t>(blocks_.size()));
    }
    for (uint32_t tile = 0; tile < blocks_.size(); tile++)
      steps_.push_back(static_cast<uint16_t>(tile * kLaneStride));
  }

  /// Lays out the second order of the tiles, by block, with the place of each tile.
  void layOutBlocks() {
    const size_t tiles = blocks_.size();
    const auto blocks = static_cast<uint32_t>((task_.right + kTileRights - 1) / kTileRights);
    list_.resize(tiles + kListPadding);
    for (AlignedBuffer<uint8_t>* flags : {&groupBytes_, &groupBits_, &blockBytes_, &blockBits_})
      flags->reset(paddedTo(tiles, 64));
    blockStart_.assign(1, 0);
    for (uint32_t block = 0; block < blocks; block++) {
      for (uint32_t group = 0; group + 1 < groupStart_.size(); group++) {
        for (uint32_t tile = groupStart_[group]; tile < groupStart_[group + 1]; tile++) {
          if (blocks_[tile] != block) continue;
          blockTiles_.push_back(static_cast<uint16_t>(tile));
          blockGroups_.push_back(static_cast<uint16_t>(group));
        }
      }
      blockStart_.push_back(static_cast<uint32_t>(blockTiles_.size()));
    }
    for (uint32_t group = 0; group + 1 < groupStart_.size(); group++) {
      for (uint32_t tile = groupStart_[group]; tile < groupStart_[group + 1]; tile++) {
        const uint32_t block = blocks_[tile];
        records_.push_back({static_cast<uint16_t>(group), static_cast<uint16_t>(block * kTileLanes)});
        groupBytes_[tile] = static_cast<uint8_t>(group / 8);
        groupBits_[tile] = static_cast<uint8_t>(1u << group % 8);
        blockBytes_[tile] = static_cast<uint8_t>(block / 8);
        blockBits_[tile] = static_cast<uint8_t>(1u << block % 8);
      }
    }
    index_ = {blockStart_.data(), blockTiles_.data(), blockGroups_.data(), 0, blocks};
    flags_ = {groupBytes_.data(), groupBits_.data(), blockBytes_.data(), blockBits_.data()};
  }

  /// A dense output junction behind the same left neurons, with at most kMostOutputs of the right ones.
  void layOutOutputs() {
    outputs_ = std::min<uint32_t>(task_.right, kMostOutputs);
    const auto rows = static_cast<uint32_t>(paddedTo(outputs_, 2));
    const auto leftBlocks = static_cast<uint32_t>(paddedTo(task_.left, kOutputLefts) / kOutputLefts);
    outputWeights_.reset(static_cast<size_t>(leftBlocks) * rows * kOutputLefts);
    fill(outputWeights_, 1024);
    outputDeltas_.reset(kMostOutputs);
    outputPaired_.reset(size_t{2} * kMostOutputs);
    outputBiases_.reset(kMostOutputs);
    outputSums_.reset(kMostOutputs);
    for (uint32_t i = 0; i < outputs_; i++) {
      outputDeltas_[i] = static_cast<int16_t>(static_cast<int32_t>(randomAt(kKernelKey, i) & 0xFFF) - 0x800);
      outputPaired_[2 * i] = outputPaired_[2 * i + 1] = static_cast<int16_t>(outputDeltas_[i] >> 6);
    }
    leftDeltas_.reset(size_t{leftBlocks} * kOutputLefts);
    fours_.reset(kPredictedTogether * paddedTo(task_.left, 64));
    hidden_.reset(kPredictedTogether * paddedTo(task_.right, kTileRights));
    rowsOfOutputs_ = {outputWeights_.data(), leftBlocks, rows};
  }

  void readRow(const uint8_t* bytes, Row& row, size_t lefts) {
    row.bytes.reset(lefts);
    memcpy(row.bytes.data(), bytes, task_.left);
    row.values.reset(paddedTo(lefts, 64));
    row.activity.reset(paddedTo(lefts, 1024) / 16);
    task_.kernels->wide->expandBytes(row.bytes.data(), task_.left, row.values.data(), row.activity.data());
    row.groups.reset(lefts / 2 + 32);
    row.pairs.reset(lefts / 2 + 32);
    row.list = {0, row.groups.data(), row.pairs.data()};
    task_.kernels->wide->listBytes(row.bytes.data(), task_.left, &row.list);
    for (uint32_t k = 0; k < row.list.count; k++) {
      const uint32_t group = row.list.groups[k];
      for (uint32_t tile = groupStart_[group]; tile < groupStart_[group + 1]; tile++)
        row.active.push_back(static_cast<uint16_t>(tile));
    }
    row.tiles = static_cast<double>(row.active.size());
  }

  template <typename T>
  static void fill(AlignedBuffer<T>& buffer, int32_t most) {
    for (size_t i = 0; i < buffer.size(); i++) {
      buffer[i] = static_cast<T>(static_cast<int32_t>(randomAt(kKernelKey, i) % (2 * most + 1)) - most);
    }
  }

  void call(Row& row) {
    const WideKernels& kernels = *task_.kernels->wide;
    const std::string& name = task_.operation;
    const size_t groups = groupStart_.size() - 1;
    if (name == "listBytes") {
      kernels.listBytes(row.bytes.data(), task_.left, &row.list);
    } else if (name == "listValues") {
      kernels.listValues(row.values.data(), row.values.size(), 0, &row.list);
    } else if (name == "forwardTiles") {
      kernels.forwardTiles(&slab_, &row.list, sums_.data());
    } else if (name == "backwardTiles") {
      kernels.backwardTiles(&slab_, &row.list, deltas_.data(), errors_.data());
    } else if (name == "updateTiles") {
      kernels.updateTiles(&slab_, &row.list, paired_.data(), &update_);
    } else if (name == "momentumTiles") {
      kernels.momentumTiles(&slab_, row.values.data(), groups, paired_.data(), &momentum_);
    } else if (name == "decayTiles") {
      kernels.decayTiles(&slab_, groups, 13, &update_);
    } else if (name == "finishRelu") {
      kernels.finishRelu(sums_.data(), sums_.size(), kKernelFraction, activations_.data());
    } else if (name == "finishReluDeltas") {
      kernels.finishReluDeltas(sums_.data(), activations_.data(), sums_.size(), kKernelFraction,
                               deltas_.data());
    } else if (name == "scaleDeltas") {
      kernels.scaleDeltas(deltas_.data(), 0, deltas_.size(), &scale_, paired_.data(), biases_.data(),
                          moving_.data());
    } else if (name == "expandBytes") {
      kernels.expandBytes(row.bytes.data(), task_.left, row.values.data(), row.activity.data());
    } else if (name == "forwardRelu") {
      kernels.forwardRelu(&index_, weights_.data(), row.values.data(), biases_.data(), kKernelFraction,
                          activations_.data(), activity_.data());
    } else if (name == "listTiles") {
      kernels.listTiles(&slab_, &flags_, static_cast<uint32_t>(groups), row.activity.data(), nullptr,
                        list_.data());
    } else if (name == "updateListed") {
      kernels.updateListed(&slab_, records_.data(), row.active.data(),
                           static_cast<uint32_t>(row.active.size()), row.values.data(), paired_.data(),
                           &update_);
    } else if (name == "forwardOutputs") {
      kernels.forwardOutputs(&rowsOfOutputs_, row.values.data(), outputBiases_.data(), outputSums_.data());
    } else if (name == "backwardOutputs") {
      kernels.backwardOutputs(&rowsOfOutputs_, row.values.data(), outputDeltas_.data(), outputPaired_.data(),
                              1, kKernelFraction, &update_, leftDeltas_.data());
    } else if (name == "softmaxDeltas") {
      kernels.softmaxDeltas(outputSums_.data(), outputs_, kActivationFraction + kKernelFraction, 0, 256,
                            outputDeltas_.data());
    } else {  // forwardFour, of the same example four times
      const size_t lefts = paddedTo(task_.left, 64);
      for (uint32_t m = 0; m < kPredictedTogether && &row == rows_.data(); m++)
        memcpy(fours_.data() + m * lefts, row.values.data(), lefts * sizeof(int16_t));
      kernels.forwardFour(&index_, weights_.data(), fours_.data(), lefts, biases_.data(), kKernelFraction,
                          hidden_.data(), paddedTo(task_.right, kTileRights));
    }
  }

  /// Adds the work of one call with this row. Numbers that stay in registers during a run of tiles are not counted.
  void count(const Row& row, double& edges, double& neurons, double& bytes) const {
    const std::string& name = task_.operation;
    constexpr double kTileBytes = 2 * kTileLanes;
    constexpr double kNumbers = 8;  // the block and the ordinal of a tile
    const double lefts = task_.left;
    const auto rights = static_cast<double>(sums_.size());
    const auto allTiles = static_cast<double>(blocks_.size());
    if (name == "listBytes" || name == "listValues") {
      neurons += lefts;
      bytes += lefts * (name == "listBytes" ? 1 : 2) + 8.0 * row.list.count;
    } else if (name == "forwardTiles") {  // weights and sums read, sums written
      edges += row.tiles * kTileLanes;
      bytes += row.tiles * (kTileBytes + kNumbers) + 8.0 * rights;
    } else if (name == "backwardTiles") {
      edges += row.tiles * kTileLanes;
      bytes += row.tiles * (kTileBytes + kNumbers) + 2.0 * rights + 8.0 * row.list.count;
    } else if (name == "updateTiles") {  // weights read and written, deltas read
      edges += row.tiles * kTileLanes;
      bytes += row.tiles * (2 * kTileBytes + kNumbers) + 4.0 * rights;
    } else if (name == "momentumTiles") {
      edges += allTiles * kTileLanes;
      bytes += allTiles * (4 * kTileBytes + kNumbers) + 4.0 * rights;
    } else if (name == "decayTiles") {
      edges += allTiles * kTileLanes;
      bytes += allTiles * (2 * kTileBytes + kNumbers);
    } else if (name == "expandBytes") {
      neurons += lefts;
      bytes += 3.0 * lefts;
    } else if (name == "forwardRelu" || name == "forwardFour") {  // every tile, whether active or not
      edges += (name == "forwardFour" ? kPredictedTogether : 1.0) * allTiles * kTileLanes;
      bytes += allTiles * (kTileBytes + kNumbers / 2) + 6.0 * rights;
    } else if (name == "listTiles") {
      neurons += lefts;
      bytes += allTiles * 4.0 + 2.0 * row.tiles;
    } else if (name == "updateListed") {
      edges += row.tiles * kTileLanes;
      bytes += row.tiles * (2 * kTileBytes + kNumbers) + 4.0 * rights;
    } else if (name == "forwardOutputs" || name == "backwardOutputs") {
      edges += lefts * outputs_;
      bytes += lefts * outputs_ * (name == "forwardOutputs" ? 2 : 4) + 2.0 * lefts;
    } else if (name == "softmaxDeltas") {
      neurons += outputs_;
      bytes += 6.0 * outputs_;
    } else {
      neurons += rights;
      bytes += rights * (name == "finishRelu" ? 6 : name == "finishReluDeltas" ? 8 : 14);
    }
  }

  const KernelTask& task_;
  std::vector<uint32_t> groupStart_, blocks_;
  std::vector<uint16_t> steps_;
  bool oneBlock_ = false;
  uint32_t leastTiles_ = 0, mostTiles_ = 0;
  AlignedBuffer<int16_t> weights_, velocities_, deltas_, activations_, paired_;
  AlignedBuffer<int32_t> sums_, biases_, errors_;
  AlignedBuffer<uint8_t> moving_, activity_;
  std::vector<uint32_t> blockStart_;
  std::vector<uint16_t> blockTiles_, blockGroups_, list_;
  std::vector<TileRecord> records_;
  AlignedBuffer<uint8_t> groupBytes_, groupBits_, blockBytes_, blockBits_;
  BlockIndex index_{};
  TileFlags flags_{};
  uint32_t outputs_ = 0;
  AlignedBuffer<int16_t> outputWeights_, outputDeltas_, outputPaired_, leftDeltas_, fours_, hidden_;
  AlignedBuffer<int32_t> outputBiases_, outputSums_;
  OutputRows rowsOfOutputs_{};
  std::vector<Row> rows_;
  alignas(64) uint16_t lanes_[kTileLanes];
  TileSlab slab_{};
  UpdateRule update_{};
  MomentumRule momentum_{};
  DeltaScale scale_{};
};

}  // namespace

const char* const* kernelOperations() { return kOperations; }

KernelTiming timeKernel(const KernelTask& task) { return Workbench(task).run(); }

}  // namespace sparse_train
