// Sums of products in the document's order: vectors run across neurons or rows, never along a sum.

// Neurons at a time for one row, and neurons by rows for many.
#define LAYER_STRIP 32
#define LAYER_NEURONS 4
#define LAYER_ROWS 16

INLINE void strip(const double *weights, const double *bias, size_t inputs, size_t outputs, const double *x,
    double *y, int width) {
    double sums[LAYER_STRIP] = {0};
    for (size_t i = 0; i < inputs; i++) {
        const double *row = weights + i * outputs;
        for (int j = 0; j < width; j++) sums[j] += x[i] * row[j];
    }
    for (int j = 0; j < width; j++) y[j] = sums[j] + bias[j];
}

static void layer_one(
    const double *weights, const double *bias, size_t inputs, size_t outputs, const double *x, double *y) {
    size_t j = 0;
    for (; j + LAYER_STRIP <= outputs; j += LAYER_STRIP)
        strip(weights + j, bias + j, inputs, outputs, x, y + j, LAYER_STRIP);
    for (; j < outputs; j += 8) strip(weights + j, bias + j, inputs, outputs, x, y + j, 8);
}

typedef double row_vector __attribute__((vector_size(64), aligned(8)));

static void layer_many(const double *weights, const double *bias, size_t inputs, size_t outputs,
    const double *x, size_t rows, double *y) {
    for (size_t j = 0; j < outputs; j += LAYER_NEURONS)
        for (size_t r = 0; r < rows; r += LAYER_ROWS) {
            row_vector sums[LAYER_NEURONS][LAYER_ROWS / 8] = {{{0}}};
            for (size_t i = 0; i < inputs; i++) {
                const row_vector *from = (const row_vector *)(x + i * CS_ROWS + r);
                const double *row = weights + i * outputs + j;
                UNROLL for (int k = 0; k < LAYER_NEURONS; k++)
                    UNROLL for (int v = 0; v < LAYER_ROWS / 8; v++) sums[k][v] += from[v] * row[k];
            }
            UNROLL for (int k = 0; k < LAYER_NEURONS; k++) {
                row_vector *to = (row_vector *)(y + (j + k) * CS_ROWS + r);
                UNROLL for (int v = 0; v < LAYER_ROWS / 8; v++) to[v] = sums[k][v] + bias[j + k];
            }
        }
}

static void linear(const uint32_t *from, const double *shift, const double *scale, const double *coefficients,
    size_t terms, double intercept, const double *values, size_t rows, size_t stride, double *sums) {
    if (stride == 1) {
        double sum = 0;
        for (size_t i = 0; i < terms; i++) {
            double x = (values[from[i]] - shift[i]) / scale[i];
            sum += coefficients[i] * x;
        }
        sums[0] = sum + intercept;
        return;
    }
    for (size_t r = 0; r < rows; r++) sums[r] = 0;
    for (size_t i = 0; i < terms; i++) {
        const double *column = values + from[i] * stride;
        for (size_t r = 0; r < rows; r++) sums[r] += coefficients[i] * ((column[r] - shift[i]) / scale[i]);
    }
    for (size_t r = 0; r < rows; r++) sums[r] += intercept;
}
