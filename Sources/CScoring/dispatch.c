// The public entry points: pick the family of the processor's instruction set.

#include <stdlib.h>
#include <string.h>

#include "internal.h"

static int found_level(void) {
#if defined(__x86_64__)
    int level = 0;
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")) level = 1;
    if (level == 1 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512cd"))
        level = 2;
    const char *named = getenv("AUGUR_ISA");
    if (named && !strcmp(named, "portable")) level = 0;
    if (named && !strcmp(named, "avx2") && level > 1) level = 1;
    return level;
#else
    return 0;
#endif
}

static int level_cached = -1;

int cs_level(void) {
    // Threads that come here at once find the same.
    int level = __atomic_load_n(&level_cached, __ATOMIC_RELAXED);
    if (level < 0) {
        level = found_level();
        __atomic_store_n(&level_cached, level, __ATOMIC_RELAXED);
    }
    return level;
}

int cs_take_level(int level) {
    int most = found_level();
    if (level < 0 || level > most) level = most;
    __atomic_store_n(&level_cached, level, __ATOMIC_RELAXED);
    return level;
}

static const cs_family *family(void) {
#if defined(__x86_64__)
    switch (cs_level()) {
    case 2: return &cs_family_avx512;
    case 1: return &cs_family_avx2;
    }
#endif
    return &cs_family_portable;
}

void cs_fill_columns(const cs_source *sources, size_t count, const double *thresholds, const float *answers,
    const double *values, size_t rows, size_t stride, float *columns) {
    family()->fill_columns(sources, count, thresholds, answers, values, rows, stride, columns);
}

void cs_score_one(const cs_forest *forest, const float *columns, double *sums) {
    family()->score_one(forest, columns, sums);
}

uint32_t cs_leaf(const cs_forest *forest, const float *columns) {
    const cs_node *nodes = forest->nodes + forest->trees->node;
    uint32_t at = 0;
    for (;;) {
        cs_node node = nodes[at];
        uint32_t next = node.left + !(columns[node.column] < node.threshold);
        if (next == at) return forest->trees->leaf + (uint32_t)node.threshold - 1;
        at = next;
    }
}

void cs_score_many(const cs_forest *forest, const float *columns, size_t rows, void *scratch, double *sums) {
    family()->score_many(forest, columns, rows, scratch, sums);
}

void cs_layer_one(
    const double *weights, const double *bias, size_t inputs, size_t outputs, const double *x, double *y) {
    family()->layer_one(weights, bias, inputs, outputs, x, y);
}

void cs_layer_many(const double *weights, const double *bias, size_t inputs, size_t outputs, const double *x,
    size_t rows, double *y) {
    family()->layer_many(weights, bias, inputs, outputs, x, rows, y);
}

void cs_linear(const uint32_t *from, const double *shift, const double *scale, const double *coefficients,
    size_t terms, double intercept, const double *values, size_t rows, size_t stride, double *sums) {
    family()->linear(from, shift, scale, coefficients, terms, intercept, values, rows, stride, sums);
}
