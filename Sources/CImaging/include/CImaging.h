// The inner loops over pixels: resampling, normalising, compositing, and the walk over JPEG markers.
//
// Callers own all memory and have checked that it holds what is said here.
#ifndef AUGUR_CIMAGING_H
#define AUGUR_CIMAGING_H

#include <stddef.h>
#include <stdint.h>

/// Fraction bits of a resampling weight: 8-bit samples, two bits of head room (as Pillow has it).
#define AUGUR_WEIGHT_BITS 22

/// Resamples the row of RGB pixels that begins at pixel `start`: output `o` is the sum of `counts[o]` pixels
/// from `firsts[o]` on, weighted with `weights[o * stride ...]`, rounded to the nearest 8-bit value.
void augur_resample_row(const uint8_t *rgb, size_t start, size_t outputs, const int32_t *firsts,
                        const int32_t *counts, const int32_t *weights, size_t stride, uint8_t *out);

/// Adds `weight` times each of `count` samples to the sums from `start` on.
void augur_accumulate_row(const uint8_t *row, int32_t weight, size_t count, int32_t *sums, size_t start);

/// Sums to samples: rounded to the nearest 8-bit value.
void augur_round_row(const int32_t *sums, size_t count, uint8_t *out);

/// A part of a picture: `height` rows of `width` pixels, the first at pixel `start`, each `pitch` pixels
/// after the one before.
typedef struct {
    size_t start;
    size_t pitch;
    size_t width;
    size_t height;
} augur_window;

/// Looks the samples of each of three channels up: pixel i of the window becomes
/// out[c * plane + i * step] = tables[c][rgb[3 * i + order[c]]].
void augur_normalise(const uint8_t *rgb, augur_window window, const float *tables, const uint8_t order[3],
                     size_t plane, size_t step, float *out);

/// Luma by ITU-R 601-2, rounded as Pillow rounds it, looked up in one table.
void augur_normalise_gray(const uint8_t *rgb, augur_window window, const float *table, float *out);

/// Composites RGBA over white, in place: the first 3 * count bytes of `pixels` become RGB.
void augur_over_white(uint8_t *pixels, size_t count);

/// Turns inverted CMYK (as Adobe stores it) into RGB, in place like `augur_over_white`.
void augur_inverted_cmyk_to_rgb(uint8_t *pixels, size_t count);

/// Copies pixels to where an orientation puts them: pixel (x, y) goes to `origin + x * step_x + y * step_y`,
/// counted in pixels.
void augur_turn(const uint8_t *rgb, size_t width, size_t height, ptrdiff_t origin, ptrdiff_t step_x,
                ptrdiff_t step_y, uint8_t *out);

/// The place of the next JPEG marker code at or after `from` (the byte after its 0xFF), skipping stuffed
/// zeros, fill bytes and restart markers; `count` without one.
size_t augur_next_marker(const uint8_t *bytes, size_t count, size_t from);

#endif
