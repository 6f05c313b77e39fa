// Depthwise convolution: one vector of 16 channels per pixel and tap.

// P output pixels of one row, all columns of the K taps inside the image; tap rows [i0, i1).
INLINE void depthwise_tile(const float *x, ptrdiff_t row, const float *w, int32_t i0, int32_t i1, v16 *sum,
    const int K, const int S, const int P) {
    v16 acc[8];
    UNROLL
    for (int p = 0; p < P; p++) acc[p] = sum[p];
    for (int32_t i = i0; i < i1; i++) {
        const float *line = x + i * row, *taps = w + i * K * 16;
        UNROLL
        for (int j = 0; j < K; j++) {
            v16 weight = load(taps + j * 16);
            UNROLL
            for (int p = 0; p < P; p++) acc[p] += load(line + (p * S + j) * 16) * weight;
        }
    }
    UNROLL
    for (int p = 0; p < P; p++) sum[p] = acc[p];
}

// One output pixel, any kernel, dilation and place.
static v16 depthwise_pixel(const ck_shape *s, const float *plane, const float *w, int32_t top, int32_t left) {
    v16 sum = zero();
    for (int32_t i = 0; i < s->kernel_height; i++) {
        const int32_t y = top + i * s->dilation_height;
        if (y < 0 || y >= s->in_height) continue;
        for (int32_t j = 0; j < s->kernel_width; j++) {
            const int32_t x = left + j * s->dilation_width;
            if (x < 0 || x >= s->in_width) continue;
            sum += load(plane + (y * s->in_width + x) * 16) * load(w + (i * s->kernel_width + j) * 16);
        }
    }
    return sum;
}

// The first and one past the last output column whose taps are all inside.
INLINE void interior_columns(const ck_shape *s, int32_t *first, int32_t *end) {
    const int32_t reach = (s->kernel_width - 1) * s->dilation_width;
    int32_t a = (s->pad_left + s->stride_width - 1) / s->stride_width;
    int32_t room = s->in_width + s->pad_left - reach;
    int32_t b = room > 0 ? (room + s->stride_width - 1) / s->stride_width : 0;
    if (b > s->out_width) b = s->out_width;
    if (a > b) a = b;
    *first = a;
    *end = b;
}

// Columns [c0, c1) of an output row, any of whose taps may lie outside.
static void depthwise_edge(const ck_shape *s, const float *plane, const float *w, int32_t top, int32_t c0,
    int32_t c1, v16 bias, const float *residual, ck_activation f, float *y) {
    const v16 low = splat(f.a), high = splat(f.b);
    for (int32_t c = c0; c < c1; c++) {
        v16 v = depthwise_pixel(s, plane, w, top, c * s->stride_width - s->pad_left) + bias;
        if (residual) v += load(residual + c * 16);
        if (f.function == CK_CLIP) v = at_most(at_least(v, low), high);
        store(y + c * 16, v);
    }
    if (f.function > CK_CLIP && c1 > c0) activate_row(f, y + c0 * 16, (size_t)(c1 - c0));
}

// P output pixels of one row, finished.
INLINE void depthwise_run(const float *x, ptrdiff_t row, const float *w, int32_t i0, int32_t i1, v16 bias,
    const float *residual, ck_activation f, float *y, const int K, const int S, const int P) {
    v16 sum[8];
    UNROLL
    for (int p = 0; p < P; p++) sum[p] = bias;
    depthwise_tile(x, row, w, i0, i1, sum, K, S, P);
    if (residual) {
        UNROLL
        for (int p = 0; p < P; p++) sum[p] += load(residual + p * 16);
    }
    if (f.function == CK_CLIP) {
        const v16 low = splat(f.a), high = splat(f.b);
        UNROLL
        for (int p = 0; p < P; p++) sum[p] = at_most(at_least(sum[p], low), high);
    }
    UNROLL
    for (int p = 0; p < P; p++) store(y + p * 16, sum[p]);
    if (f.function > CK_CLIP) activate_row(f, y, (size_t)P);
}

// `count` output pixels of one row, all their columns inside: eight at a time at most, as many chains of
// multiply-adds as hide their latency.
INLINE void depthwise_row(const float *x, ptrdiff_t row, const float *w, int32_t i0, int32_t i1, v16 bias,
    const float *residual, ck_activation f, float *y, int32_t count, const int K, const int S) {
    const int32_t width = count > 0 ? even_width(count, 8) : 1;
    for (int32_t c = 0; c < count; c += width) {
        const float *from = x + c * S * 16, *second = residual ? residual + c * 16 : NULL;
        switch (count - c < width ? count - c : width) {
#define RUN(P)                                                                                               \
    case P: depthwise_run(from, row, w, i0, i1, bias, second, f, y + c * 16, K, S, P); break;
            RUN(1) RUN(2) RUN(3) RUN(4) RUN(5) RUN(6) RUN(7) RUN(8)
#undef RUN
        }
    }
}

