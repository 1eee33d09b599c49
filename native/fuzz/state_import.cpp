// Runs importState() on arbitrary bytes. It must refuse them and change nothing, or accept them and then train. The
// first bytes choose a network. The imported block is usually that network's own state with a few changed bytes, so
// that mutations get past the first checks whatever the format is; otherwise it is the fuzzer's bytes themselves.
#include <cstring>

#include "tiny.hpp"

using namespace sparse_train;

namespace {

std::vector<uint8_t> changed(Bytes& bytes, std::vector<uint8_t> state) {
  for (int change = bytes.ConsumeIntegralInRange(0, 6); change > 0 && !state.empty(); change--) {
    const size_t at = bytes.ConsumeIntegral<uint16_t>() % state.size();
    const auto place = state.begin() + static_cast<std::ptrdiff_t>(at);
    switch (bytes.ConsumeIntegralInRange(0, 4)) {
      case 0:
        *place = bytes.ConsumeIntegral<uint8_t>();
        break;
      case 1:
        *place ^= static_cast<uint8_t>(1u << bytes.ConsumeIntegralInRange(0, 7));
        break;
      case 2: {
        const auto number = bytes.ConsumeIntegral<uint64_t>();
        memcpy(state.data() + at, &number, std::min(sizeof(number), state.size() - at));
        break;
      }
      case 3:
        state.erase(place, bytes.ConsumeBool() ? state.end() : place + 1);
        break;
      default:
        state.insert(place, bytes.ConsumeIntegralInRange(1, 9), 0xFF);
    }
  }
  return state;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Bytes bytes(data, size);
  const bool raw = bytes.ConsumeBool();
  const auto index = bytes.ConsumeIntegralInRange<uint32_t>(0, kKeptNetworks - 1);
  KeptNetwork& kept = keptNetwork(index, anyKernels(bytes));
  Network& network = *kept.network;
  // Refused blocks change nothing, so the network is still in the state that the previous call left.
  const TinyExamples examples(bytes, network, 2);
  const std::vector<uint8_t> state = raw ? bytes.ConsumeRemainingBytes<uint8_t>()
                                         : changed(bytes, bytes.ConsumeBool() ? kept.busy : kept.start);
  if (!network.importState(state.data(), state.size()).empty()) {
    require(network.exportState() == kept.start, "a refused state changes nothing");
    return 0;
  }
  require(network.exportState() == state, "a state that was taken over is the network's");
  trainAndPredict(network, examples.job());
  network.drain();
  kept.restore(kept.start);
  return 0;
}
