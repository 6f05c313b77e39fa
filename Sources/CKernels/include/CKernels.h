// The compute kernels of Augur: 32-bit float convolution, products, pooling and activations.
//
// Layout. "NCHW16c", called blocked: float[N][CB][H][W][16] with CB = ceil(C / 16); lane l of block b is
// channel 16 * b + l. The lanes beyond C hold unspecified finite values and are never read as channels.
// `image` strides are in floats between images, so a tensor may be a slice of channel blocks of a larger
// one (a concatenation writes in place). Every pointer to blocked data is 64-byte aligned.
//
// Memory. Nothing here allocates: packed weights and scratch are the caller's, sized by the functions named
// `..._floats`, 64-byte aligned, scratch one per thread.
//
// Held. Items that read the same input find it prepared in scratch, also in a later call: `held` says what
// is there, one for each scratch, SIZE_MAX before the first call of a convolution.
//
// Threads. Nothing here starts one. Work is cut into items, `..._items` says how many; a call does the items
// [begin, end), any split over threads gives the same bits. Of the direct form and the first layer `end` may
// be beyond the last.
//
// Processor. The first parameter picks the instruction set; `ck_isa_best` is the one to use, the lower ones
// are for tests. All of them give the same result to rounding.

#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "CCrew.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Channels in a block.
enum { CK_BLOCK = 16 };

/// Instruction sets, each a superset of those before it. Portable is the compiler's generic vectors: SSE2 on
/// x86-64 and NEON on arm64.
typedef enum { CK_ISA_PORTABLE = 0, CK_ISA_AVX2 = 1, CK_ISA_AVX512 = 2 } ck_isa;

/// The best instruction set of this processor, not above the one named by the environment variable AUGUR_ISA
/// (portable, avx2, avx512) if that is set.
ck_isa ck_isa_best(void);
/// "portable", "avx2" or "avx512".
const char *ck_isa_name(ck_isa isa);
/// The processor's kind, for what was measured on it: "x86-64 family 26 model 2 stepping 1", or just the
/// architecture where the processor does not say.
const char *ck_processor(void);
/// Counts up when a kernel's speed changes, so that what was measured before is measured again.
int32_t ck_revision(void);
/// Floating-point operations a second of one core, from register-only multiply-adds; takes about `seconds`.
double ck_measure_peak(ck_isa isa, double seconds);
/// Bytes a second of one core reading the same floats over and over: those of the cache that holds them.
double ck_measure_stream(const float *data, size_t floats);

// MARK: Activations

/// y = f(x). CLIP is min(max(x, a), b): ReLU is (0, inf), ReLU6 (0, 6). LEAKY is x < 0 ? a * x : x.
/// ELU is x < 0 ? a * (exp(x) - 1) : x. GELU is by erf (absolute error below 1e-6), GELU_TANH by its tanh
/// form. HARDSIGMOID is min(max(a * x + b, 0), 1); HARDSWISH is x * min(max(x / 6 + 1/2, 0), 1).
typedef enum {
    CK_NONE = 0,
    CK_CLIP,
    CK_LEAKY,
    CK_GELU,
    CK_GELU_TANH,
    CK_SILU,
    CK_HARDSWISH,
    CK_HARDSIGMOID,
    CK_SIGMOID,
    CK_TANH,
    CK_ELU
} ck_function;

typedef struct {
    ck_function function;
    float a, b;
} ck_activation;

/// y[i] = activation(x[i]) for count floats; x == y allowed; no alignment asked.
void ck_activate(ck_isa isa, ck_activation activation, const float *x, float *y, size_t count);
/// y[i] = activation(a[i] + b[i]); may be in place.
void ck_add(ck_isa isa, ck_activation activation, const float *a, const float *b, float *y, size_t count);
/// y[i] = a[i] * b[i]; may be in place.
void ck_multiply(ck_isa isa, const float *a, const float *b, float *y, size_t count);
/// Softmax of each row of x, float[rows][columns], row maximum subtracted first; may be in place.
void ck_softmax(ck_isa isa, const float *x, float *y, size_t rows, size_t columns);
/// Blocked: y[b][h][w][l] = activation(x[b][h][w][l] * scale[b][l] + shift[b][l]); scale or shift may be NULL
/// (1, 0); `blocks` blocks of `pixels` pixels. May be in place.
void ck_scale_shift(ck_isa isa, ck_activation activation, const float *x, const float *scale,
    const float *shift, float *y, size_t blocks, size_t pixels);

