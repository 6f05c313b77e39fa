// Vectors of 16 floats, the same source for every instruction set: the compiler makes one zmm, two ymm or
// four xmm / NEON registers of each. Included by isa_*.c inside their target attribute.

// Vectors pass between functions of one family only, nearly all inlined: there is no ABI to keep.
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang fp contract(fast)

typedef float v16 __attribute__((vector_size(64)));
typedef float v16u __attribute__((vector_size(64), aligned(4)));
typedef int32_t i16 __attribute__((vector_size(64)));

#define INLINE static inline __attribute__((always_inline, unused))
#define UNROLL _Pragma("clang loop unroll(full)")

INLINE v16 load(const float *p) { return *(const v16 *)p; }
INLINE v16 load_any(const float *p) { return *(const v16u *)p; }
INLINE void store(float *p, v16 v) { *(v16 *)p = v; }
INLINE void store_any(float *p, v16 v) { *(v16u *)p = v; }
INLINE v16 splat(float x) { return (v16){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x}; }
INLINE v16 zero(void) { return (v16){0}; }
// A NaN in x stays a NaN: the second operand of the machine's max is what it returns then.
INLINE v16 choose(i16 mask, v16 yes, v16 no) { return (v16)((mask & (i16)yes) | (~mask & (i16)no)); }
INLINE v16 at_least(v16 x, v16 low) { return choose(low > x, low, x); }
INLINE v16 at_most(v16 x, v16 high) { return choose(high < x, high, x); }
INLINE v16 magnitude(v16 x) { return (v16)((i16)x & 0x7fffffff); }

// The first `count` lanes, the others 0.
INLINE v16 load_part(const float *p, size_t count) {
    v16 v = zero();
    for (size_t i = 0; i < count; i++) v[i] = p[i];
    return v;
}
INLINE void store_part(float *p, v16 v, size_t count) {
    for (size_t i = 0; i < count; i++) p[i] = v[i];
}

// exp by x = n ln 2 + r, |r| <= ln 2 / 2, and a polynomial of degree 6; relative error below 2e-7.
// n is rounded by adding 1.5 * 2^23; inputs beyond the range give 0 and a value near FLT_MAX (the callers
// that must give infinity do so themselves).
INLINE v16 exponential(v16 x) {
    const v16 magic = splat(12582912.0f);
    x = at_most(at_least(x, splat(-87.33654f)), splat(88.37626f));
    v16 n = x * 1.44269504088896341f + magic;
    i16 shift = (i16)n << 23;
    n -= magic;
    v16 r = x - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    v16 p = splat(1.9875691500e-4f);
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + (r + 1.0f);
    return (v16)((i16)p + shift);
}

INLINE v16 sigmoid(v16 x) { return 1.0f / (1.0f + exponential(-x)); }

// tanh(x) = 1 - 2 / (exp(2x) + 1) away from 0, an odd polynomial near it (Cephes' tanhf).
INLINE v16 hyperbolic_tangent(v16 x) {
    v16 z = x * x;
    v16 p = splat(-5.70498872745e-3f);
    p = p * z + 2.06390887954e-2f;
    p = p * z + -5.37397155531e-2f;
    p = p * z + 1.33314422036e-1f;
    p = p * z + -3.33332819422e-1f;
    v16 small = p * z * x + x;
    v16 m = magnitude(x);
    v16 large = 1.0f - 2.0f / (exponential(m + m) + 1.0f);
    large = (v16)((i16)large | ((i16)x & (int32_t)0x80000000));
    return choose(m < 0.625f, small, large);
}

// 2^x for x in [-126, 127], the polynomial a minimax one of degree 5; relative error below 3e-7.
INLINE v16 power_of_two(v16 x) {
    const v16 magic = splat(12582912.0f);
    v16 n = x + magic;
    i16 shift = (i16)n << 23;
    v16 r = x - (n - magic);
    v16 p = splat(1.32764725e-3f);
    p = p * r + 9.67554189e-3f;
    p = p * r + 5.55071309e-2f;
    p = p * r + 2.40221202e-1f;
    p = p * r + 6.93146944e-1f;
    p = p * r + 1.00000012f;
    return (v16)((i16)p + shift);
}

// x * Phi(x), Phi the normal distribution function: the logarithm of its tail, 1 - Phi(m) = 2^p(m), by a
// minimax polynomial of degree 8 on [0, 6] that falls on beyond; no division. Error of Phi below 2e-7, of the
// product below 2e-7 of the larger of 1 and itself (1e-6 is tested).
INLINE v16 gelu(v16 x) {
    v16 m = magnitude(x);
    v16 p = splat(-2.09645623e-6f);
    p = p * m + 3.06612019e-5f;
    p = p * m + -1.45487458e-4f;
    p = p * m + -2.33147381e-4f;
    p = p * m + 7.18584284e-3f;
    p = p * m + -5.25782369e-2f;
    p = p * m + -4.59182024e-1f;
    p = p * m + -1.15110826f;
    p = p * m + -0.99999994f;
    v16 tail = power_of_two(at_least(p, splat(-126.0f)));
    return x * choose(x > 0.0f, 1.0f - tail, tail);
}

INLINE v16 gelu_by_tanh(v16 x) {
    v16 inner = x * (0.7978845608028654f + 0.7978845608028654f * 0.044715f * x * x);
    return x * sigmoid(inner + inner);
}

INLINE v16 activated(v16 x, ck_function function, v16 a, v16 b) {
    switch (function) {
    case CK_NONE: return x;
    case CK_CLIP: return at_most(at_least(x, a), b);
    case CK_LEAKY: return choose(x < 0.0f, a * x, x);
    case CK_GELU: return gelu(x);
    case CK_GELU_TANH: return gelu_by_tanh(x);
    case CK_SILU: return x * sigmoid(x);
    case CK_HARDSWISH: return x * at_most(at_least(x * (1.0f / 6.0f) + 0.5f, zero()), splat(1.0f));
    case CK_HARDSIGMOID: return at_most(at_least(x * a + b, zero()), splat(1.0f));
    case CK_SIGMOID: return sigmoid(x);
    case CK_TANH: return hyperbolic_tangent(x);
    case CK_ELU: return choose(x < 0.0f, a * (exponential(x) - 1.0f), x);
    }
    return x;
}
