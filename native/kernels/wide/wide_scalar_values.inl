// Operations on single numbers of the `wide` arithmetic, for the reference.
#pragma once

namespace sparse_train {
namespace {

/// The rounding term of a product: a random lane or one half.
inline int32_t roundingLane(const uint16_t* lanes, int32_t stochastic, uint16_t offset, uint32_t lane) {
  if (!stochastic) return 0x8000;
  return static_cast<uint16_t>(lanes[lane] + offset);
}

inline int16_t clipWeight(int32_t weight, const UpdateRule& rule) {
  return static_cast<int16_t>(clip<int32_t>(weight, rule.weightMin, rule.weightMax));
}

inline int32_t clip16(int32_t value) { return clip<int32_t>(value, -kDeltaMax, kDeltaMax); }

inline bool hasEdge(const TileSlab* slab, uint32_t tile, uint32_t lane) {
  return slab->masks == nullptr || ((slab->masks[tile] >> lane) & 1) != 0;
}

}  // namespace
}  // namespace sparse_train
