// Zero-filled memory on 64-byte boundaries, so that one tile of weights is one cache line. For buffers far
// larger than the caches, Linux is asked for large pages: tiles and rows are read in no order, and looking up
// a page for each takes longer than the read.
#pragma once

#include <stddef.h>
#include <string.h>

#include <new>
#include <type_traits>
#include <utility>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace sparse_train {

template <typename T>
class AlignedBuffer {
  static_assert(std::is_trivially_copyable_v<T>);
  static constexpr std::align_val_t kAlignment{64};
  static constexpr size_t kLargePage = size_t{2} << 20;
  static constexpr size_t kManyBytes = 4 * kLargePage;

 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(size_t size) { reset(size); }
  AlignedBuffer(AlignedBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  AlignedBuffer(const AlignedBuffer&) = delete;
  AlignedBuffer& operator=(const AlignedBuffer&) = delete;
  ~AlignedBuffer() { release(); }

  /// Replaces the contents with `size` zeros.
  void reset(size_t size) {
    release();
    if (size == 0) return;
    const size_t bytes = size * sizeof(T);
    data_ = static_cast<T*>(::operator new(bytes, alignmentOf(bytes)));
    size_ = size;
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    // Only a request: the memory is usable without it. Covers only pages that lie entirely within the buffer.
    if (bytes >= kManyBytes) madvise(data_, bytes / kLargePage * kLargePage, MADV_HUGEPAGE);
#endif
    clear();
  }
  void clear() {
    if (size_ != 0) memset(data_, 0, size_ * sizeof(T));
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t size() const { return size_; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }

 private:
  static std::align_val_t alignmentOf(size_t bytes) {
    return bytes >= kManyBytes ? std::align_val_t{kLargePage} : kAlignment;
  }
  void release() {
    if (data_ != nullptr) ::operator delete(data_, alignmentOf(size_ * sizeof(T)));
    data_ = nullptr;
    size_ = 0;
  }

  T* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace sparse_train
