// Images that are presented a little differently every time: moved by whole pixels and mirrored, so that
// pixels stay exact (docs/arithmetic.md, "Augmentation").
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <vector>

namespace sparse_train {

/// How the images of a call of the training loop are varied. An input has `columns / width` rows of `width`
/// pixels.
struct Augmentation {
  uint32_t width = 0;   ///< 0: images are presented as they are
  uint32_t shift = 0;   ///< images move by at most this many pixels in each direction
  bool mirror = false;  ///< whether half of the presentations swap left and right

  bool any() const { return width > 0 && (shift > 0 || mirror); }
};

/// The variation of one presentation of an image.
struct Variation {
  int32_t right = 0, down = 0;  ///< the number of pixels to move by
  bool mirrored = false;
};

/// The variation of a network's input number `number`.
Variation variationOf(const Augmentation& augmentation, uint64_t seed, uint64_t number);

/// Writes an image of `columns` elements of `size` bytes, varied, to `to`; pixels from outside the image are
/// zero.
void vary(const Variation& variation, uint32_t width, uint32_t columns, size_t size, const uint8_t* from,
          uint8_t* to);

}  // namespace sparse_train
