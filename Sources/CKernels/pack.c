// Weights into the kernels' order, and the sizes and cuts that follow from a shape.

#include <string.h>

#include "internal.h"

// MARK: Direct

size_t ck_direct_weights_floats(const ck_shape *s) {
    return (size_t)s->in_channels * (size_t)s->kernel_height * (size_t)s->kernel_width *
           blocks_of((size_t)s->out_channels) * 16;
}

// The weights of one block of 16 output channels in the order of the tile's steps: `step_floats` (16 or 32)
// floats from step to step. w is [output][input][tap]; outputs beyond `outputs` are zero.
static void pack_block(
    const float *w, size_t outputs, size_t inputs, size_t taps, float *to, size_t step_floats) {
    for (size_t from = 0; from < inputs; from += 16)
        for (size_t tap = 0; tap < taps; tap++)
            for (size_t c = from; c < least(inputs, from + 16); c++, to += step_floats)
                for (size_t lane = 0; lane < 16; lane++)
                    to[lane] = lane < outputs ? w[(lane * inputs + c) * taps + tap] : 0.0f;
}

// All blocks: groups of two side by side, [step][32], and an odd last one [step][16].
static void pack_blocks(const float *w, size_t outputs, size_t inputs, size_t taps, float *packed) {
    const size_t blocks = blocks_of(outputs), steps = inputs * taps;
    for (size_t block = 0; block < blocks; block++) {
        const size_t group = block / 2, width = blocks - 2 * group >= 2 ? 32 : 16;
        pack_block(w + block * 16 * steps, least(16, outputs - block * 16), inputs, taps,
            packed + group * steps * 32 + (block % 2) * 16, width);
    }
}

void ck_direct_pack(const ck_shape *s, const float *w, float *packed) {
    const size_t taps = (size_t)s->kernel_height * (size_t)s->kernel_width;
    pack_blocks(w, (size_t)s->out_channels, (size_t)s->in_channels, taps, packed);
}

// Bytes of input that an item of the direct form may hold: a quarter of the second-level cache.
enum { RUN_BYTES = 256 * 1024 };
// Bytes of weights that several runs may go over, half of a small second-level cache and more.
enum { SHARED_BYTES = 768 * 1024 };

// Items wanted of a step, so that threads that are not equally fast end together: by parts of the outputs.
enum { ITEMS = 16 };

ck_cut ck_cut_direct(const ck_shape *s, size_t pixel_floats) {
    ck_cut cut = {0};
    const int reach_down = (s->kernel_height - 1) * s->dilation_height;
    const int reach_across = (s->kernel_width - 1) * s->dilation_width;
    const int used_down = (s->out_height - 1) * s->stride_height + reach_down + 1;
    const int used_across = (s->out_width - 1) * s->stride_width + reach_across + 1;
    cut.packs = s->pad_top > 0 || s->pad_left > 0 || used_down > s->in_height || used_across > s->in_width;
    cut.flat = pixel_floats == 16 && !cut.packs && s->kernel_height == 1 && s->kernel_width == 1 &&
               s->stride_height == 1 && s->stride_width == 1 && s->in_width == s->out_width &&
               s->in_height >= s->out_height;
    const size_t height = (size_t)s->out_height, width = (size_t)s->out_width;
    cut.rows = cut.flat ? 1 : height;
    cut.columns = cut.flat ? height * width : width;
    cut.packed_columns = (size_t)used_across;
    const size_t in_blocks = pixel_floats == 16 ? blocks_of((size_t)s->in_channels) : 1;
    const size_t unit_bytes =
        cut.flat ? in_blocks * 64
                 : in_blocks * pixel_floats * 4 * (size_t)used_across * (size_t)s->stride_height;
    const size_t whole = cut.flat ? cut.columns : height;
    size_t run = RUN_BYTES / unit_bytes;
    if (run < 1) run = 1;
    if (cut.flat) run = run < 56 ? 56 : run / 14 * 14;
    cut.runs = (whole + run - 1) / run;
    cut.run = (whole + cut.runs - 1) / cut.runs;
    if (cut.flat && cut.runs > 1) cut.run = round_up(cut.run, 14);
    cut.runs = (whole + cut.run - 1) / cut.run;
    cut.groups = (blocks_of((size_t)s->out_channels) + 1) / 2;
    const size_t images_runs = (size_t)s->batch * cut.runs;
    cut.part = least(cut.groups, images_runs * cut.groups / ITEMS);
    if (cut.part < 1) cut.part = 1;
    cut.parts = (cut.groups + cut.part - 1) / cut.part;
    // With few groups of outputs the rows are shared out: ResNet-20's 16 -> 32 of stride 2 was one item, and
    // a second thread had nothing to do.
    while (!cut.flat && (size_t)s->batch * cut.runs * cut.parts < 4 && cut.run >= 8) {
        cut.run = (cut.run + 1) / 2;
        cut.runs = (whole + cut.run - 1) / cut.run;
    }
    // So are the pixels of a 1x1 convolution, where its weights stay in the second-level cache for all runs:
    // MobileNetV2's 960 -> 160 on 7x7 was five items, its 192 -> 32 on 28x28 three.
    const size_t weight_bytes = ck_direct_weights_floats(s) * sizeof(float);
    while (cut.flat && weight_bytes < SHARED_BYTES && (size_t)s->batch * cut.runs * cut.parts < 8 &&
           cut.run > 28) {
        cut.run = round_up((cut.run + 1) / 2, 14);
        cut.runs = (whole + cut.run - 1) / cut.run;
    }
    cut.packed_rows = (cut.run - (cut.flat ? 0 : 1)) * (size_t)s->stride_height + (size_t)reach_down + 1;
    return cut;
}