// MARK: Layout

/// x float[C][pixels] -> y blocked float[CB][pixels][16], lanes beyond C zero. One image.
void ck_block(ck_isa isa, const float *x, float *y, size_t channels, size_t pixels);
/// x blocked -> y float[C][pixels]. One image.
void ck_unblock(ck_isa isa, const float *x, float *y, size_t channels, size_t pixels);
/// Copies channels [from, from + count) of a blocked image to channels [to, to + count) of another with the
/// same pixels. Block-aligned runs are copied whole.
void ck_copy_channels(const float *x, size_t from, float *y, size_t to, size_t count, size_t pixels);

// MARK: Convolution

/// A 2-D convolution, cross-correlation as in ONNX Conv. Padding at the end follows from the output size.
/// groups > 1 only in the depthwise form (groups == in_channels == out_channels) or through the caller's
/// loop.
typedef struct {
    int32_t batch, in_channels, out_channels, groups;
    int32_t in_height, in_width, out_height, out_width;
    int32_t kernel_height, kernel_width, stride_height, stride_width, dilation_height, dilation_width;
    int32_t pad_top, pad_left;
} ck_shape;

/// One call's tensors. x, y and residual are blocked; x may instead be planar float[N][C][H][W] where the
/// function says so. y = activation(convolution(x) + bias + residual). bias has 16 * CB floats (lanes beyond
/// C zero) or is NULL; residual has y's shape or is NULL; y may not overlap x; it may be the residual itself.
/// `pooled`, of Winograd's forms without a residual: y is the maximum of each 2x2 of the result, half as high
/// and wide rounded down, before the activation.
typedef struct {
    const float *x, *weights, *bias, *residual;
    float *y;
    size_t x_image, y_image, residual_image;
    ck_activation activation;
    int32_t pooled;
} ck_tensors;

/// Direct form: any kernel, stride, dilation and padding; 1x1 as a product over all pixels of an image.
/// Also the fully connected layer: a 1x1 convolution of 1x1 images.
size_t ck_direct_weights_floats(const ck_shape *shape);
/// w is OIHW float[O][I][KH][KW].
void ck_direct_pack(const ck_shape *shape, const float *w, float *packed);
/// Scratch of one thread.
size_t ck_direct_scratch_floats(const ck_shape *shape);
size_t ck_direct_items(const ck_shape *shape);
/// Taps of all output pixels of an image that the direct form multiplies: those on the padding of a 3x3
/// convolution are left out where a row of the image fits a tile.
size_t ck_direct_taps(ck_isa isa, const ck_shape *shape);
void ck_direct(ck_isa isa, const ck_shape *shape, const ck_tensors *tensors, float *scratch, size_t *held,
    size_t begin, size_t end);
/// The same for at most 4 input channels in planar form, x float[N][C][H][W]: the first layer. Weights packed
/// alike.
size_t ck_first_items(const ck_shape *shape);
size_t ck_first_scratch_floats(const ck_shape *shape);
void ck_first(ck_isa isa, const ck_shape *shape, const ck_tensors *tensors, float *scratch, size_t *held,
    size_t begin, size_t end);

/// Product with packed weights: y[r][o] = activation(sum over k of x[r][k] * w[o][k] + bias[o] +
/// residual[r][o]). Rows of x are `x_row` floats apart, of y and residual `y_row`; w is [outputs][inputs]
/// packed by `ck_direct_pack` of the 1x1 shape. bias is padded to 16s. Scratch: ck_product_scratch_floats.
typedef struct {
    int32_t rows, inputs, outputs;
    size_t x_row, y_row, residual_row;
} ck_product_shape;
size_t ck_product_weights_floats(const ck_product_shape *shape);
void ck_product_pack(const ck_product_shape *shape, const float *w, float *packed);
size_t ck_product_scratch_floats(const ck_product_shape *shape);
size_t ck_product_items(const ck_product_shape *shape);
void ck_product(ck_isa isa, const ck_product_shape *shape, const ck_tensors *tensors, float *scratch,
    size_t begin, size_t end);

