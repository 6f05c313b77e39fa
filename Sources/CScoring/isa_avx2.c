// AVX2.

#if defined(__x86_64__)

#include <string.h>

#include "internal.h"

#define FAMILY cs_family_avx2

#pragma clang attribute push(                                                                                \
    __attribute__((target("avx2,bmi,bmi2"), min_vector_width(256))), apply_to = function)
#include "family.h"
#pragma clang attribute pop

#endif
