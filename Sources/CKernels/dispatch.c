// The public entry points: pick the family of an instruction set.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "internal.h"

const char *ck_isa_name(ck_isa isa) {
    switch (isa) {
    case CK_ISA_PORTABLE: return "portable";
    case CK_ISA_AVX2: return "avx2";
    case CK_ISA_AVX512: return "avx512";
    }
    return "portable";
}

static ck_isa of_processor(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
        return CK_ISA_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return CK_ISA_AVX2;
#endif
    return CK_ISA_PORTABLE;
}

ck_isa ck_isa_best(void) {
    ck_isa best = of_processor();
    const char *named = getenv("AUGUR_ISA");
    if (!named) return best;
    for (int isa = CK_ISA_PORTABLE; isa < (int)best; isa++)
        if (!strcmp(named, ck_isa_name((ck_isa)isa))) return (ck_isa)isa;
    return best;
}

int32_t ck_revision(void) { return 6; }

const char *ck_processor(void) {
#if defined(__x86_64__)
    // One text a thread: no lock.
    static _Thread_local char text[64];
    unsigned a = 0, b, c, d;
    __get_cpuid(1, &a, &b, &c, &d);
    unsigned family = (a >> 8 & 15) + ((a >> 8 & 15) == 15 ? a >> 20 & 255 : 0);
    unsigned model = (a >> 4 & 15) | (a >> 16 & 15) << 4;
    snprintf(text, sizeof text, "x86-64 family %u model %u stepping %u", family, model, a & 15);
    return text;
#elif defined(__aarch64__)
    return "arm64";
#else
    return "other";
#endif
}

static const ck_family *family(ck_isa isa) {
#if defined(__x86_64__)
    if (isa == CK_ISA_AVX512) return &ck_family_avx512;
    if (isa == CK_ISA_AVX2) return &ck_family_avx2;
#endif
    return &ck_family_portable;
}

double ck_measure_peak(ck_isa isa, double seconds) { return family(isa)->peak(seconds); }

double ck_measure_stream(const float *data, size_t floats) {
    double best = 0;
    // Twice to fill the cache, then the least of six.
    for (int turn = 0; turn < 8; turn++) {
        struct timespec from, to;
        clock_gettime(CLOCK_MONOTONIC, &from);
        float sum[32] = {0};
        for (size_t i = 0; i + 32 <= floats; i += 32)
            for (size_t lane = 0; lane < 32; lane++) sum[lane] += data[i + lane];
        volatile float sink = 0;
        for (size_t lane = 0; lane < 32; lane++) sink = sink + sum[lane];
        clock_gettime(CLOCK_MONOTONIC, &to);
        const double took = (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
        if (turn >= 2 && took > 0 && 4 * (double)floats / took > best) best = 4 * (double)floats / took;
    }
    return best;
}

void ck_activate(ck_isa isa, ck_activation f, const float *x, float *y, size_t count) {
    family(isa)->activate(f, x, y, count);
}
void ck_add(ck_isa isa, ck_activation f, const float *a, const float *b, float *y, size_t count) {
    family(isa)->add(f, a, b, y, count);
}
void ck_multiply(ck_isa isa, const float *a, const float *b, float *y, size_t count) {
    family(isa)->multiply(a, b, y, count);
}
void ck_softmax(ck_isa isa, const float *x, float *y, size_t rows, size_t columns) {
    family(isa)->softmax(x, y, rows, columns);
}
void ck_scale_shift(ck_isa isa, ck_activation f, const float *x, const float *scale, const float *shift,
    float *y, size_t blocks, size_t pixels) {
    family(isa)->scale_shift(f, x, scale, shift, y, blocks, pixels);
}
void ck_block(ck_isa isa, const float *x, float *y, size_t channels, size_t pixels) {
    family(isa)->block(x, y, channels, pixels);
}
void ck_unblock(ck_isa isa, const float *x, float *y, size_t channels, size_t pixels) {
    family(isa)->unblock(x, y, channels, pixels);
}
size_t ck_direct_taps(ck_isa isa, const ck_shape *s) {
    const size_t rows = (size_t)s->out_height, columns = (size_t)s->out_width;
    if (leaves_padding_out(s, family(isa)->tile_columns)) return (3 * rows - 2) * (3 * columns - 2);
    return rows * columns * (size_t)s->kernel_height * (size_t)s->kernel_width;
}
void ck_direct(ck_isa isa, const ck_shape *s, const ck_tensors *t, float *scratch, size_t *held, size_t begin,
    size_t end) {
    family(isa)->direct(s, t, scratch, held, begin, end);
}
void ck_first(ck_isa isa, const ck_shape *s, const ck_tensors *t, float *scratch, size_t *held, size_t begin,
    size_t end) {
    family(isa)->first(s, t, scratch, held, begin, end);
}
void ck_product(
    ck_isa isa, const ck_product_shape *s, const ck_tensors *t, float *scratch, size_t begin, size_t end) {
    family(isa)->product(s, t, scratch, begin, end);
}
void ck_winograd(ck_isa isa, const ck_shape *s, int m, size_t block, size_t parts, const ck_tensors *t,
    float *scratch, size_t *held, size_t begin, size_t end) {
    family(isa)->winograd(s, m, block, parts, t, scratch, held, begin, end);
}
void ck_depthwise(ck_isa isa, const ck_shape *s, const ck_tensors *t, size_t begin, size_t end) {
    family(isa)->depthwise(s, t, begin, end);
}
void ck_pool(ck_isa isa, const ck_shape *s, ck_pooling pooling, int32_t pad_bottom, int32_t pad_right,
    const ck_tensors *t, size_t begin, size_t end) {
    family(isa)->pool(s, pooling, pad_bottom, pad_right, t, begin, end);
}
void ck_global_pool(ck_isa isa, ck_pooling pooling, const float *x, float *y, size_t blocks, size_t pixels) {
    family(isa)->global_pool(pooling, x, y, blocks, pixels);
}
