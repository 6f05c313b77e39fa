// The direct convolution, the first layer and the fully connected layer, all by tiles.

// Copies the input rows of one run of output rows, with their zero padding, into scratch
// [block][packed row][packed column][16].
static void pack_rows(const ck_shape *s, const ck_cut *cut, const float *x, size_t first_row, float *packed) {
    const ptrdiff_t top = (ptrdiff_t)first_row * s->stride_height - s->pad_top;
    const size_t row_floats = cut->packed_columns * 16;
    const ptrdiff_t left = s->pad_left, columns = (ptrdiff_t)cut->packed_columns;
    ptrdiff_t inside = columns - left < s->in_width ? columns - left : s->in_width;
    if (inside < 0) inside = 0;
    for (size_t block = 0; block < blocks_of((size_t)s->in_channels); block++) {
        const float *plane = x + block * (size_t)s->in_height * (size_t)s->in_width * 16;
        for (size_t r = 0; r < cut->packed_rows; r++, packed += row_floats) {
            const ptrdiff_t row = top + (ptrdiff_t)r;
            if (row < 0 || row >= s->in_height) {
                memset(packed, 0, row_floats * sizeof(float));
                continue;
            }
            const ptrdiff_t before = left < columns ? left : columns;
            memset(packed, 0, (size_t)before * 64);
            memcpy(packed + before * 16, plane + row * s->in_width * 16, (size_t)inside * 64);
            memset(packed + (before + inside) * 16, 0, (size_t)(columns - before - inside) * 64);
        }
    }
}

// The first layer's: from planar float[C][H][W] to [packed row][packed column][pixel].
static void pack_planar(const ck_shape *s, const ck_cut *cut, const float *x, size_t first_row,
    ptrdiff_t pixel, float *packed) {
    const ptrdiff_t top = (ptrdiff_t)first_row * s->stride_height - s->pad_top;
    const size_t plane = (size_t)s->in_height * (size_t)s->in_width;
    const ptrdiff_t columns = (ptrdiff_t)cut->packed_columns;
    const ptrdiff_t end = least((size_t)columns, (size_t)(s->in_width + s->pad_left));
    for (size_t r = 0; r < cut->packed_rows; r++, packed += columns * pixel) {
        const ptrdiff_t row = top + (ptrdiff_t)r;
        if (row < 0 || row >= s->in_height) {
            memset(packed, 0, (size_t)(columns * pixel) * sizeof(float));
            continue;
        }
        const float *line = x + row * s->in_width - s->pad_left;
        if (pixel == 3) {
            // The three colours at once: the compiler interleaves whole vectors.
            const ptrdiff_t before = least((size_t)s->pad_left, (size_t)columns);
            memset(packed, 0, (size_t)before * 3 * sizeof(float));
            for (ptrdiff_t c = before; c < end; c++) {
                packed[c * 3] = line[c];
                packed[c * 3 + 1] = line[(size_t)c + plane];
                packed[c * 3 + 2] = line[(size_t)c + 2 * plane];
            }
            if (end < columns) memset(packed + end * 3, 0, (size_t)(columns - end) * 3 * sizeof(float));
            continue;
        }
        memset(packed, 0, (size_t)(columns * pixel) * sizeof(float));
        for (ptrdiff_t channel = 0; channel < s->in_channels; channel++, line += plane)
            for (ptrdiff_t c = s->pad_left; c < end; c++) packed[c * pixel + channel] = line[c];
    }
}

// Floats of weights that tiles go over together: an eighth of the second-level cache.
enum { PANEL_FLOATS = 32 * 1024 };

