// Element-wise kernels, softmax, layouts and pooling.

static double peak(double seconds) {
    v16 sum[24], a = splat(0.999f), b = splat(0.001f);
    double best = 0, spent = 0;
    UNROLL
    for (int i = 0; i < 24; i++) sum[i] = splat((float)i);
    while (spent < seconds) {
        struct timespec from, to;
        clock_gettime(CLOCK_MONOTONIC, &from);
        for (int k = 0; k < 100000; k++) {
            UNROLL
            for (int i = 0; i < PEAK_CHAINS; i++) sum[i] = sum[i] * a + b;
            __asm__ volatile("" : "+r"(k));
        }
        clock_gettime(CLOCK_MONOTONIC, &to);
        const double took = (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
        const double rate = 100000.0 * PEAK_CHAINS * 32 / took;
        if (rate > best) best = rate;
        spent += took;
    }
    volatile float sink = 0;
    UNROLL
    for (int i = 0; i < 24; i++) sink = sink + sum[i][0];
    return best;
}

static void activate(ck_activation f, const float *x, float *y, size_t count) {
    const v16 a = splat(f.a), b = splat(f.b);
    const size_t whole = count & ~(size_t)15, rest = count - whole;
    switch (f.function) {
#define RUN(name)                                                                                            \
    case name:                                                                                               \
        for (size_t i = 0; i < whole; i += 16) store_any(y + i, activated(load_any(x + i), name, a, b));     \
        if (rest) store_part(y + whole, activated(load_part(x + whole, rest), name, a, b), rest);            \
        return;
        RUN(CK_NONE)
        RUN(CK_CLIP) RUN(CK_LEAKY) RUN(CK_GELU) RUN(CK_GELU_TANH) RUN(CK_SILU) RUN(CK_HARDSWISH)
            RUN(CK_HARDSIGMOID) RUN(CK_SIGMOID) RUN(CK_TANH) RUN(CK_ELU)
#undef RUN
    }
}

// Chunks of y that stay in the first-level cache between the sum and its activation.
enum { CHUNK = 2048 };

static void add(ck_activation f, const float *a, const float *b, float *y, size_t count) {
    for (size_t from = 0; from < count; from += CHUNK) {
        const size_t n = least(CHUNK, count - from);
        size_t i = 0;
        for (; i + 16 <= n; i += 16) store_any(y + from + i, load_any(a + from + i) + load_any(b + from + i));
        for (; i < n; i++) y[from + i] = a[from + i] + b[from + i];
        if (f.function != CK_NONE) activate(f, y + from, y + from, n);
    }
}

static void multiply(const float *a, const float *b, float *y, size_t count) {
    size_t i = 0;
    for (; i + 16 <= count; i += 16) store_any(y + i, load_any(a + i) * load_any(b + i));
    for (; i < count; i++) y[i] = a[i] * b[i];
}

static void softmax(const float *x, float *y, size_t rows, size_t columns) {
    for (size_t row = 0; row < rows; row++, x += columns, y += columns) {
        v16 top = splat(-INFINITY), sum = zero();
        size_t i = 0;
        for (; i + 16 <= columns; i += 16) top = at_least(load_any(x + i), top);
        float most = -INFINITY;
        for (int lane = 0; lane < 16; lane++) most = top[lane] > most ? top[lane] : most;
        for (; i < columns; i++) most = x[i] > most ? x[i] : most;
        for (i = 0; i < columns; i += 16) {
            const size_t n = least(16, columns - i);
            v16 e = exponential((n == 16 ? load_any(x + i) : load_part(x + i, n)) - most);
            if (n == 16) {
                store_any(y + i, e);
                sum += e;
            } else {
                store_part(y + i, e, n);
                for (size_t lane = 0; lane < n; lane++) sum[lane] += e[lane];
            }
        }
        float total = 0;
        for (int lane = 0; lane < 16; lane++) total += sum[lane];
        const float scale = 1.0f / total;
        for (i = 0; i < columns; i++) y[i] *= scale;
    }
}

static void scale_shift(ck_activation f, const float *x, const float *scale, const float *shift, float *y,
    size_t blocks, size_t pixels) {
    for (size_t b = 0; b < blocks; b++, x += pixels * 16, y += pixels * 16) {
        const v16 factor = scale ? load(scale + 16 * b) : splat(1),
                  offset = shift ? load(shift + 16 * b) : zero();
        for (size_t from = 0; from < pixels; from += CHUNK / 16) {
            const size_t end = least(pixels, from + CHUNK / 16);
            for (size_t p = from; p < end; p++) store(y + p * 16, load(x + p * 16) * factor + offset);
            if (f.function != CK_NONE) activate_row(f, y + from * 16, end - from);
        }
    }
}

static void block(const float *x, float *y, size_t channels, size_t pixels) {
    for (size_t from = 0; from < channels; from += 16, y += pixels * 16) {
        const size_t lanes = least(16, channels - from);
        const float *plane = x + from * pixels;
        for (size_t p = 0; p < pixels; p++) {
            v16 v = zero();
            if (lanes == 16) {
                UNROLL
                for (int lane = 0; lane < 16; lane++) v[lane] = plane[(size_t)lane * pixels + p];
            } else {
                for (size_t lane = 0; lane < lanes; lane++) v[lane] = plane[lane * pixels + p];
            }
            store(y + p * 16, v);
        }
    }
}

static void unblock(const float *x, float *y, size_t channels, size_t pixels) {
    for (size_t from = 0; from < channels; from += 16, x += pixels * 16) {
        const size_t lanes = least(16, channels - from);
        for (size_t lane = 0; lane < lanes; lane++) {
            float *line = y + (from + lane) * pixels;
            for (size_t p = 0; p < pixels; p++) line[p] = x[p * 16 + lane];
        }
    }
}

// One output pixel of a window at (top, left), wherever it lies.
static v16 pool_pixel(const ck_shape *s, ck_pooling pooling, int32_t pad_bottom, int32_t pad_right,
    const float *plane, int32_t top, int32_t left) {
    v16 value = pooling == CK_POOL_MAX ? splat(-INFINITY) : zero();
    int32_t inside = 0, padded = 0;
    for (int32_t i = 0; i < s->kernel_height; i++) {
        const int32_t row = top + i * s->dilation_height;
        if (row >= s->in_height + pad_bottom) break;
        for (int32_t j = 0; j < s->kernel_width; j++) {
            const int32_t column = left + j * s->dilation_width;
            if (column >= s->in_width + pad_right) break;
            padded++;
            if (row < 0 || row >= s->in_height || column < 0 || column >= s->in_width) continue;
            const v16 v = load(plane + (row * s->in_width + column) * 16);
            value = pooling == CK_POOL_MAX ? at_least(v, value) : value + v;
            inside++;
        }
    }
    const int32_t taps = pooling == CK_POOL_AVERAGE ? inside : padded;
    if (pooling != CK_POOL_MAX) value = value * (taps > 0 ? 1.0f / (float)taps : 0.0f);
    return value;
}

// Columns [c0, c1) of a row whose K x K windows lie inside, for the usual maximum.
INLINE void pool_inside(
    const ck_shape *s, const float *plane, int32_t top, int32_t c0, int32_t c1, float *y, const int K) {
    const ptrdiff_t row = s->in_width * 16;
    for (int32_t c = c0; c < c1; c++) {
        const float *x = plane + top * row + (c * s->stride_width - s->pad_left) * 16;
        v16 value = load(x);
        UNROLL
        for (int i = 0; i < K; i++) UNROLL
        for (int j = 0; j < K; j++) value = at_least(load(x + i * row + j * 16), value);
        store(y + c * 16, value);
    }
}

static void pool_plane(const ck_shape *s, ck_pooling pooling, int32_t pad_bottom, int32_t pad_right,
    const float *plane, float *y) {
    const int32_t kernel = s->kernel_height;
    const int usual = pooling == CK_POOL_MAX && kernel == s->kernel_width && (kernel == 2 || kernel == 3) &&
                      s->dilation_height == 1 && s->dilation_width == 1;
    int32_t first, end;
    interior_columns(s, &first, &end);
    for (int32_t r = 0; r < s->out_height; r++, y += s->out_width * 16) {
        const int32_t top = r * s->stride_height - s->pad_top;
        const int inside = usual && top >= 0 && top + kernel <= s->in_height;
        const int32_t c0 = inside ? first : 0, c1 = inside ? end : 0;
        if (inside && kernel == 2) pool_inside(s, plane, top, c0, c1, y, 2);
        if (inside && kernel == 3) pool_inside(s, plane, top, c0, c1, y, 3);
        for (int32_t c = 0; c < s->out_width; c++) {
            if (c == c0 && c1 > c0) c = c1;
            if (c >= s->out_width) break;
            const int32_t left = c * s->stride_width - s->pad_left;
            store(y + c * 16, pool_pixel(s, pooling, pad_bottom, pad_right, plane, top, left));
        }
    }
}

static void pool(const ck_shape *s, ck_pooling pooling, int32_t pad_bottom, int32_t pad_right,
    const ck_tensors *tensors, size_t begin, size_t end) {
    const size_t blocks = blocks_of((size_t)s->in_channels);
    const size_t in_plane = (size_t)s->in_height * (size_t)s->in_width * 16;
    const size_t out_plane = (size_t)s->out_height * (size_t)s->out_width * 16;
    for (size_t item = begin; item < end; item++) {
        const size_t image = item / blocks, b = item % blocks;
        float *y = tensors->y + image * tensors->y_image + b * out_plane;
        pool_plane(
            s, pooling, pad_bottom, pad_right, tensors->x + image * tensors->x_image + b * in_plane, y);
        if (tensors->activation.function != CK_NONE)
            activate_row(tensors->activation, y, (size_t)s->out_height * (size_t)s->out_width);
    }
}

static void global_pool(ck_pooling pooling, const float *x, float *y, size_t blocks, size_t pixels) {
    for (size_t b = 0; b < blocks; b++, x += pixels * 16) {
        v16 value[2] = {load(x), pooling == CK_POOL_MAX ? load(x) : zero()};
        for (size_t p = 1; p < pixels; p++) {
            const v16 v = load(x + p * 16);
            value[p % 2] = pooling == CK_POOL_MAX ? at_least(v, value[p % 2]) : value[p % 2] + v;
        }
        const v16 both = pooling == CK_POOL_MAX ? at_least(value[1], value[0]) : value[0] + value[1];
        store(y + b * 16, pooling == CK_POOL_MAX ? both : both * (1.0f / (float)pixels));
    }
}
