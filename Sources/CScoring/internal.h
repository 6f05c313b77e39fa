// What the instruction sets' families share: the table of their entry points.

#ifndef CSCORING_INTERNAL_H
#define CSCORING_INTERNAL_H

#include "CScoring.h"

typedef struct {
    void (*fill_columns)(const cs_source *, size_t, const double *, const float *, const double *, size_t,
        size_t, float *);
    void (*score_one)(const cs_forest *, const float *, double *);
    void (*score_many)(const cs_forest *, const float *, size_t, void *, double *);
    void (*layer_one)(const double *, const double *, size_t, size_t, const double *, double *);
    void (*layer_many)(const double *, const double *, size_t, size_t, const double *, size_t, double *);
    void (*linear)(const uint32_t *, const double *, const double *, const double *, size_t, double,
        const double *, size_t, size_t, double *);
} cs_family;

extern const cs_family cs_family_portable;
#if defined(__x86_64__)
extern const cs_family cs_family_avx2, cs_family_avx512;
#endif

#endif
