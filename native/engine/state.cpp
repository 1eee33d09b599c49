#include "state.hpp"

namespace sparse_train {
namespace {

constexpr char kMagic[] = "sparse-train state 1\n";
constexpr size_t kMagicBytes = sizeof(kMagic) - 1;
constexpr size_t kNameBytes = 16;
constexpr size_t kHeadBytes = kNameBytes + sizeof(uint64_t);

}  // namespace

StateExchange::StateExchange() : mode_(Mode::write), written_(kMagic, kMagic + kMagicBytes) {}

StateExchange::StateExchange(const uint8_t* bytes, size_t size, bool apply)
    : mode_(apply ? Mode::apply : Mode::check), bytes_(bytes), size_(size), position_(kMagicBytes) {
  if (size < kMagicBytes || memcmp(bytes, kMagic, kMagicBytes) != 0) {
    fail("it does not begin as a state of this version does");
  }
}

void StateExchange::fail(const std::string& reason) {
  if (fault_.empty()) fault_ = reason;
}

void StateExchange::section(const char* name) {
  endSection();
  char padded[kNameBytes] = {};
  memcpy(padded, name, strnlen(name, kNameBytes));
  if (writing()) {
    written_.insert(written_.end(), padded, padded + kNameBytes);
    written_.resize(written_.size() + sizeof(uint64_t));
    sectionStart_ = written_.size();
    inSection_ = true;
    return;
  }
  if (failed()) return;
  if (size_ - position_ < kHeadBytes || memcmp(bytes_ + position_, padded, kNameBytes) != 0) {
    fail(std::string("its section ") + name + " is missing");
    return;
  }
  uint64_t length = 0;
  memcpy(&length, bytes_ + position_ + kNameBytes, sizeof(length));
  position_ += kHeadBytes;
  if (length > size_ - position_) {
    fail(std::string("its section ") + name + " is cut off");
    return;
  }
  sectionEnd_ = position_ + static_cast<size_t>(length);
  inSection_ = true;
}

void StateExchange::endSection() {
  if (!inSection_) return;
  inSection_ = false;
  if (writing()) {
    const uint64_t length = written_.size() - sectionStart_;
    memcpy(written_.data() + sectionStart_ - sizeof(length), &length, sizeof(length));
  } else if (!failed() && position_ != sectionEnd_) {
    fail("a section is longer than this network's");
  }
}

std::vector<uint8_t> StateExchange::finish() {
  endSection();
  if (!writing() && !failed() && position_ != size_) fail("it goes on after its last section");
  return std::move(written_);
}

void StateExchange::bytes(void* values, size_t count) {
  if (count == 0) return;
  if (writing()) {
    const auto* from = static_cast<const uint8_t*>(values);
    written_.insert(written_.end(), from, from + count);
    return;
  }
  if (!failed() && count > sectionEnd_ - position_) fail("a section is shorter than this network's");
  if (failed()) {
    memset(values, 0, count);
    return;
  }
  memcpy(values, bytes_ + position_, count);
  position_ += count;
}

void StateExchange::expect(const char* what, uint64_t value) {
  uint64_t held = value;
  bytes(&held, sizeof(held));
  if (!failed() && held != value) fail(std::string("it is of a network with another ") + what);
}

}  // namespace sparse_train
