// A table for sets of eight lanes, for instruction sets without an instruction that compresses bytes.

namespace sparse_train {
namespace {

/// For each of the 256 sets of lanes: the numbers of the lanes in the set, ascending, then zeros; and how many there are.
struct Octets {
  uint8_t lanes[256][8];
  uint8_t counts[256];
};

constexpr Octets makeOctets() {
  Octets table{};
  for (int set = 0; set < 256; set++) {
    uint8_t count = 0;
    for (int lane = 0; lane < 8; lane++) {
      if (((set >> lane) & 1) != 0) table.lanes[set][count++] = static_cast<uint8_t>(lane);
    }
    table.counts[set] = count;
  }
  return table;
}

alignas(64) constexpr Octets kOctets = makeOctets();

/// The numbers of the bits that are set, ascending, then some 63: at most 67 numbers are written. Returns how many
/// bits are set.
inline uint32_t listBits(uint64_t bits, uint8_t* numbers) {
  uint32_t count = 0;
  for (uint64_t first = 0; first < 64; first += 8) {
    const auto set = static_cast<uint32_t>(bits >> first & 0xFF);
    uint64_t eight;
    memcpy(&eight, kOctets.lanes[set], sizeof(eight));
    eight += first * 0x0101010101010101ull;
    memcpy(numbers + count, &eight, sizeof(eight));
    count += kOctets.counts[set];
  }
  const uint32_t empty = 0x3F3F3F3F;
  memcpy(numbers + count, &empty, sizeof(empty));
  return count;
}

}  // namespace
}  // namespace sparse_train
