// Winograd's minimal filtering F(m x n, 3 x 3) (Lavin and Gray, arXiv:1509.09308), m and n = 2 or 4, points
// 0, 1, -1, 2, -2 and infinity: Y = A^T [ (G g G^T) * (B^T d B) ] A, the matrices on the left those of the
// rows, on the right those of the columns, the middle product summed over input channels as one matrix
// product per position of the tile. A and B below are rows and columns of the tile's input, m + 2 and n + 2.

// One column or row of B^T d: six values in, six out.
INLINE void input_line_6(const v16 d[6], v16 t[6]) {
    v16 even = d[4] - 4.0f * d[2], odd = d[3] - 4.0f * d[1];
    v16 far = d[4] - d[2], near = d[3] - d[1];
    t[0] = 4.0f * d[0] + (d[4] - 5.0f * d[2]);
    t[1] = even + odd;
    t[2] = even - odd;
    t[3] = far + 2.0f * near;
    t[4] = t[3] - 4.0f * near;
    t[5] = 4.0f * d[1] + (d[5] - 5.0f * d[3]);
}

INLINE void input_line_4(const v16 d[4], v16 t[4]) {
    t[0] = d[0] - d[2];
    t[1] = d[1] + d[2];
    t[2] = d[2] - d[1];
    t[3] = d[1] - d[3];
}

INLINE void output_line_6(const v16 m[6], v16 y[4]) {
    v16 sum = m[1] + m[2], difference = m[1] - m[2], far_sum = m[3] + m[4], far = m[3] - m[4];
    y[0] = m[0] + sum + far_sum;
    y[1] = difference + 2.0f * far;
    y[2] = sum + 4.0f * far_sum;
    y[3] = difference + 8.0f * far + m[5];
}

INLINE void output_line_4(const v16 m[4], v16 y[2]) {
    y[0] = m[0] + m[1] + m[2];
    y[1] = m[1] - m[2] - m[3];
}

// The pixels from `at` of a plane whose rows are `row` floats long -> the A * B positions of one tile,
// `stride` floats apart. Of rows and columns whose bit is not set the pixels are zero, and not read.
INLINE void transform_input(const float *plane, ptrdiff_t at, ptrdiff_t row, uint32_t rows, uint32_t columns,
    float *v, size_t stride, const int A, const int B) {
    static const _Alignas(64) float outside[16];
    v16 half[6][6], line[6], out[6];
    UNROLL
    for (int j = 0; j < B; j++) {
        UNROLL
        for (int i = 0; i < A; i++)
            line[i] = load(rows >> i & columns >> j & 1 ? plane + (at + i * row + j * 16) : outside);
        if (A == 6)
            input_line_6(line, out);
        else
            input_line_4(line, out);
        UNROLL
        for (int i = 0; i < A; i++) half[i][j] = out[i];
    }
    UNROLL
    for (int i = 0; i < A; i++) {
        if (B == 6)
            input_line_6(half[i], out);
        else
            input_line_4(half[i], out);
        UNROLL
        for (int j = 0; j < B; j++) store(v + (size_t)(i * B + j) * stride, out[j]);
    }
}

INLINE void transform_output(const float *p, size_t stride, v16 *y, const int A, const int B) {
    const int m = A - 2, n = B - 2;
    v16 half[4][6], line[6], out[4];
    UNROLL
    for (int j = 0; j < B; j++) {
        UNROLL
        for (int i = 0; i < A; i++) line[i] = load(p + (size_t)(i * B + j) * stride);
        if (A == 6)
            output_line_6(line, out);
        else
            output_line_4(line, out);
        UNROLL
        for (int i = 0; i < m; i++) half[i][j] = out[i];
    }
    UNROLL
    for (int i = 0; i < m; i++) {
        if (B == 6)
            output_line_6(half[i], out);
        else
            output_line_4(half[i], out);
        UNROLL
        for (int j = 0; j < n; j++) y[i * n + j] = out[j];
    }
}

// Where a tile of the batch lies.
typedef struct {
    size_t image;
    int32_t down, across;
} tile_place;

INLINE tile_place place_of(const ck_winograd_cut *cut, size_t index) {
    const size_t each = cut->tiles_down * cut->tiles_across, within = index % each;
    return (tile_place){
        index / each, (int32_t)(within / cut->tiles_across), (int32_t)(within % cut->tiles_across)};
}

