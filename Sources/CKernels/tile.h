// The tile: R rows of C output pixels by B blocks of 16 output channels, held in registers, over all taps and
// input channels. One kernel for the direct convolution, the 1x1 convolution, the fully connected layer and
// Winograd's products: they differ in strides only.
//
//   AVX-512  R * C <= 14, B <= 2: 28 accumulators, 2 weights, 1 broadcast of 32 registers; 16 loads for 28
//            multiply-adds, so the two multiply-add ports are the limit
//   AVX2     6 pixels, 1 block (two registers): the 6x16 tile
//   others   6 or 3 pixels
//
// Weights are [step][32], or [step][16] in the last group of an odd number of blocks; a step is one input
// channel of one tap, order: input block, tap row, tap column, channel.

typedef struct {
    const float *x, *w, *bias, *residual; // first pixel, first step, first block; bias, residual may be NULL
    float *y;
    ptrdiff_t x_pixel, x_row, x_block, x_tap_row, x_tap; // strides in floats
    ptrdiff_t y_row, y_block, w_step;                    // residual has y's strides
    int32_t blocks, channels, last; // input blocks, channels of a block, channels of the last block
    int32_t tap_rows, taps;
    int32_t runs; // tiles one behind the other in a row
    int fetches; // the input two blocks on is fetched: another core may have written it
    int carried; // y holds the sums over earlier input channels; bias is not looked at
    // A 3x3 convolution of stride 1 whose zero padding of 1 is not in x, a tile as wide as the image: the
    // image's rows and the tile's first; otherwise 0.
    int32_t height, top;
    ck_activation activation;
    const float *follows; // the panel of weights to be read next; NULL for the one behind this in memory
    // The weights to fetch meanwhile, set by tile_rectangle: a line every step, `ahead_step` floats on.
    const float *ahead;
    ptrdiff_t ahead_step;
} tile;

static __attribute__((noinline, unused)) void activate_row(ck_activation f, float *y, size_t vectors) {
    v16 a = splat(f.a), b = splat(f.b);
    switch (f.function) {
#define ROW(name)                                                                                            \
    case name:                                                                                               \
        for (size_t i = 0; i < vectors; i++) store(y + 16 * i, activated(load(y + 16 * i), name, a, b));     \
        return;
        ROW(CK_NONE)
        ROW(CK_CLIP) ROW(CK_LEAKY) ROW(CK_GELU) ROW(CK_GELU_TANH) ROW(CK_SILU) ROW(CK_HARDSWISH)
            ROW(CK_HARDSIGMOID) ROW(CK_SIGMOID) ROW(CK_TANH) ROW(CK_ELU)
#undef ROW
    }
}

#define TILE_PIXELS 14

// In place of the stride of a tile's pixels, 16 and so on: any, and 16 at an image's edges (`tile.height`).
enum { ANY = 0, EDGES = 1 };

// Where the weights of the next step are, and what to fetch meanwhile.
typedef struct {
    const float *w, *ahead;
} tile_cursor;

// One tap, `channels` steps, for the rows [top, bottom) and columns [left, right) of a tile C wide; x is the
// tap's input of the tile's first pixel.
INLINE void add_tap(const tile *t, v16 sum[TILE_PIXELS][2], const float *x, int32_t channels, tile_cursor *at,
    const int C, const int S, const int B, const int top, const int bottom, const int left, const int right) {
    // Where a tile has both blocks of a panel, its steps are as wide as the tile.
    const ptrdiff_t pixel = S == ANY ? t->x_pixel : S == EDGES ? 16 : S;
    const ptrdiff_t step = TILE_BLOCKS == 2 ? 16 * B : t->w_step;
    const ptrdiff_t ahead_step = t->ahead_step;
    const float *second = x + t->x_row, *w = at->w, *ahead = at->ahead;
    _Pragma("clang loop unroll_count(4)") for (int32_t c = 0; c < channels; c++, w += step) {
        __builtin_prefetch(ahead, 0, 2);
        ahead += ahead_step;
        v16 w0 = load(w), w1 = B > 1 ? load(w + 16) : zero();
        UNROLL
        for (int row = top; row < bottom; row++) UNROLL
        for (int p = left; p < right; p++) {
            v16 v = splat(row ? second[p * pixel + c] : x[p * pixel + c]);
            sum[row * C + p][0] += v * w0;
            if (B > 1) sum[row * C + p][1] += v * w1;
        }
    }
    at->w = w;
    at->ahead = ahead;
}