static size_t scratch_floats(const ck_cut *cut, size_t in_blocks, size_t pixel_floats) {
    return round_up(in_blocks * cut->packed_rows * cut->packed_columns * pixel_floats, 16);
}

size_t ck_direct_scratch_floats(const ck_shape *s) {
    const ck_cut cut = ck_cut_direct(s, 16);
    return cut.packs ? scratch_floats(&cut, blocks_of((size_t)s->in_channels), 16) : 0;
}

size_t ck_first_scratch_floats(const ck_shape *s) {
    const ck_cut cut = ck_cut_direct(s, planar_pixel(s));
    return scratch_floats(&cut, 1, planar_pixel(s));
}

size_t ck_direct_items(const ck_shape *s) {
    const ck_cut cut = ck_cut_direct(s, 16);
    return (size_t)s->batch * cut.runs * cut.parts;
}

size_t ck_first_items(const ck_shape *s) {
    const ck_cut cut = ck_cut_direct(s, planar_pixel(s));
    return (size_t)s->batch * cut.runs * cut.parts;
}

// MARK: Product

size_t ck_product_weights_floats(const ck_product_shape *s) {
    return (size_t)s->inputs * blocks_of((size_t)s->outputs) * 16;
}

void ck_product_pack(const ck_product_shape *s, const float *w, float *packed) {
    pack_blocks(w, (size_t)s->outputs, (size_t)s->inputs, 1, packed);
}

size_t ck_product_scratch_floats(const ck_product_shape *s) {
    return (blocks_of((size_t)s->inputs) + 2) * (size_t)s->rows * 16;
}

size_t ck_product_items(const ck_product_shape *s) { return (blocks_of((size_t)s->outputs) + 1) / 2; }

// MARK: Winograd

ck_winograd_cut ck_cut_winograd(const ck_shape *s, int m, size_t block) {
    ck_winograd_cut cut = {0};
    const size_t down = (size_t)winograd_down(m), across = (size_t)winograd_across(m);
    const size_t positions = (down + 2) * (across + 2);
    cut.tiles_down = ((size_t)s->out_height + down - 1) / down;
    cut.tiles_across = ((size_t)s->out_width + across - 1) / across;
    cut.tiles = (size_t)s->batch * cut.tiles_down * cut.tiles_across;
    cut.positions = positions;
    cut.in_blocks = blocks_of((size_t)s->in_channels);
    cut.out_blocks = blocks_of((size_t)s->out_channels);
    cut.groups = (cut.out_blocks + 1) / 2;
    cut.v_stride = (cut.in_blocks * block | 1) * 16;
    cut.m_stride = (cut.out_blocks * block | 1) * 16;
    return cut;
}

size_t ck_winograd_positions(int m) {
    return (size_t)(winograd_down(m) + 2) * (size_t)(winograd_across(m) + 2);
}

size_t ck_winograd_weights_floats(const ck_shape *s, int m) {
    return ck_winograd_positions(m) * (size_t)s->in_channels * blocks_of((size_t)s->out_channels) * 16;
}

// G of F(2,3) and F(4,3).
static const float g_2[6][3] = {{1, 0, 0}, {0.5f, 0.5f, 0.5f}, {0.5f, -0.5f, 0.5f}, {0, 0, 1}};
static const float g_4[6][3] = {{1.0f / 4, 0, 0}, {-1.0f / 6, -1.0f / 6, -1.0f / 6},
    {-1.0f / 6, 1.0f / 6, -1.0f / 6}, {1.0f / 24, 1.0f / 12, 1.0f / 6}, {1.0f / 24, -1.0f / 12, 1.0f / 6},
    {0, 0, 1}};