INLINE void next_place(const ck_winograd_cut *cut, tile_place *p) {
    if (++p->across < (int32_t)cut->tiles_across) return;
    p->across = 0;
    if (++p->down < (int32_t)cut->tiles_down) return;
    p->down = 0;
    p->image++;
}

// Bit i is set where first + i lies in [0, size), for i below 6; first is above -32.
INLINE uint32_t bits_inside(int32_t first, int32_t size) {
    const uint32_t below = size - first >= 6 ? 63 : size > first ? (1u << (size - first)) - 1 : 0;
    return first < 0 ? below & ~((1u << -first) - 1) : below;
}

INLINE void winograd_input_block(const ck_shape *s, const ck_winograd_cut *cut, size_t first, size_t count,
    size_t block, size_t in_block, const ck_tensors *tensors, float *v, const int A, const int B) {
    const int m = A - 2, n = B - 2;
    const int32_t height = s->in_height, width = s->in_width;
    const ptrdiff_t row = (ptrdiff_t)width * 16;
    tile_place p = place_of(cut, first);
    for (size_t t = 0; t < count; t++, next_place(cut, &p)) {
        const float *plane =
            tensors->x + p.image * tensors->x_image + in_block * (size_t)(height * width) * 16;
        const int32_t top = p.down * m - s->pad_top, left = p.across * n - s->pad_left;
        const ptrdiff_t at = top * row + left * 16;
        float *to = v + (in_block * block + t) * 16;
        if (top >= 0 && left >= 0 && top + A <= height && left + B <= width)
            transform_input(plane, at, row, ~0u, ~0u, to, cut->v_stride, A, B);
        else
            transform_input(
                plane, at, row, bits_inside(top, height), bits_inside(left, width), to, cut->v_stride, A, B);
    }
}

// The maximum of each 2x2 of a tile's `rows` x `columns` results, activated, to the image of half the size.
INLINE void store_pooled(const ck_shape *s, const ck_tensors *tensors, size_t out_block, const tile_place *p,
    const v16 *y, int32_t rows, int32_t columns, const int m, const int n) {
    const int32_t height = s->out_height / 2, width = s->out_width / 2;
    const ck_activation f = tensors->activation;
    v16 most[4];
    UNROLL
    for (int i = 0; i < m / 2; i++) UNROLL
    for (int j = 0; j < n / 2; j++) {
        const v16 *at = y + 2 * i * n + 2 * j;
        most[i * n / 2 + j] = at_least(at_least(at[1], at[0]), at_least(at[n + 1], at[n]));
    }
    if (f.function != CK_NONE) activate_row(f, (float *)most, (size_t)(m * n / 4));
    const ptrdiff_t first = (ptrdiff_t)p->down * (m / 2) * width + p->across * (n / 2);
    float *to = tensors->y + p->image * tensors->y_image +
                ((ptrdiff_t)out_block * height * width + first) * 16;
    for (int32_t i = 0; i < rows / 2; i++)
        for (int32_t j = 0; j < columns / 2; j++) store(to + (i * width + j) * 16, most[i * n / 2 + j]);
}

INLINE void winograd_output_block(const ck_shape *s, const ck_winograd_cut *cut, size_t first, size_t count,
    size_t block, size_t out_block, const ck_tensors *tensors, const float *products, const int A,
    const int B) {
    const int m = A - 2, n = B - 2;
    const int32_t height = s->out_height, width = s->out_width;
    const size_t plane = out_block * (size_t)(height * width) * 16;
    const v16 bias = tensors->bias ? load(tensors->bias + 16 * out_block) : zero();
    const ck_activation f = tensors->activation;
    const v16 low = splat(f.a), high = splat(f.b);
    v16 y[16];
    tile_place p = place_of(cut, first);
    for (size_t t = 0; t < count; t++, next_place(cut, &p)) {
        transform_output(products + (out_block * block + t) * 16, cut->m_stride, y, A, B);
        UNROLL
        for (int i = 0; i < m * n; i++) y[i] += bias;
        const int32_t top = p.down * m, left = p.across * n;
        const int32_t rows = height - top < m ? height - top : m,
                      columns = width - left < n ? width - left : n;
        if (tensors->pooled) {
            store_pooled(s, tensors, out_block, &p, y, rows, columns, m, n);
            continue;
        }
        const size_t at = plane + (size_t)(top * width + left) * 16;
        float *to = tensors->y + p.image * tensors->y_image + at;
        const float *residual =
            tensors->residual ? tensors->residual + p.image * tensors->residual_image + at : NULL;
        if (residual) {
            for (int32_t i = 0; i < rows; i++)
                for (int32_t j = 0; j < columns; j++) y[i * n + j] += load(residual + (i * width + j) * 16);
        }
        if (f.function == CK_CLIP) {
            UNROLL
            for (int i = 0; i < m * n; i++) y[i] = at_most(at_least(y[i], low), high);
        } else if (f.function > CK_CLIP) {
            activate_row(f, (float *)y, (size_t)(m * n));
        }
        if (rows == m && columns == n) {
            UNROLL
            for (int i = 0; i < m; i++) UNROLL
            for (int j = 0; j < n; j++) store(to + (i * width + j) * 16, y[i * n + j]);
            continue;
        }
        for (int32_t i = 0; i < rows; i++)
            for (int32_t j = 0; j < columns; j++) store(to + (i * width + j) * 16, y[i * n + j]);
    }
}

