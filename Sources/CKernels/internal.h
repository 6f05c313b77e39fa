// What the instruction sets' families share: the table of their entry points, and sizes.

#ifndef CKERNELS_INTERNAL_H
#define CKERNELS_INTERNAL_H

#include "CKernels.h"

typedef struct {
    int32_t tile_columns; // output pixels of a tile in a row at most
    double (*peak)(double seconds);
    void (*activate)(ck_activation, const float *, float *, size_t);
    void (*add)(ck_activation, const float *, const float *, float *, size_t);
    void (*multiply)(const float *, const float *, float *, size_t);
    void (*softmax)(const float *, float *, size_t, size_t);
    void (*scale_shift)(ck_activation, const float *, const float *, const float *, float *, size_t, size_t);
    void (*block)(const float *, float *, size_t, size_t);
    void (*unblock)(const float *, float *, size_t, size_t);
    void (*direct)(const ck_shape *, const ck_tensors *, float *, size_t *, size_t, size_t);
    void (*first)(const ck_shape *, const ck_tensors *, float *, size_t *, size_t, size_t);
    void (*product)(const ck_product_shape *, const ck_tensors *, float *, size_t, size_t);
    void (*winograd)(
        const ck_shape *, int, size_t, size_t, const ck_tensors *, float *, size_t *, size_t, size_t);
    void (*depthwise)(const ck_shape *, const ck_tensors *, size_t, size_t);
    void (*pool)(const ck_shape *, ck_pooling, int32_t, int32_t, const ck_tensors *, size_t, size_t);
    void (*global_pool)(ck_pooling, const float *, float *, size_t, size_t);
} ck_family;

extern const ck_family ck_family_portable;
#if defined(__x86_64__)
extern const ck_family ck_family_avx2, ck_family_avx512;
#endif

static inline size_t blocks_of(size_t channels) { return (channels + CK_BLOCK - 1) / CK_BLOCK; }
static inline size_t least(size_t a, size_t b) { return a < b ? a : b; }
static inline size_t round_up(size_t a, size_t unit) { return (a + unit - 1) / unit * unit; }

// Floats of a pixel of the first layer's packed rows: 3 channels lie close where the tiles know the stride,
// others have room for 4.
static inline size_t planar_pixel(const ck_shape *s) {
    return s->in_channels == 3 && s->stride_width <= 2 ? 3 : 4;
}

// How the direct form cuts its work: an item is one image, one run of output rows, one part of the groups of
// 32 output channels. `flat`: a 1x1 convolution, all pixels of an image one row. `packs`: rows are copied to
// scratch with their padding first.
typedef struct {
    int flat, packs;
    size_t rows, columns;       // of the output, as the tiles see it
    size_t run, runs;           // output rows (flat: columns) of an item, items across an image
    size_t groups, part, parts; // groups of 32 outputs, groups of an item, items across the groups
    size_t packed_rows, packed_columns;
} ck_cut;

// Whether the padding around rows need not be copied: tiles as wide as the image leave it out with its
// multiply-adds (5 of 9 on 2x2 pixels, 11 of 36 on 4x4, 1 of 6 on 8x8).
static inline int leaves_padding_out(const ck_shape *s, int32_t tile_columns) {
    return s->kernel_height == 3 && s->kernel_width == 3 && s->pad_top == 1 && s->pad_left == 1 &&
           s->stride_height == 1 && s->stride_width == 1 && s->dilation_height == 1 &&
           s->dilation_width == 1 && s->out_height == s->in_height && s->out_width == s->in_width &&
           s->out_width <= tile_columns;
}

ck_cut ck_cut_direct(const ck_shape *shape, size_t pixel_floats);

// Output rows and columns of a tile of Winograd's form m: 2, 4, or 42 for 4 rows by 2 columns.
static inline int winograd_down(int m) { return m > 10 ? m / 10 : m; }
static inline int winograd_across(int m) { return m % 10; }

// Winograd's block of tiles: V is [position][input block][tile][16], M the same with output blocks; both
// position strides are an odd number of lines, so that the positions of one tile fall in different sets of
// the cache.
typedef struct {
    size_t tiles_down, tiles_across, tiles, positions, in_blocks, out_blocks, groups, v_stride, m_stride;
} ck_winograd_cut;
ck_winograd_cut ck_cut_winograd(const ck_shape *shape, int m, size_t block);

#endif
