#include "CImaging.h"

#include <string.h>

static inline uint8_t rounded(int32_t sum) {
    const int32_t value = sum >> AUGUR_WEIGHT_BITS;
    return value > 255 ? 255 : (uint8_t)value;
}

static const int32_t one_half = 1 << (AUGUR_WEIGHT_BITS - 1);

void augur_resample_row(const uint8_t *rgb, size_t start, size_t outputs, const int32_t *firsts,
                        const int32_t *counts, const int32_t *weights, size_t stride, uint8_t *out) {
    for (size_t o = 0; o < outputs; o++) {
        const uint8_t *pixel = rgb + 3 * (start + (size_t)firsts[o]);
        const int32_t *weight = weights + o * stride;
        int32_t red = one_half, green = one_half, blue = one_half;
        for (int32_t k = 0; k < counts[o]; k++) {
            red += pixel[3 * k] * weight[k];
            green += pixel[3 * k + 1] * weight[k];
            blue += pixel[3 * k + 2] * weight[k];
        }
        out[3 * o] = rounded(red);
        out[3 * o + 1] = rounded(green);
        out[3 * o + 2] = rounded(blue);
    }
}

void augur_accumulate_row(const uint8_t *row, int32_t weight, size_t count, int32_t *sums, size_t start) {
    int32_t *sum = sums + start;
    for (size_t i = 0; i < count; i++) { sum[i] += row[i] * weight; }
}

void augur_round_row(const int32_t *sums, size_t count, uint8_t *out) {
    for (size_t i = 0; i < count; i++) { out[i] = rounded(sums[i] + one_half); }
}

void augur_normalise(const uint8_t *rgb, augur_window window, const float *tables, const uint8_t order[3],
                     size_t plane, size_t step, float *out) {
    for (size_t y = 0; y < window.height; y++) {
        for (size_t c = 0; c < 3; c++) {
            const float *table = tables + 256 * c;
            const uint8_t *sample = rgb + 3 * (window.start + y * window.pitch) + order[c];
            float *channel = out + c * plane + y * window.width * step;
            for (size_t x = 0; x < window.width; x++) { channel[x * step] = table[sample[3 * x]]; }
        }
    }
}

void augur_normalise_gray(const uint8_t *rgb, augur_window window, const float *table, float *out) {
    for (size_t y = 0; y < window.height; y++) {
        const uint8_t *pixel = rgb + 3 * (window.start + y * window.pitch);
        for (size_t x = 0; x < window.width; x++) {
            const uint32_t red = pixel[3 * x], green = pixel[3 * x + 1], blue = pixel[3 * x + 2];
            const uint32_t luma = 19595 * red + 38470 * green + 7471 * blue;
            out[y * window.width + x] = table[(luma + 0x8000) >> 16];
        }
    }
}

/// a * b / 255, rounded to nearest.
static inline uint32_t times(uint32_t a, uint32_t b) {
    const uint32_t product = a * b + 128;
    return ((product >> 8) + product) >> 8;
}

void augur_over_white(uint8_t *pixels, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const uint32_t alpha = pixels[4 * i + 3];
        for (size_t c = 0; c < 3; c++) {
            pixels[3 * i + c] = (uint8_t)(255 - times(255 - pixels[4 * i + c], alpha));
        }
    }
}

void augur_inverted_cmyk_to_rgb(uint8_t *pixels, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const uint32_t key = pixels[4 * i + 3];
        for (size_t c = 0; c < 3; c++) { pixels[3 * i + c] = (uint8_t)times(pixels[4 * i + c], key); }
    }
}

void augur_turn(const uint8_t *rgb, size_t width, size_t height, ptrdiff_t origin, ptrdiff_t step_x,
                ptrdiff_t step_y, uint8_t *out) {
    for (size_t y = 0; y < height; y++) {
        uint8_t *to = out + 3 * (origin + (ptrdiff_t)y * step_y);
        const uint8_t *from = rgb + 3 * y * width;
        for (size_t x = 0; x < width; x++) {
            uint8_t *pixel = to + 3 * (ptrdiff_t)x * step_x;
            pixel[0] = from[3 * x];
            pixel[1] = from[3 * x + 1];
            pixel[2] = from[3 * x + 2];
        }
    }
}

size_t augur_next_marker(const uint8_t *bytes, size_t count, size_t from) {
    while (from < count) {
        const uint8_t *found = memchr(bytes + from, 0xFF, count - from);
        if (found == NULL) { return count; }
        from = (size_t)(found - bytes) + 1;
        if (from == count) { return count; }
        const uint8_t code = bytes[from];
        if (code != 0x00 && code != 0xFF && !(code >= 0xD0 && code <= 0xD7)) { return from; }
    }
    return count;
}
