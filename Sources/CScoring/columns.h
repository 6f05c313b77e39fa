// Values to columns.

// How many of `count` ascending thresholds are at or below x; a NaN stays a NaN.
INLINE float rank_of(double x, const double *thresholds, uint32_t count) {
    const double *base = thresholds;
    uint32_t length = count;
    while (length > 1) {
        uint32_t half = length / 2;
        base += base[half - 1] <= x ? half : 0;
        length -= half;
    }
    uint32_t rank = (uint32_t)(base - thresholds) + (length == 1 && *base <= x);
    return x == x ? (float)rank : __builtin_nanf("");
}

INLINE void fill_number(
    const cs_source *source, const float *found, size_t rows, size_t stride, float *columns) {
    if (source->plain != CS_NONE) {
        float *column = columns + source->plain * stride;
        for (size_t r = 0; r < rows; r++) column[r] = found[r];
    }
    if (source->lenient != CS_NONE) {
        float *column = columns + source->lenient * stride;
        for (size_t r = 0; r < rows; r++) column[r] = found[r] == found[r] ? found[r] : -__builtin_inff();
    }
}

INLINE void fill_categories(const cs_source *source, const float *answers, const double *values, size_t rows,
    size_t stride, float *columns) {
    for (size_t r = 0; r < rows; r++) {
        // Whatever is no category counts as missing: a row that the caller gave up may hold anything.
        int is_known = values[r] >= 0 && values[r] < source->categories;
        size_t category = is_known ? (size_t)values[r] + 1 : 0;
        const float *row = answers + source->first + category * source->count;
        float *column = columns + source->plain * stride + r;
        if (stride == 1) {
            memcpy(column, row, source->count * sizeof *row);
        } else {
            for (uint32_t i = 0; i < source->count; i++) column[i * stride] = row[i];
        }
    }
}

static void fill_columns(const cs_source *sources, size_t count, const double *thresholds,
    const float *answers, const double *values, size_t rows, size_t stride, float *columns) {
    // Of every row: rows beyond `rows` are walked too, and must come to a leaf.
    for (size_t r = 0; r < stride; r++) columns[r] = 0;
    for (size_t i = 0; i < count; i++) {
        const cs_source *source = sources + i;
        const double *from = values + source->value * stride;
        if (source->presence != CS_NONE) {
            float *column = columns + source->presence * stride;
            for (size_t r = 0; r < rows; r++) column[r] = from[r] == from[r] ? 0 : 1;
        }
        if (source->kind == CS_CATEGORY) {
            if (source->count) fill_categories(source, answers, from, rows, stride, columns);
            continue;
        }
        float found[CS_ROWS];
        if (source->kind == CS_FLOAT) {
            for (size_t r = 0; r < rows; r++) found[r] = (float)from[r];
        } else {
            for (size_t r = 0; r < rows; r++)
                found[r] = rank_of(from[r], thresholds + source->first, source->count);
        }
        fill_number(source, found, rows, stride, columns);
    }
}
