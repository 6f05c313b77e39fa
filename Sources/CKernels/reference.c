// Plain forms, sums in double, for the tests to hold the kernels to.

#include <math.h>

#include "CKernels.h"

double ck_reference_activation(ck_activation f, double x) {
    switch (f.function) {
    case CK_NONE: return x;
    case CK_CLIP: return fmin(fmax(x, f.a), f.b);
    case CK_LEAKY: return x < 0 ? f.a * x : x;
    case CK_GELU: return 0.5 * x * (1 + erf(x * 0.70710678118654752440));
    case CK_GELU_TANH: return 0.5 * x * (1 + tanh(0.79788456080286535588 * (x + 0.044715 * x * x * x)));
    case CK_SILU: return x / (1 + exp(-x));
    case CK_HARDSWISH: return x * fmin(fmax(x / 6 + 0.5, 0), 1);
    case CK_HARDSIGMOID: return fmin(fmax(f.a * x + f.b, 0), 1);
    case CK_SIGMOID: return 1 / (1 + exp(-x));
    case CK_TANH: return tanh(x);
    case CK_ELU: return x < 0 ? f.a * (exp(x) - 1) : x;
    }
    return x;
}

// The sum over one group's channels and the taps inside the image.
static double reference_sum(const ck_shape *s, const float *x, const float *w, int32_t first_channel,
    int32_t channels, int32_t top, int32_t left) {
    double sum = 0;
    for (int32_t c = 0; c < channels; c++)
        for (int32_t i = 0; i < s->kernel_height; i++)
            for (int32_t j = 0; j < s->kernel_width; j++) {
                const int32_t row = top + i * s->dilation_height, column = left + j * s->dilation_width;
                if (row < 0 || row >= s->in_height || column < 0 || column >= s->in_width) continue;
                const size_t at =
                    ((size_t)(first_channel + c) * (size_t)s->in_height + (size_t)row) * (size_t)s->in_width +
                    (size_t)column;
                sum += (double)x[at] * w[(c * s->kernel_height + i) * s->kernel_width + j];
            }
    return sum;
}

void ck_reference_convolution(const ck_shape *s, const float *x, const float *w, const float *bias,
    const float *residual, ck_activation activation, float *y) {
    const int32_t inputs = s->in_channels / s->groups, outputs = s->out_channels / s->groups;
    const size_t image = (size_t)s->in_channels * (size_t)s->in_height * (size_t)s->in_width;
    const size_t filter = (size_t)(inputs * s->kernel_height * s->kernel_width);
    size_t at = 0;
    for (int32_t n = 0; n < s->batch; n++)
        for (int32_t o = 0; o < s->out_channels; o++)
            for (int32_t r = 0; r < s->out_height; r++)
                for (int32_t c = 0; c < s->out_width; c++, at++) {
                    double sum =
                        reference_sum(s, x + (size_t)n * image, w + (size_t)o * filter, o / outputs * inputs,
                            inputs, r * s->stride_height - s->pad_top, c * s->stride_width - s->pad_left);
                    sum += bias ? bias[o] : 0;
                    sum += residual ? residual[at] : 0;
                    y[at] = (float)ck_reference_activation(activation, sum);
                }
}

void ck_reference_pool(
    const ck_shape *s, ck_pooling pooling, int32_t pad_bottom, int32_t pad_right, const float *x, float *y) {
    const size_t plane = (size_t)s->in_height * (size_t)s->in_width;
    for (int32_t n = 0; n < s->batch * s->in_channels; n++, x += plane)
        for (int32_t r = 0; r < s->out_height; r++)
            for (int32_t c = 0; c < s->out_width; c++) {
                double most = -INFINITY, sum = 0;
                int32_t inside = 0, padded = 0;
                for (int32_t i = 0; i < s->kernel_height; i++)
                    for (int32_t j = 0; j < s->kernel_width; j++) {
                        const int32_t row = r * s->stride_height - s->pad_top + i * s->dilation_height;
                        const int32_t column = c * s->stride_width - s->pad_left + j * s->dilation_width;
                        if (row >= s->in_height + pad_bottom || column >= s->in_width + pad_right) continue;
                        padded++;
                        if (row < 0 || row >= s->in_height || column < 0 || column >= s->in_width) continue;
                        inside++;
                        sum += x[row * s->in_width + column];
                        most = fmax(most, x[row * s->in_width + column]);
                    }
                const int32_t taps = pooling == CK_POOL_AVERAGE ? inside : padded;
                *y++ = (float)(pooling == CK_POOL_MAX ? most : taps > 0 ? sum / taps : 0);
            }
}