// G w H^T of 16 filters side by side, G the matrix of the rows and H of the columns: w is [tap][lane], u
// [position][lane].
static void transform_weights(const float w[9][16], int m, float u[36][16]) {
    const int rows = winograd_down(m) + 2, columns = winograd_across(m) + 2;
    const float(*g)[3] = rows == 6 ? g_4 : g_2, (*h)[3] = columns == 6 ? g_4 : g_2;
    float half[6][3][16];
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < 3; j++)
            for (int lane = 0; lane < 16; lane++)
                half[i][j][lane] = g[i][0] * w[j][lane] + g[i][1] * w[3 + j][lane] + g[i][2] * w[6 + j][lane];
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            for (int lane = 0; lane < 16; lane++)
                u[i * columns + j][lane] =
                    half[i][0][lane] * h[j][0] + half[i][1][lane] * h[j][1] + half[i][2][lane] * h[j][2];
}

void ck_winograd_pack(const ck_shape *s, int m, const float *w, float *packed) {
    const int positions = (int)ck_winograd_positions(m);
    const size_t inputs = (size_t)s->in_channels, outputs = (size_t)s->out_channels,
                 blocks = blocks_of(outputs);
    const size_t position_floats = inputs * blocks * 16;
    float filter[9][16] = {{0}}, u[36][16];
    for (size_t block = 0; block < blocks; block++) {
        const size_t group = block / 2, width = blocks - 2 * group >= 2 ? 32 : 16;
        const size_t lanes = least(16, outputs - 16 * block);
        memset(filter, 0, sizeof filter);
        for (size_t c = 0; c < inputs; c++) {
            for (size_t lane = 0; lane < lanes; lane++)
                for (int tap = 0; tap < 9; tap++)
                    filter[tap][lane] = w[((block * 16 + lane) * inputs + c) * 9 + (size_t)tap];
            transform_weights(filter, m, u);
            float *to = packed + group * inputs * 32 + c * width + (block % 2) * 16;
            for (int p = 0; p < positions; p++) memcpy(to + (size_t)p * position_floats, u[p], sizeof u[p]);
        }
    }
}

size_t ck_winograd_block(const ck_shape *s, int m, size_t wanted) {
    const ck_winograd_cut cut = ck_cut_winograd(s, m, 1);
    size_t block = wanted;
    if (block == 0) {
        // V and M of a block in half of a 1 MB second-level cache, but at least 28 tiles for the weights'
        // sake, and more where the weights come from beyond the caches (512 -> 512 on 32 tiles: 3.8 ms
        // whole, 4.6 ms halved).
        const size_t weights = cut.positions * cut.in_blocks * cut.out_blocks * 1024;
        block = 512 * 1024 / (cut.positions * (cut.in_blocks + cut.out_blocks) * 64);
        if (block < 28) block = 28;
        if (weights > 8 * 1024 * 1024 && block < 64) block = 64;
    }
    const size_t blocks = cut.tiles > block ? cut.tiles / block : 1;
    return (cut.tiles + blocks - 1) / blocks;
}

size_t ck_winograd_scratch_floats(const ck_shape *s, int m, size_t block) {
    const ck_winograd_cut cut = ck_cut_winograd(s, m, block);
    return cut.positions * (cut.v_stride + cut.m_stride);
}

size_t ck_winograd_items(const ck_shape *s, int m, size_t block, size_t parts) {
    return (ck_cut_winograd(s, m, block).tiles + block - 1) / block * parts;
}

// MARK: Depthwise and pooling

size_t ck_depthwise_weights_floats(const ck_shape *s) {
    return blocks_of((size_t)s->in_channels) * 16 * (size_t)s->kernel_height * (size_t)s->kernel_width;
}

void ck_depthwise_pack(const ck_shape *s, const float *w, float *packed) {
    const size_t taps = (size_t)s->kernel_height * (size_t)s->kernel_width, channels = (size_t)s->in_channels;
    for (size_t block = 0; block < blocks_of(channels); block++)
        for (size_t tap = 0; tap < taps; tap++)
            for (size_t lane = 0; lane < 16; lane++, packed++) {
                const size_t c = block * 16 + lane;
                *packed = c < channels ? w[c * taps + tap] : 0.0f;
            }
}

size_t ck_depthwise_items(const ck_shape *s) { return (size_t)s->batch * blocks_of((size_t)s->in_channels); }

size_t ck_pool_items(const ck_shape *s) { return ck_depthwise_items(s); }

void ck_copy_channels(const float *x, size_t from, float *y, size_t to, size_t count, size_t pixels) {
    if (from % 16 == 0 && to % 16 == 0) {
        const size_t whole = count / 16 * 16;
        memcpy(y + to * pixels, x + from * pixels, whole * pixels * sizeof(float));
        from += whole;
        to += whole;
        count -= whole;
    }
    for (size_t c = 0; c < count; c++) {
        const float *source = x + (from + c) / 16 * pixels * 16 + (from + c) % 16;
        float *target = y + (to + c) / 16 * pixels * 16 + (to + c) % 16;
        for (size_t p = 0; p < pixels; p++) target[p * 16] = source[p * 16];
    }
}
