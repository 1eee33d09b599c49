// The state of a network as a block of bytes: everything that decides how training goes on, so that a network made from
// the same spec continues bit for bit from where another one stopped.
//
// A block is "sparse-train state 1\n" (21 bytes), then sections: a name of 16 bytes (padded with zeros), the number of
// bytes that follow as a 64-bit integer, and these bytes; all numbers little-endian. Sections come in a fixed order.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <string>
#include <type_traits>
#include <vector>

#include "fixed/random.hpp"

namespace sparse_train {

/// Goes through a network's state once, in one of three ways: writes it into a block; checks that a block is one of this
/// network, changing nothing; or takes it over from a block that was checked. As one description of the state serves all
/// three, they cannot come apart. A block may come from anywhere: nothing is read beyond its end, and no number outside
/// the range that is said for it passes the check.
class StateExchange {
 public:
  /// Writes.
  StateExchange();
  /// Checks, or takes over. The bytes must outlive this object and not change.
  StateExchange(const uint8_t* bytes, size_t size, bool apply);

  bool writing() const { return mode_ == Mode::write; }
  bool applying() const { return mode_ == Mode::apply; }
  /// Why the block is none of this network; empty if it is. After a fault everything reads as zeros.
  const std::string& fault() const { return fault_; }
  bool failed() const { return !fault_.empty(); }
  void fail(const std::string& reason);

  /// Begins a section; the one before must have been read to its end. `name`: up to 16 characters.
  void section(const char* name);
  /// Ends the last section. Returns the block when writing, otherwise nothing.
  std::vector<uint8_t> finish();

  /// A network's numbers, from `low` to `high`; NaN is out of every range. Checking does not change them.
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
  /// The same without a range: counters, and floats, which may be anything after training that diverged.
  template <typename T>
  void any(T* values, size_t count) {
    if (writing()) {
      bytes(values, count * sizeof(T));
      return;
    }
    const std::vector<T> held = take(values, count);
    if (applying() && count != 0) memcpy(values, held.data(), count * sizeof(T));
  }
  /// A number from 0 to `most` that what follows depends on: `value` becomes the block's, also when checking.
  void count(const char* what, uint64_t& value, uint64_t most) { peek<uint64_t>(what, value, 0, most); }
  template <typename T>
  void peek(const char* what, T& value, T low, T high) {
    bytes(&value, sizeof(value));
    if (writing() || (value >= low && value <= high)) return;
    fail(std::string(what) + " is out of range");
    value = low;
  }
  /// A number that must be what it is here, such as one that says what network this is.
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
  size_t sectionStart_ = 0;  ///< of the running section's bytes when writing
  const uint8_t* bytes_ = nullptr;
  size_t size_ = 0;
  size_t position_ = 0;
  size_t sectionEnd_ = 0;
  bool inSection_ = false;
  std::string fault_;
};

/// A hash of 64-bit numbers, for telling specs apart.
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