// One item: a run of rows of an image by the groups [group, group_end).
static void direct_item(const ck_shape *s, const ck_cut *cut, tile *t, const float *weights, size_t steps,
    size_t group, size_t group_end, size_t first_row, const ck_tensors *tensors, size_t image) {
    const size_t out_blocks = blocks_of((size_t)s->out_channels);
    const size_t pixels = cut->rows * cut->columns;
    const size_t rows = cut->flat ? 1 : least(cut->run, cut->rows - first_row);
    const size_t columns = cut->flat ? least(cut->run, cut->columns - first_row) : cut->columns;
    const size_t at = (cut->flat ? first_row : first_row * cut->columns) * 16;
    const tile_cut tiles = cut_tiles(t, (int32_t)rows, (int32_t)columns);
    const float *const x = t->x;
    const int32_t in_blocks = t->blocks, last = t->last;
    t->y_row = (ptrdiff_t)cut->columns * 16;
    t->y_block = (ptrdiff_t)pixels * 16;
    for (; group < group_end; group++) {
        const size_t blocks = least(2, out_blocks - 2 * group);
        t->w = weights + group * steps * 32;
        t->w_step = (ptrdiff_t)blocks * 16;
        t->bias = tensors->bias ? tensors->bias + group * 32 : NULL;
        const size_t from = group * 2 * pixels * 16 + at;
        t->y = tensors->y + image * tensors->y_image + from;
        const float *residual =
            tensors->residual ? tensors->residual + image * tensors->residual_image + from : NULL;
        // A panel of weights that would fill the second-level cache is done in runs of input blocks, the sums
        // kept in y meanwhile.
        const size_t block_floats = (size_t)(t->channels * t->tap_rows * t->taps * t->w_step);
        const int32_t chunk = (int32_t)(PANEL_FLOATS / block_floats) + 1;
        for (int32_t done = 0; done < in_blocks; done += chunk) {
            const int ends = in_blocks - done <= chunk;
            t->x = x + done * t->x_block;
            t->blocks = ends ? in_blocks - done : chunk;
            t->last = ends ? last : t->channels;
            t->carried = done > 0;
            t->activation = ends ? tensors->activation : (ck_activation){CK_NONE, 0, 0};
            t->residual = done > 0 ? NULL : residual;
            tile_rectangle(t, &tiles, (int32_t)blocks);
            t->w += (size_t)chunk * block_floats;
        }
    }
}

// The tile of a run whose input starts at x: strides of the packed rows, or of the image itself.
static tile run_tile(
    const ck_shape *s, const ck_cut *cut, const float *x, int32_t pixel, int packed, int edges) {
    const ptrdiff_t row = (packed ? (ptrdiff_t)cut->packed_columns : s->in_width) * pixel;
    const ptrdiff_t rows = packed ? (ptrdiff_t)cut->packed_rows : s->in_height;
    const int32_t blocks = (int32_t)blocks_of((size_t)s->in_channels);
    if (pixel == s->in_channels && s->dilation_width == 1 && !edges)
        // The channels of one tap follow those of the tap before: a tap row is one run.
        return (tile){.x = x,
            .x_pixel = (ptrdiff_t)s->stride_width * pixel,
            .x_row = row * s->stride_height,
            .x_tap_row = row * s->dilation_height,
            .blocks = 1,
            .channels = s->in_channels * s->kernel_width,
            .last = s->in_channels * s->kernel_width,
            .tap_rows = s->kernel_height,
            .taps = 1};
    return (tile){.x = x,
        .x_pixel = (ptrdiff_t)s->stride_width * pixel,
        .x_row = row * s->stride_height,
        .x_block = row * rows,
        .x_tap_row = row * s->dilation_height,
        .x_tap = s->dilation_width * pixel,
        .blocks = blocks,
        .channels = 16,
        .last = s->in_channels - 16 * (blocks - 1),
        .tap_rows = s->kernel_height,
        .taps = s->kernel_width};
}

