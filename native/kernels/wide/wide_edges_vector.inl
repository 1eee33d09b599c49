// The vector kernels for junctions stored as lists of edges (wide_kernels.hpp), written with the operations of
// wide_vector.inl, which includes this file: 16 edges of a left neuron at a time.

namespace sparse_train {
namespace {

constexpr uint32_t kEdges = 16;

/// Calls visit(edge, count) for up to 16 edges of a left neuron at a time.
template <typename Visit>
SPARSE_TRAIN_INLINE void forEdgesOf(const EdgeSlab* slab, uint32_t left, Visit visit) {
  const uint32_t end = slab->start[left + 1];
  for (uint32_t edge = slab->start[left]; edge < end; edge += kEdges)
    visit(edge, end - edge < kEdges ? end - edge : kEdges);
}

/// Calls visit(left, activation) for the left neurons in a list that are not zero. Which of a pair's two neurons is zero cannot
/// be predicted, so they are listed without branches first.
template <typename Visit>
SPARSE_TRAIN_INLINE void forActiveLefts(const ActiveList* list, Visit visit) {
  constexpr uint32_t kGroups = 64;
  uint32_t lefts[2 * kGroups];
  int16_t activations[2 * kGroups];
  for (uint32_t first = 0; first < list->count; first += kGroups) {
    const uint32_t end = list->count - first < kGroups ? list->count : first + kGroups;
    uint32_t count = 0;
    for (uint32_t k = first; k < end; k++) {
      for (uint32_t side = 0; side < kTileLefts; side++) {
        const auto activation = static_cast<int16_t>(list->pairs[k] >> (16 * side) & 0xFFFF);
        lefts[count] = list->groups[k] * kTileLefts + side;
        activations[count] = activation;
        count += activation != 0 ? 1 : 0;
      }
    }
    for (uint32_t i = 0; i < count; i++) visit(lefts[i], activations[i]);
  }
}

/// A number in the lower half of each pair.
inline Tile lowerHalves(int16_t value) { return Ops::broadcastPair(static_cast<uint16_t>(value)); }

void forwardEdges(const EdgeSlab* slab, const ActiveList* list, int32_t* sums) {
  forActiveLefts(list, [&](uint32_t left, int16_t activation) {
    const Tile activations = lowerHalves(activation);
    forEdgesOf(slab, left, [&](uint32_t edge, uint32_t count) {
      const Sums products =
          Ops::multiplyAdd(Ops::zeroSums(), Ops::evenLanes(slab->weights + edge), activations);
      Ops::addAt(sums, slab->rights + edge, count, products);
    });
  });
}

/// Sums of delta * weight of a left neuron, over 16 lanes. `twice`: the deltas, each twice in a row.
SPARSE_TRAIN_INLINE Sums errorsOf(const EdgeSlab* slab, uint32_t left, const int16_t* twice) {
  Sums sum = Ops::zeroSums();
  forEdgesOf(slab, left, [&](uint32_t edge, uint32_t count) {
    const Tile weights = Ops::evenLanes(slab->weights + edge);
    const uint32_t lanes = count == kEdges ? 0xFFFFFFFFu : (1u << (2 * count)) - 1;
    sum = Ops::multiplyAdd(sum, Ops::select(lanes, weights, Ops::broadcast(0)),
                           Ops::gatherPairs(twice, slab->rights + edge));
  });
  return sum;
}

void backwardEdges(const EdgeSlab* slab, const ActiveList* list, const int16_t* deltas, size_t n,
                   int16_t* room, int32_t* errors) {
  for (size_t i = 0; i < n; i += kTileRights)
    Ops::storeTile(room + 2 * i, Ops::twice(Ops::widen(Ops::loadHalf(deltas + i))));
  constexpr uint32_t kTogether = 8;
  uint32_t k = 0;
  for (; k + kTogether <= list->count; k += kTogether) {
    Sums partial[2 * kTogether];
    for (uint32_t i = 0; i < 2 * kTogether; i++)
      partial[i] = errorsOf(slab, list->groups[k + i / 2] * kTileLefts + i % 2, room);
    int32_t totals[2 * kTogether];
    Ops::storeSums(totals, Ops::totals(partial));
    for (uint32_t i = 0; i < 2 * kTogether; i++)
      errors[static_cast<size_t>(list->groups[k + i / 2]) * kTileLefts + i % 2] = totals[i];
  }
  for (; k < list->count; k++) {
    const uint32_t left = list->groups[k] * kTileLefts;
    errors[left] = Ops::total(errorsOf(slab, left, room));
    errors[left + 1] = Ops::total(errorsOf(slab, left + 1, room));
  }
}

void updateEdges(const EdgeSlab* slab, const ActiveList* list, const int16_t* paired,
                 const UpdateRule* rule) {
  // The lanes of a tile and of the next one, so that any 16 consecutive ones can be loaded.
  uint16_t lanes[kTileLanes + kEdges];
  const uint16_t stride = rule->stochastic ? kLaneStride : 0;
  for (uint32_t i = 0; i < kTileLanes + kEdges; i++) {
    const uint32_t lane = rule->stochastic ? rule->lanes[i % kTileLanes] : 0x8000u;
    lanes[i] = static_cast<uint16_t>(lane + i / kTileLanes * stride);
  }
  const int32_t low = rule->weightMin;
  const int32_t high = rule->weightMax;
  const int32_t factor = 1 << rule->shift;
  forActiveLefts(list, [&](uint32_t left, int16_t activation) {
    const Tile activations = lowerHalves(static_cast<int16_t>(activation * factor));
    const uint32_t firstOrdinal = slab->firstOrdinal[left] - slab->start[left];
    forEdgesOf(slab, left, [&](uint32_t edge, uint32_t count) {
      const uint32_t ordinal = firstOrdinal + edge;
      const Half offset =
          Ops::broadcastHalf(static_cast<int16_t>(static_cast<uint16_t>(ordinal / kTileLanes * stride)));
      const auto* own = reinterpret_cast<const int16_t*>(lanes + ordinal % kTileLanes);
      const Sums random = Ops::widenUnsigned(Ops::addHalf(Ops::loadHalf(own), offset));
      const Sums product =
          Ops::multiplyAdd(random, Ops::gatherPairs(paired, slab->rights + edge), activations);
      int16_t* const place = slab->weights + edge;
      const Half before = Ops::loadHalf(place);
      const Sums after = Ops::subtractSums(Ops::widen(before), Ops::shiftRight(product, 16));
      Ops::storeFirst(place, Ops::narrow(Ops::clampSums(after, low, high)), before, count);
    });
  });
}

}  // namespace
}  // namespace sparse_train
