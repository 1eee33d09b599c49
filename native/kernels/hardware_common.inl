// What every kernel set of the hardware's datapath needs, included into each: nothing here may be shared between
// instruction sets by the linker, so everything is in the unnamed namespace.

namespace sparse_train {
namespace {

/// Any pattern. Of mostly zero inputs only the others are copied, to each of their edges.
template <typename Word>
inline void gatherAny(const HardwareWiring& wiring, const Word* values, Word* edges) {
  uint32_t active = 0;
  for (uint32_t left = 0; left < wiring.left; left++) active += values[left] != 0 ? 1 : 0;
  if (active > wiring.left / 2) {
    for (uint64_t edge = 0; edge < wiring.edges; edge++) edges[edge] = values[wiring.lefts[edge]];
    return;
  }
  for (uint64_t edge = 0; edge < wiring.edges; edge++) edges[edge] = 0;
  for (uint32_t left = 0; left < wiring.left; left++) {
    if (values[left] == 0) continue;
    for (uint32_t i = wiring.leftStart[left]; i < wiring.leftStart[left + 1]; i++) {
      edges[wiring.leftEdges[i]] = values[left];
    }
  }
}

template <typename Word>
inline void accumulateAny(const HardwareWiring& wiring, const Word* products, const HardwareNumber& number,
                          Word* deltas) {
  for (uint32_t left = 0; left < wiring.left; left++) {
    int32_t sum = 0;
    for (uint32_t i = wiring.leftStart[left]; i < wiring.leftStart[left + 1]; i++) {
      sum = hardwareAdd(sum, products[wiring.leftEdges[i]], number);
    }
    deltas[left] = static_cast<Word>(sum);
  }
}

}  // namespace
}  // namespace sparse_train
