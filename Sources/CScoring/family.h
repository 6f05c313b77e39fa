// Everything of one instruction set; isa_*.c includes it inside a target attribute with FAMILY defined.

// A fused product and sum would differ from the reference in the last bit.
#pragma clang fp contract(off)
#pragma clang diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline, unused))
#define UNROLL _Pragma("clang loop unroll(full)")

#include "columns.h"
#include "walk.h"

#define MASK uint16_t
#define LANES 32
#define QUICK quick16
#include "quick.h"
#undef MASK
#undef LANES
#undef QUICK

#define MASK uint32_t
#define LANES 16
#define QUICK quick32
#include "quick.h"
#undef MASK
#undef LANES
#undef QUICK

#define MASK uint64_t
#define LANES 8
#define QUICK quick64
#include "quick.h"
#undef MASK
#undef LANES
#undef QUICK

#include "layers.h"

static void score_many(
    const cs_forest *forest, const float *columns, size_t rows, void *scratch, double *sums) {
    for (size_t i = 0; i < rows * forest->width; i++) sums[i] = 0;
    switch (forest->mask_bits) {
    case 16: quick16(forest, columns, rows, scratch, sums); break;
    case 32: quick32(forest, columns, rows, scratch, sums); break;
    case 64: quick64(forest, columns, rows, scratch, sums); break;
    default: walk_many(forest, columns, rows, sums); break;
    }
}

const cs_family FAMILY = {.fill_columns = fill_columns,
    .score_one = score_one,
    .score_many = score_many,
    .layer_one = layer_one,
    .layer_many = layer_many,
    .linear = linear};