static void direct_run(const ck_shape *s, const ck_tensors *tensors, float *scratch, size_t *held,
    size_t begin, size_t end, int planar) {
    const int32_t pixel = planar ? (int32_t)planar_pixel(s) : 16;
    const ck_cut cut = ck_cut_direct(s, (size_t)pixel);
    const size_t steps = (size_t)s->in_channels * (size_t)s->kernel_height * (size_t)s->kernel_width;
    const size_t items = (size_t)s->batch * cut.runs * cut.parts;
    const int edges = !planar && leaves_padding_out(s, TILE_COLUMNS), packs = !edges && (planar || cut.packs);
    for (size_t item = begin; item < least(end, items); item++) {
        const size_t part = item % cut.parts, run = item / cut.parts;
        const size_t image = run / cut.runs, first_row = run % cut.runs * cut.run;
        const float *x = tensors->x + image * tensors->x_image;
        if (packs && run != *held) {
            if (planar)
                pack_planar(s, &cut, x, first_row, pixel, scratch);
            else
                pack_rows(s, &cut, x, first_row, scratch);
            *held = run;
        }
        if (packs)
            x = scratch;
        else if (cut.flat)
            x += first_row * 16;
        else
            x += first_row * (size_t)s->stride_height * (size_t)s->in_width * 16;
        tile t = run_tile(s, &cut, x, pixel, packs, edges);
        t.fetches = cut.flat;
        if (edges) {
            t.height = s->in_height;
            t.top = (int32_t)first_row;
        }
        const size_t group = part * cut.part;
        direct_item(s, &cut, &t, tensors->weights, steps, group, least(group + cut.part, cut.groups),
            first_row, tensors, image);
    }
}

static void direct(const ck_shape *s, const ck_tensors *tensors, float *scratch, size_t *held, size_t begin,
    size_t end) {
    direct_run(s, tensors, scratch, held, begin, end, 0);
}

static void first(const ck_shape *s, const ck_tensors *tensors, float *scratch, size_t *held, size_t begin,
    size_t end) {
    direct_run(s, tensors, scratch, held, begin, end, 1);
}

// An item is one group of 32 outputs. Rows are gathered to [block][row][16] in scratch, results land behind
// them.
static void product(
    const ck_product_shape *s, const ck_tensors *tensors, float *scratch, size_t begin, size_t end) {
    const size_t rows = (size_t)s->rows, inputs = (size_t)s->inputs, blocks = blocks_of(inputs);
    const size_t outputs = (size_t)s->outputs;
    for (size_t row = 0; row < rows; row++) {
        for (size_t block = 0; block < blocks; block++) {
            float *to = scratch + (block * rows + row) * 16;
            const float *from = tensors->x + row * s->x_row + block * 16;
            if (block + 1 < blocks || inputs % 16 == 0)
                store(to, load_any(from));
            else
                store(to, load_part(from, inputs - 16 * block));
        }
    }
    float *result = scratch + blocks * rows * 16;
    tile t = {.x = scratch,
        .x_pixel = 16,
        .x_block = (ptrdiff_t)rows * 16,
        .blocks = (int32_t)blocks,
        .channels = 16,
        .last = s->inputs - 16 * ((int32_t)blocks - 1),
        .tap_rows = 1,
        .taps = 1,
        .y = result,
        .y_block = (ptrdiff_t)rows * 16,
        .activation = tensors->residual ? (ck_activation){CK_NONE, 0, 0} : tensors->activation};
    const tile_cut tiles = cut_tiles(&t, 1, s->rows);
    for (size_t group = begin; group < end; group++) {
        const size_t out_blocks = least(2, blocks_of(outputs) - 2 * group);
        t.w = tensors->weights + group * inputs * 32;
        t.w_step = (ptrdiff_t)out_blocks * 16;
        t.bias = tensors->bias ? tensors->bias + group * 32 : NULL;
        tile_rectangle(&t, &tiles, (int32_t)out_blocks);
        for (size_t row = 0; row < rows; row++) {
            for (size_t b = 0; b < out_blocks; b++) {
                const size_t column = group * 32 + b * 16, count = least(16, outputs - column);
                v16 v = load(result + (b * rows + row) * 16);
                if (tensors->residual) {
                    v += load_part(tensors->residual + row * s->residual_row + column, count);
                    v = activated(v, tensors->activation.function, splat(tensors->activation.a),
                        splat(tensors->activation.b));
                }
                store_part(tensors->y + row * s->y_row + column, v, count);
            }
        }
    }
}
