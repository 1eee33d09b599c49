// Shared by all kernel sets of the hardware's datapath and included into each. Everything is in the unnamed
// namespace, because the linker must not share any code between instruction sets.

namespace sparse_train {
namespace {

template <typename Word>
inline void gatherAny(const HardwareWiring& wiring, const Word* values, Word* edges) {
  for (uint64_t edge = 0; edge < wiring.edges; edge++) edges[edge] = values[wiring.lefts[edge]];
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