// The products of the groups [begin, end) of 32 output channels at all positions, for `count` tiles.
static void winograd_products(const ck_shape *s, const ck_winograd_cut *cut, size_t count, size_t block,
    const float *weights, const float *v, float *products, size_t begin, size_t end) {
    const size_t inputs = (size_t)s->in_channels, position_floats = inputs * cut->out_blocks * 16;
    tile t = {.x_pixel = 16,
        .x_block = (ptrdiff_t)block * 16,
        .blocks = (int32_t)cut->in_blocks,
        .channels = 16,
        .last = (int32_t)(inputs - 16 * (cut->in_blocks - 1)),
        .tap_rows = 1,
        .taps = 1,
        .y_block = (ptrdiff_t)block * 16};
    const tile_cut tiles = cut_tiles(&t, 1, (int32_t)count);
    for (size_t position = 0; position < cut->positions; position++) {
        t.x = v + position * cut->v_stride;
        for (size_t group = begin; group < end; group++) {
            const size_t blocks = least(2, cut->out_blocks - 2 * group);
            t.w = weights + position * position_floats + group * inputs * 32;
            t.follows = group + 1 < end ? NULL : t.w + position_floats - (group - begin) * inputs * 32;
            t.w_step = (ptrdiff_t)blocks * 16;
            t.y = products + position * cut->m_stride + group * 2 * block * 16;
            tile_rectangle(&t, &tiles, (int32_t)blocks);
        }
    }
}

INLINE void winograd_parts(const ck_shape *s, const ck_winograd_cut *cut, size_t block, size_t parts,
    const ck_tensors *tensors, float *scratch, size_t *held, size_t begin, size_t end, const int A,
    const int B) {
    const size_t part = (cut->groups + parts - 1) / parts;
    float *products = scratch + cut->positions * cut->v_stride;
    for (size_t item = begin; item < end; item++) {
        const size_t index = item / parts, group = item % parts * part;
        const size_t group_end = least(group + part, cut->groups);
        if (group >= group_end) continue;
        const size_t first = index * block, count = least(block, cut->tiles - first);
        for (size_t b = 0; index != *held && b < cut->in_blocks; b++)
            winograd_input_block(s, cut, first, count, block, b, tensors, scratch, A, B);
        *held = index;
        winograd_products(s, cut, count, block, tensors->weights, scratch, products, group, group_end);
        for (size_t b = 2 * group; b < least(2 * group_end, cut->out_blocks); b++)
            winograd_output_block(s, cut, first, count, block, b, tensors, products, A, B);
    }
}

static void winograd(const ck_shape *s, int m, size_t block, size_t parts, const ck_tensors *tensors,
    float *scratch, size_t *held, size_t begin, size_t end) {
    const ck_winograd_cut cut = ck_cut_winograd(s, m, block);
    // The sizes are named, so that the compiler sees constants.
    if (m == 4)
        winograd_parts(s, &cut, block, parts, tensors, scratch, held, begin, end, 6, 6);
    else if (m == 42)
        winograd_parts(s, &cut, block, parts, tensors, scratch, held, begin, end, 6, 4);
    else
        winograd_parts(s, &cut, block, parts, tensors, scratch, held, begin, end, 4, 4);
}