/// Winograd F(m x m, 3 x 3), m = 2 or 4, and F(4 x 2, 3 x 3), m = 42: kernel 3x3, stride 1, dilation 1, any
/// padding up to 2. The last is for images of few tiles, whose weights in the form of F(4x4) would come from
/// too far away: for one pixel 3 products instead of 4 or 2.25, and half more weights than F(2x2).
///
/// Error, against 64-bit floats, inputs and weights of order 1: F(2x2) as the direct form, F(4x4) about 10
/// times the direct form's (3e-5 on outputs of order 3 with 64 channels), F(4x2) between them. Tested:
/// relative L2 below 2e-6 and 2e-5.
///
/// The batch's tiles are cut into blocks of tiles, the groups of 32 output channels into parts; an item is
/// one part of one block. Parts are for threads with few tiles to share, or many weights: each reads its
/// own, and all of the block's input.
size_t ck_winograd_positions(int m);
size_t ck_winograd_weights_floats(const ck_shape *shape, int m);
void ck_winograd_pack(const ck_shape *shape, int m, const float *w, float *packed);
/// Tiles of a block; scratch and items follow from it. 0 picks by cache size and channels.
size_t ck_winograd_block(const ck_shape *shape, int m, size_t wanted);
size_t ck_winograd_scratch_floats(const ck_shape *shape, int m, size_t block);
size_t ck_winograd_items(const ck_shape *shape, int m, size_t block, size_t parts);
void ck_winograd(ck_isa isa, const ck_shape *shape, int m, size_t block, size_t parts,
    const ck_tensors *tensors, float *scratch, size_t *held, size_t begin, size_t end);

/// Depthwise: groups == in_channels == out_channels. w is float[C][1][KH][KW], packed float[CB][KH][KW][16].
size_t ck_depthwise_weights_floats(const ck_shape *shape);
void ck_depthwise_pack(const ck_shape *shape, const float *w, float *packed);
/// An item is one block of one image.
size_t ck_depthwise_items(const ck_shape *shape);
void ck_depthwise(ck_isa isa, const ck_shape *shape, const ck_tensors *tensors, size_t begin, size_t end);

// MARK: Pooling

typedef enum { CK_POOL_MAX = 0, CK_POOL_AVERAGE = 1, CK_POOL_AVERAGE_WITH_PADDING = 2 } ck_pooling;

/// Max or average over windows; the averages divide by the taps inside the image, or by all taps
/// (`WITH_PADDING`, count_include_pad = 1; the taps inside image and padding, `pad_bottom`/`pad_right` wide).
/// An item is one block of one image. Uses shape's in_channels; x and y as in convolution.
size_t ck_pool_items(const ck_shape *shape);
void ck_pool(ck_isa isa, const ck_shape *shape, ck_pooling pooling, int32_t pad_bottom, int32_t pad_right,
    const ck_tensors *tensors, size_t begin, size_t end);
/// Mean (or maximum) over all pixels of each channel of `blocks` blocks: y float[blocks][16].
void ck_global_pool(ck_isa isa, ck_pooling pooling, const float *x, float *y, size_t blocks, size_t pixels);

// MARK: Reference forms: plain loops, sums in double, planar tensors; what the tests hold the others to.

void ck_reference_convolution(const ck_shape *shape, const float *x, const float *w, const float *bias,
    const float *residual, ck_activation activation, float *y);
void ck_reference_pool(const ck_shape *shape, ck_pooling pooling, int32_t pad_bottom, int32_t pad_right,
    const float *x, float *y);
double ck_reference_activation(ck_activation activation, double x);

#ifdef __cplusplus
}
#endif

#endif
