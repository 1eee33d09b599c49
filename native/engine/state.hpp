// The state of a network as a block of bytes: everything that determines how training continues, so that a
// network with the same spec resumes bit for bit where another one stopped.
//
// A block is "sparse-train state 1\n" (21 bytes), then sections: a name of 16 bytes (padded with zeros), the
// number of bytes that follow as a 64-bit integer, and these bytes; all numbers are little-endian. Sections
// have a fixed order.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <string>
#include <type_traits>
#include <vector>

#include "fixed/random.hpp"

namespace sparse_train {

/// Goes through a network's state once, in one of three modes: writes it into a block; checks that a block
/// belongs to this network, changing nothing; or restores it from a checked block. A single description of
/// the state serves all three modes, so they cannot diverge. A block may come from anywhere: nothing is read
/// beyond its end, and numbers outside their ranges fail the check.
class StateExchange {
 public:
  /// Writes.
  StateExchange();
  /// Checks or restores. The bytes must outlive this object and not change.
  StateExchange(const uint8_t* bytes, size_t size, bool apply);

  bool writing() const { return mode_ == Mode::write; }
  bool applying() const { return mode_ == Mode::apply; }
  /// The reason why the block does not belong to this network; empty if it does. After a fault everything
  /// reads as zeros.
  const std::string& fault() const { return fault_; }
  bool failed() const { return !fault_.empty(); }
  void fail(const std::string& reason);

  /// Begins a section; the previous one must have been read to its end. `name`: up to 16 characters.
  void section(const char* name);
  /// Ends the last section. Returns the block when writing, otherwise nothing.
  std::vector<uint8_t> finish();

  /// A network's numbers, from `low` to `high`; NaN is outside every range. Checking does not change them.
  template <typename T>
  void numbers(const char* what, T* values, size_t count, T low, T high) {
    if (writing()) {
      bytes(values, count * sizeof(T));
      return;
    }
    std::vector<T> held = take(values, count);
    for (const T value : held) {
      if (!(value >= low && value <= high)) {
        fail(std::string(what) + " has a value that is out of range");
        return;
      }
    }
    if (applying() && count != 0) memcpy(values, held.data(), count * sizeof(T));
  }
  /// The same without a range: counters, and floats, which may have any value after training that diverged.
  template <typename T>
  void any(T* values, size_t count) {
    if (writing()) {
      bytes(values, count * sizeof(T));
      return;
    }
    const std::vector<T> held = take(values, count);
    if (applying() && count != 0) memcpy(values, held.data(), count * sizeof(T));
  }
  /// A number from 0 to `most` on which the following data depend: `value` becomes the block's number, even
  /// in a check.
  void count(const char* what, uint64_t& value, uint64_t most) { peek<uint64_t>(what, value, 0, most); }
  template <typename T>
  void peek(const char* what, T& value, T low, T high) {
    bytes(&value, sizeof(value));
    if (writing() || (value >= low && value <= high)) return;
    fail(std::string(what) + " is out of range");
    value = low;
  }
  /// A number that must be the same in the block, for example one that identifies this network.
  void expect(const char* what, uint64_t value);

 private:
  enum class Mode { write, check, apply };

  /// Numbers of the block; zeros after a fault.
  template <typename T>
  std::vector<T> take(const T*, size_t count) {
    static_assert(std::is_arithmetic_v<T>);
    std::vector<T> held(count);
    bytes(held.data(), count * sizeof(T));
    return held;
  }
  void bytes(void* values, size_t count);
  void endSection();

  Mode mode_;
  std::vector<uint8_t> written_;
  size_t sectionStart_ = 0;  ///< the position in the current section when writing
  const uint8_t* bytes_ = nullptr;
  size_t size_ = 0;
  size_t position_ = 0;
  size_t sectionEnd_ = 0;
  bool inSection_ = false;
  std::string fault_;
};

/// A hash of 64-bit numbers, to distinguish specs.
class Fingerprint {
 public:
  void add(uint64_t value) { hash_ = mix64(hash_ ^ value); }
  void add(double value) {
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof(bits));
    add(bits);
  }
  uint64_t value() const { return hash_; }

 private:
  uint64_t hash_ = 0;
};

}  // namespace sparse_train
