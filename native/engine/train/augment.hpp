// Images that are presented a little differently every time: moved by whole pixels and mirrored, so exactly
// (docs/arithmetic.md, "Augmentation").
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <vector>

namespace sparse_train {

/// How the images of a call of the training loop vary. An input is `columns / width` rows of `width` pixels.
struct Augmentation {
  uint32_t width = 0;   ///< 0: images are presented as they are
  uint32_t shift = 0;   ///< by at most so many pixels in each direction
  bool mirror = false;  ///< left and right change places in half of the presentations

  bool any() const { return width > 0 && (shift > 0 || mirror); }
};

/// How one presentation of an image differs.
struct Variation {
  int32_t right = 0, down = 0;  ///< pixels that it is moved by
  bool mirrored = false;
};

/// That of input `number` of a network.
Variation variationOf(const Augmentation& augmentation, uint64_t seed, uint64_t number);

/// Writes an image of `columns` elements of `size` bytes, varied, to `to`; pixels from outside are zero.
void vary(const Variation& variation, uint32_t width, uint32_t columns, size_t size, const uint8_t* from,
          uint8_t* to);

}  // namespace sparse_train
