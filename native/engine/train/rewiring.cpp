#include "rewiring.hpp"

#include <utility>

namespace sparse_train {

std::vector<uint64_t> rewire(const NetworkSpec& spec, DynamicPatterns& patterns, uint32_t share,
                             bool byGradient, uint64_t inputs) {
  const RewireRule rule = {share, byGradient, spec.seed, inputs};
  std::vector<uint64_t> moved;
  for (uint32_t junction = 0; junction < spec.patterns.size(); junction++) {
    Pattern next = patterns.rewiredPattern(junction, rule);
    uint64_t kept = 0;
    forKeptEdges(spec.patterns[junction], next, [&](uint64_t, uint64_t) { kept++; });
    moved.push_back(next.edges() - kept);
    if (kept < next.edges()) patterns.changePattern(junction, std::move(next));
  }
  patterns.forgetRecord();
  return moved;
}

}  // namespace sparse_train