// A row of three taps whose first row begins at x, for the rows [top, bottom) of a tile as wide as the image:
// what the outer taps would read beside it is zero, and left out.
INLINE void add_edge_taps(const tile *t, v16 sum[TILE_PIXELS][2], const float *x, int32_t channels,
    tile_cursor *at, const int C, const int B, const int top, const int bottom) {
    add_tap(t, sum, x - 16, channels, at, C, EDGES, B, top, bottom, 1, C);
    add_tap(t, sum, x, channels, at, C, EDGES, B, top, bottom, 0, C);
    add_tap(t, sum, x + 16, channels, at, C, EDGES, B, top, bottom, 0, C - 1);
}

// All taps and input channels of a tile.
INLINE void add_taps(const tile *t, v16 sum[TILE_PIXELS][2], const float *x, tile_cursor *at, const int R,
    const int C, const int S, const int B) {
    for (int32_t block = 0; block < t->blocks; block++) {
        const int32_t channels = block + 1 == t->blocks ? t->last : t->channels;
        const float *plane = x + block * t->x_block;
        for (int32_t i = 0; i < t->tap_rows; i++, plane += t->x_tap_row) {
            if (S != EDGES) {
                const float *tap = plane;
                for (int32_t j = 0; j < t->taps; j++, tap += t->x_tap)
                    add_tap(t, sum, tap, channels, at, C, S, B, 0, R, 0, C);
                continue;
            }
            // The tap's input row of the tile's first row. Of two rows one is inside at least.
            const int32_t row = t->top + i - 1;
            const int is_inside = row >= 0 && row < t->height;
            const float *line = plane - t->x_tap_row;
            if (R == 1 && !is_inside) {
                for (int32_t step = 0; step < 3 * channels; step++, at->ahead += t->ahead_step)
                    __builtin_prefetch(at->ahead, 0, 2);
                at->w += 3 * channels * (TILE_BLOCKS == 2 ? 16 * B : t->w_step);
            } else if (R == 1 || row + 1 == t->height) {
                add_edge_taps(t, sum, line, channels, at, C, B, 0, 1);
            } else if (is_inside) {
                add_edge_taps(t, sum, line, channels, at, C, B, 0, R);
            } else {
                add_edge_taps(t, sum, line, channels, at, C, B, 1, R);
            }
        }
    }
}

// S is the stride of a pixel, or ANY or EDGES.
INLINE void tile_body(const tile *t, const int R, const int C, const int S, const int B) {
    const ptrdiff_t pixel = S == ANY ? t->x_pixel : S == EDGES ? 16 : S;
    const float *x = t->x, *residual = t->residual;
    tile_cursor at = {t->w, t->ahead};
    float *y = t->y;
    for (int32_t run = t->runs; run > 0; run--) {
        v16 sum[TILE_PIXELS][2];
        UNROLL
        for (int b = 0; b < B; b++) {
            v16 start = t->bias ? load(t->bias + 16 * b) : zero();
            UNROLL
            for (int p = 0; p < R * C; p++) sum[p][b] = start;
            if (!t->carried) continue;
            UNROLL
            for (int r = 0; r < R; r++) UNROLL
            for (int c = 0; c < C; c++) sum[r * C + c][b] = load(y + r * t->y_row + b * t->y_block + 16 * c);
        }
        at.w = t->w;
        if (S == 16 && R == 1 && t->tap_rows == 1 && t->taps == 1) {
            // One tap: nothing but blocks, whose steps are counted beforehand.
            const int32_t whole = t->last == 16 ? t->blocks : t->blocks - 1;
            const ptrdiff_t x_block = t->x_block;
            const float *tap = x;
            for (int32_t block = 0; block < whole; block++, tap += x_block) {
                if (t->fetches) {
                    const int32_t on = block + 2 - t->blocks;
                    const float *next = on < 0 ? tap + 2 * x_block : x + C * pixel + on * x_block;
                    UNROLL
                    for (int c = 0; c < C; c++) __builtin_prefetch(next + c * pixel, 0, 3);
                }
                add_tap(t, sum, tap, 16, &at, C, S, B, 0, R, 0, C);
            }
            if (whole < t->blocks) add_tap(t, sum, tap, t->last, &at, C, S, B, 0, R, 0, C);
        } else {
            add_taps(t, sum, x, &at, R, C, S, B);
        }
        const ck_function f = t->activation.function;
        UNROLL
        for (int b = 0; b < B; b++) {
            UNROLL
            for (int r = 0; r < R; r++) {
                const ptrdiff_t at = r * t->y_row + b * t->y_block;
                if (residual) {
                    UNROLL
                    for (int c = 0; c < C; c++) sum[r * C + c][b] += load(residual + at + 16 * c);
                }
                if (f == CK_CLIP) {
                    v16 low = splat(t->activation.a), high = splat(t->activation.b);
                    UNROLL
                    for (int c = 0; c < C; c++)
                        sum[r * C + c][b] = at_most(at_least(sum[r * C + c][b], low), high);
                }
                UNROLL
                for (int c = 0; c < C; c++) store(y + at + 16 * c, sum[r * C + c][b]);
                if (f > CK_CLIP) activate_row(t->activation, y + at, C);
            }
        }
        x += C * pixel;
        y += C * 16;
        if (residual) residual += C * 16;
    }
}

