// AVX-512.

#if defined(__x86_64__)

#include <string.h>

#include "internal.h"

#define FAMILY cs_family_avx512

#pragma clang attribute push(                                                                                \
    __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx512cd,avx2,bmi,bmi2"),                      \
        min_vector_width(512))),                                                                             \
    apply_to = function)
#include "family.h"
#pragma clang attribute pop

#endif
