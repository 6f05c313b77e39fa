// AVX2 and FMA.

#if defined(__x86_64__)

#include <math.h>
#include <string.h>
#include <time.h>

#include "internal.h"

#define FAMILY ck_family_avx2
#define PEAK_CHAINS 6
#define TILE_BLOCKS 1
#define TILE_COLUMNS 6
#define TILE_PAIR 3
#define ONE_ROW EACH_UP_TO_6
#define TWO_ROWS EACH_UP_TO_3

#pragma clang attribute push(                                                                                \
    __attribute__((target("avx2,fma,bmi2"), min_vector_width(256))), apply_to = function)
#include "family.h"
#pragma clang attribute pop

#endif