typedef void (*tile_function)(const tile *);

// The tiles of one row or two, for pixel strides of 16 (stride 1), 32 (stride 2), 3 and 6 (the same for a
// first layer of 3 channels), 4 and 8 (of 1, 2 or 4), at an image's edges, and any.
#define DEFINE(R, C, S, B)                                                                                   \
    static void tile_##R##_##C##_##S##_##B(const tile *t) { tile_body(t, R, C, S, B); }
#define EACH_UP_TO_1(X, R, S, B) X(R, 1, S, B)
#define EACH_UP_TO_3(X, R, S, B) EACH_UP_TO_1(X, R, S, B) X(R, 2, S, B) X(R, 3, S, B)
#define EACH_UP_TO_6(X, R, S, B) EACH_UP_TO_3(X, R, S, B) X(R, 4, S, B) X(R, 5, S, B) X(R, 6, S, B)
#define EACH_UP_TO_7(X, R, S, B) EACH_UP_TO_6(X, R, S, B) X(R, 7, S, B)
#define EACH_UP_TO_14(X, R, S, B)                                                                            \
    EACH_UP_TO_7(X, R, S, B)                                                                                 \
    X(R, 8, S, B) X(R, 9, S, B) X(R, 10, S, B) X(R, 11, S, B) X(R, 12, S, B) X(R, 13, S, B) X(R, 14, S, B)
#define ENTRY(R, C, S, B) [C] = tile_##R##_##C##_##S##_##B,

#define EACH_ONE(X, S, B) ONE_ROW(X, 1, S, B)
#define EACH_TWO(X, S, B) TWO_ROWS(X, 2, S, B)
#if TILE_BLOCKS == 2
#define BOTH(EACH, X, S) EACH(X, S, 1) EACH(X, S, 2)
#define TABLE(EACH, S)                                                                                       \
    {                                                                                                        \
        [0] = {EACH(ENTRY, S, 1)}, [1] = {EACH(ENTRY, S, 2)}                                                 \
    }
#else
#define BOTH(EACH, X, S) EACH(X, S, 1)
#define TABLE(EACH, S)                                                                                       \
    {                                                                                                        \
        [0] = {EACH(ENTRY, S, 1)}                                                                            \
    }
#endif

BOTH(EACH_ONE, DEFINE, 16)
BOTH(EACH_TWO, DEFINE, 16) BOTH(EACH_ONE, DEFINE, 32) BOTH(EACH_TWO, DEFINE, 32) BOTH(EACH_ONE, DEFINE, 4)
    BOTH(EACH_ONE, DEFINE, 8) BOTH(EACH_ONE, DEFINE, 3) BOTH(EACH_ONE, DEFINE, 6)
#define EACH_ANY(X, S, B) EACH_UP_TO_3(X, 1, S, B)
        BOTH(EACH_ANY, DEFINE, ANY) BOTH(EACH_ONE, DEFINE, EDGES) BOTH(EACH_TWO, DEFINE, EDGES)

            enum {
                STRIDE_16,
                STRIDE_32,
                STRIDE_EDGES,
                STRIDE_4,
                STRIDE_8,
                STRIDE_3,
                STRIDE_6,
                STRIDE_ANY
            };
static const tile_function one_row[8][TILE_BLOCKS][TILE_PIXELS + 1] = {
    TABLE(EACH_ONE, 16), TABLE(EACH_ONE, 32), TABLE(EACH_ONE, EDGES), TABLE(EACH_ONE, 4),
    TABLE(EACH_ONE, 8), TABLE(EACH_ONE, 3), TABLE(EACH_ONE, 6), TABLE(EACH_ANY, ANY)};
static const tile_function two_rows[3][TILE_BLOCKS][TILE_PIXELS + 1] = {
    TABLE(EACH_TWO, 16), TABLE(EACH_TWO, 32), TABLE(EACH_TWO, EDGES)};

