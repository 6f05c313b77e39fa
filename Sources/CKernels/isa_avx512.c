// AVX-512.

#if defined(__x86_64__)

#include <math.h>
#include <string.h>
#include <time.h>

#include "internal.h"

#define FAMILY ck_family_avx512
#define PEAK_CHAINS 24
#define TILE_BLOCKS 2
#define TILE_COLUMNS 14
#define TILE_PAIR 7
#define ONE_ROW EACH_UP_TO_14
#define TWO_ROWS EACH_UP_TO_7

#pragma clang attribute push(                                                                                \
    __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma,bmi2"), min_vector_width(512))),      \
    apply_to = function)
#include "family.h"
#pragma clang attribute pop

#endif