// Columns [c0, c1), whose taps all lie inside the image's width, of the output row whose taps begin at `top`.
INLINE void depthwise_interior(const ck_shape *s, const float *plane, const float *w, int32_t top, int32_t c0,
    int32_t c1, v16 bias, const float *residual, ck_activation f, float *y, const int K, const int S) {
    const ptrdiff_t row = s->in_width * 16;
    const int32_t i0 = top < 0 ? -top : 0, i1 = top + K > s->in_height ? s->in_height - top : K;
    const float *x = plane + top * row + (c0 * S - s->pad_left) * 16;
    depthwise_row(
        x, row, w, i0, i1, bias, residual ? residual + c0 * 16 : NULL, f, y + c0 * 16, c1 - c0, K, S);
}

// Floats of a plane with its padding that is small enough to be copied, half of the first-level cache. Small
// planes have most of their pixels near an edge (7x7: 20 cycles a pixel tap by tap, 7 so).
enum { PADDED_FLOATS = 24 * 1024 / 4 };

// A whole plane by way of a copy with its padding.
INLINE void depthwise_padded(const ck_shape *s, const float *plane, const float *w, v16 bias,
    const float *residual, ck_activation f, float *y, const int K, const int S) {
    _Alignas(64) float padded[PADDED_FLOATS];
    const int32_t rows = (s->out_height - 1) * S + K, columns = (s->out_width - 1) * S + K;
    const int32_t left = s->pad_left < columns ? s->pad_left : columns;
    const int32_t inside = columns - left < s->in_width ? columns - left : s->in_width;
    for (int32_t r = 0; r < rows; r++) {
        float *to = padded + r * columns * 16;
        const int32_t row = r - s->pad_top;
        if (row < 0 || row >= s->in_height) {
            for (int32_t c = 0; c < columns; c++) store(to + c * 16, zero());
            continue;
        }
        const float *from = plane + row * s->in_width * 16;
        for (int32_t c = 0; c < left; c++) store(to + c * 16, zero());
        for (int32_t c = 0; c < inside; c++) store(to + (left + c) * 16, load(from + c * 16));
        for (int32_t c = left + inside; c < columns; c++) store(to + c * 16, zero());
    }
    for (int32_t r = 0; r < s->out_height; r++, y += s->out_width * 16) {
        depthwise_row(padded + r * columns * S * 16, columns * 16, w, 0, K, bias, residual, f, y,
            s->out_width, K, S);
        if (residual) residual += s->out_width * 16;
    }
}

static void depthwise(const ck_shape *s, const ck_tensors *tensors, size_t begin, size_t end) {
    const size_t blocks = blocks_of((size_t)s->in_channels);
    const size_t in_plane = (size_t)s->in_height * (size_t)s->in_width * 16;
    const size_t out_plane = (size_t)s->out_height * (size_t)s->out_width * 16;
    const int square =
        s->kernel_height == s->kernel_width && s->dilation_height == 1 && s->dilation_width == 1;
    const int stride = s->stride_height == s->stride_width ? s->stride_width : 0;
    const int kind = square && stride >= 1 && stride <= 2 ? s->kernel_width * 10 + stride : 0;
    int32_t c0, c1;
    interior_columns(s, &c0, &c1);
    const int is_unrolled = kind == 31 || kind == 32 || kind == 51 || kind == 52;
    if (!is_unrolled) c0 = c1 = 0;
    const int64_t padded_floats = ((int64_t)(s->out_height - 1) * stride + s->kernel_height) *
                                  ((int64_t)(s->out_width - 1) * stride + s->kernel_width) * 16;
    const int is_small = is_unrolled && padded_floats <= PADDED_FLOATS;
    for (size_t item = begin; item < end; item++) {
        const size_t image = item / blocks, block = item % blocks;
        const float *plane = tensors->x + image * tensors->x_image + block * in_plane;
        const float *w = tensors->weights + block * (size_t)(s->kernel_height * s->kernel_width) * 16;
        const v16 bias = tensors->bias ? load(tensors->bias + block * 16) : zero();
        float *y = tensors->y + image * tensors->y_image + block * out_plane;
        const float *residual = tensors->residual
                                    ? tensors->residual + image * tensors->residual_image + block * out_plane
                                    : NULL;
        if (is_small) {
            const ck_activation f = tensors->activation;
            if (kind == 31) depthwise_padded(s, plane, w, bias, residual, f, y, 3, 1);
            if (kind == 32) depthwise_padded(s, plane, w, bias, residual, f, y, 3, 2);
            if (kind == 51) depthwise_padded(s, plane, w, bias, residual, f, y, 5, 1);
            if (kind == 52) depthwise_padded(s, plane, w, bias, residual, f, y, 5, 2);
            continue;
        }
        for (int32_t r = 0; r < s->out_height; r++, y += s->out_width * 16) {
            const int32_t top = r * s->stride_height - s->pad_top;
            const ck_activation f = tensors->activation;
            if (kind == 31) depthwise_interior(s, plane, w, top, c0, c1, bias, residual, f, y, 3, 1);
            if (kind == 32) depthwise_interior(s, plane, w, top, c0, c1, bias, residual, f, y, 3, 2);
            if (kind == 51) depthwise_interior(s, plane, w, top, c0, c1, bias, residual, f, y, 5, 1);
            if (kind == 52) depthwise_interior(s, plane, w, top, c0, c1, bias, residual, f, y, 5, 2);
            depthwise_edge(s, plane, w, top, 0, c0, bias, residual, f, y);
            depthwise_edge(s, plane, w, top, c1, s->out_width, bias, residual, f, y);
            if (residual) residual += s->out_width * 16;
        }
    }
}