INLINE int stride_class(const tile *t) {
    const ptrdiff_t pixel = t->x_pixel;
    if (t->height > 0) return STRIDE_EDGES;
    return pixel == 16   ? STRIDE_16
           : pixel == 32 ? STRIDE_32
           : pixel == 4  ? STRIDE_4
           : pixel == 8  ? STRIDE_8
           : pixel == 3  ? STRIDE_3
           : pixel == 6  ? STRIDE_6
                         : STRIDE_ANY;
}

// Pixels of one tile in a row of `width`: the fewest tiles, cut evenly.
INLINE int32_t even_width(int32_t width, int32_t limit) {
    int32_t tiles = (width + limit - 1) / limit;
    return (width + tiles - 1) / tiles;
}

// Where the tiles of one panel of weights ([step][blocks]) fetch the next one: each of the `count` tiles a
// slice of it, so that its way from beyond the second-level cache takes the time of all of them and not of
// the first alone (512 -> 512 on 4x4 pixels, weights from memory: 0.39 ms before, 0.28 after). A lone tile
// reads its own panel 4 KiB ahead.
INLINE void fetch_ahead(tile *t, int32_t index, int32_t count) {
    if (count == 1) {
        t->ahead = t->w + 1024;
        t->ahead_step = t->w_step;
        return;
    }
    const ptrdiff_t inputs = (ptrdiff_t)(t->blocks - 1) * t->channels + t->last;
    const ptrdiff_t panel = inputs * t->tap_rows * t->taps * t->w_step;
    t->ahead = (t->follows ? t->follows : t->w + panel) + (index ? panel * index / count : 0);
    t->ahead_step = ((int32_t)t->w_step + count - 1) / count;
}

// How tiles cover a rectangle of rows x columns output pixels: each row, or pair of rows, by `runs` tiles of
// `width` and one of `rest` if that is not 0. Known before the panels of weights that go over it.
typedef struct {
    int32_t rows, class, paired, width, runs, rest, count;
} tile_cut;

INLINE tile_cut cut_tiles(const tile *t, int32_t rows, int32_t columns) {
    const int class = stride_class(t);
    const int paired = class <= STRIDE_EDGES && columns <= TILE_PAIR && rows > 1;
    const int32_t width = even_width(columns, class == STRIDE_ANY ? 3 : TILE_COLUMNS), runs = columns / width,
                  rest = columns - runs * width;
    return (tile_cut){
        rows, class, paired, width, runs, rest, (runs + (rest > 0)) * (paired ? (rows + 1) / 2 : rows)};
}

// One group of up to two blocks of output channels over a rectangle, whose first pixel `t` names and which
// it names again when all is done; x_row and y_row lead to the next row of outputs. The tile is changed in
// place: a copy, read as vectors, would wait for the fields just written on their way to the cache (126
// cycles of a call's 1,250 with 64 channels and 16 pixels, 30 so).
static void tile_rectangle(tile *t, const tile_cut *cut, int32_t out_blocks) {
    const float *const x = t->x, *const w = t->w, *const bias = t->bias, *const residual = t->residual;
    float *const y = t->y;
    const int32_t top = t->top;
    for (int32_t b = 0; b < out_blocks; b += TILE_BLOCKS) {
        const int two = TILE_BLOCKS == 2 && out_blocks - b > 1;
        const ptrdiff_t block = b * t->y_block;
        t->w = w + 16 * b;
        if (bias) t->bias = bias + 16 * b;
        int32_t index = 0;
        for (int32_t row = 0; row < cut->rows;) {
            const int pair = cut->paired && row + 1 < cut->rows;
            const tile_function *functions =
                pair ? two_rows[cut->class][two] : one_row[cut->class][two];
            const ptrdiff_t from = row * t->x_row, to = block + row * t->y_row;
            t->x = x + from;
            t->y = y + to;
            if (residual) t->residual = residual + to;
            t->top = top + row;
            t->runs = cut->runs;
            fetch_ahead(t, index, cut->count);
            functions[cut->width](t);
            index += cut->runs;
            if (cut->rest > 0) {
                const ptrdiff_t columns = cut->runs * cut->width;
                t->x = x + from + columns * t->x_pixel;
                t->y = y + to + columns * 16;
                if (residual) t->residual = residual + to + columns * 16;
                t->runs = 1;
                fetch_ahead(t, index++, cut->count);
                functions[cut->rest](t);
            }
            row += pair ? 2 : 1;
        }
    }
    t->x = x;
    t->w = w;
    t->bias = bias;
    t->residual = residual;
    t->y = y;
    t->top = top;
}
