// GFLOP/s of each kernel on one core against the measured multiply-add peak; nominal (2 * multiply-adds of
// the direct algorithm) for Winograd. Build and run:
//   clang -O3 -I Sources/CKernels/include Benchmarks/cnn/kernels.c Sources/CKernels/*.c -lm -o /tmp/kernels
//   /tmp/kernels [portable|avx2|avx512] [substring of a kernel's name]
// COLD=MEGABYTES in the environment turns over copies of the weights of that size in all, so that they come
// from the third-level cache or from memory as in a whole network; BLOCK=N sets Winograd's block of tiles.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "CKernels.h"

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static float *floats(size_t count) {
    const size_t huge = 2 << 20, bytes = (count * 4 + 64 + huge - 1) / huge * huge;
    float *p = aligned_alloc(huge, bytes);
    madvise(p, bytes, MADV_HUGEPAGE);
    for (size_t i = 0; i < count; i++) p[i] = (float)(rand() % 2001 - 1000) * 1e-3f;
    return p;
}

enum { DIRECT, WINOGRAD_2, WINOGRAD_42, WINOGRAD_4, DEPTHWISE, FIRST };
static const char *const forms[] = {"direct", "F(2x2)", "F(4x2)", "F(4x4)", "depthwise", "first"};

// Winograd's m; 0 for other forms.
static int side(int form) {
    return form == WINOGRAD_2 ? 2 : form == WINOGRAD_42 ? 42 : form == WINOGRAD_4 ? 4 : 0;
}

typedef struct {
    ck_isa isa;
    ck_shape s;
    int form;
    size_t block;
    ck_tensors t;
    float *scratch;
    const float *weights;
    size_t weights_floats, copies, turn;
} job;

static void once(job *j) {
    size_t held = SIZE_MAX;
    j->t.weights = j->weights + j->turn++ % j->copies * j->weights_floats;
    switch (j->form) {
    case DIRECT: ck_direct(j->isa, &j->s, &j->t, j->scratch, &held, 0, ck_direct_items(&j->s)); break;
    case FIRST: ck_first(j->isa, &j->s, &j->t, j->scratch, &held, 0, ck_first_items(&j->s)); break;
    case DEPTHWISE: ck_depthwise(j->isa, &j->s, &j->t, 0, ck_depthwise_items(&j->s)); break;
    default: {
        const int m = side(j->form);
        ck_winograd(j->isa, &j->s, m, j->block, 1, &j->t, j->scratch, &held, 0,
            ck_winograd_items(&j->s, m, j->block, 1));
    }
    }
}

static void measure(
    ck_isa isa, double peak, int form, int n, int in, int out, int size, int kernel, int stride) {
    job j = {.isa = isa, .form = form};
    const int groups = form == DEPTHWISE ? in : 1, result = (size + stride - 1) / stride;
    j.s = (ck_shape){.batch = n,
        .in_channels = in,
        .out_channels = out,
        .groups = groups,
        .in_height = size,
        .in_width = size,
        .out_height = result,
        .out_width = result,
        .kernel_height = kernel,
        .kernel_width = kernel,
        .stride_height = stride,
        .stride_width = stride,
        .dilation_height = 1,
        .dilation_width = 1,
        .pad_top = kernel / 2,
        .pad_left = kernel / 2};
    const size_t in_image =
        form == FIRST ? (size_t)(in * size * size) : (size_t)((in + 15) / 16 * 16 * size * size);
    const size_t out_image = (size_t)((out + 15) / 16 * 16 * result * result);
    float *x = floats(in_image * (size_t)n + 64), *y = floats(out_image * (size_t)n), *bias = floats(4096);
    size_t weights = ck_direct_weights_floats(&j.s), scratch = ck_direct_scratch_floats(&j.s);
    if (form == DEPTHWISE) weights = ck_depthwise_weights_floats(&j.s);
    if (form == FIRST) scratch = ck_first_scratch_floats(&j.s);
    if (side(form)) {
        const int m = side(form);
        const char *named = getenv("BLOCK");
        j.block = ck_winograd_block(&j.s, m, named ? (size_t)atoi(named) : 0);
        weights = ck_winograd_weights_floats(&j.s, m);
        scratch = ck_winograd_scratch_floats(&j.s, m, j.block);
    }
    const char *cold = getenv("COLD");
    j.weights_floats = (weights + 15) / 16 * 16;
    j.copies = cold ? (size_t)atoi(cold) * 262144 / j.weights_floats + 1 : 1;
    float *w = floats(j.weights_floats * j.copies);
    j.weights = w;
    j.scratch = floats(scratch + 16);
    j.t = (ck_tensors){.x = x,
        .bias = bias,
        .y = y,
        .x_image = in_image,
        .y_image = out_image,
        .activation = {CK_CLIP, 0, 1e30f}};
    const double work = 2.0 * n * out * result * result * (in / groups) * kernel * kernel;
    // The least of the rounds; cold weights differ from copy to copy, so a round is the mean of several.
    const int calls = cold ? 8 : 1;
    double best = 1e9, spent = 0;
    for (size_t i = 0; i < j.copies; i++) once(&j);
    while (spent < 0.1) {
        const double from = seconds();
        for (int i = 0; i < calls; i++) once(&j);
        const double took = (seconds() - from) / calls;
        if (took < best) best = took;
        spent += took * calls;
    }
    printf("%-9s n%-2d %4d->%-4d %3dx%-3d k%d s%d  %9.1f us %7.1f GFLOP/s  %5.1f %%\n", forms[form], n, in,
        out, size, size, kernel, stride, best * 1e6, work / best * 1e-9, 100 * work / best / peak);
    free(x);
    free(y);
    free(bias);
    free(w);
    free(j.scratch);
}

int main(int count, char **arguments) {
    ck_isa isa = ck_isa_best();
    for (int i = 0; count > 1 && i < (int)isa; i++)
        if (!strcmp(arguments[1], ck_isa_name((ck_isa)i))) isa = (ck_isa)i;
    const char *filter = count > 2 ? arguments[2] : "";
    const double peak = ck_measure_peak(isa, 0.5);
    printf("%s, peak %.1f GFLOP/s\n", ck_isa_name(isa), peak * 1e-9);
    static const int layers[][7] = {{DIRECT, 1, 64, 64, 56, 1, 1}, {DIRECT, 1, 256, 64, 56, 1, 1},
        {DIRECT, 1, 1024, 256, 14, 1, 1}, {DIRECT, 1, 512, 2048, 7, 1, 1}, {DIRECT, 1, 96, 24, 56, 1, 1},
        {DIRECT, 1, 16, 96, 112, 1, 1}, {DIRECT, 1, 512, 1024, 28, 1, 2}, {DIRECT, 1, 64, 64, 56, 3, 1},
        {DIRECT, 1, 128, 128, 28, 3, 1}, {DIRECT, 1, 256, 256, 14, 3, 1}, {DIRECT, 1, 512, 512, 7, 3, 1},
        {DIRECT, 1, 512, 512, 4, 3, 1}, {DIRECT, 1, 512, 512, 2, 3, 1}, {DIRECT, 1, 128, 128, 56, 3, 2},
        {DIRECT, 1, 512, 512, 14, 3, 2}, {DIRECT, 1, 1024, 2048, 14, 1, 2}, {DIRECT, 1, 16, 16, 32, 3, 1},
        {DIRECT, 1, 32, 32, 16, 3, 1}, {DIRECT, 1, 64, 64, 8, 3, 1}, {DIRECT, 8, 64, 64, 8, 3, 1},
        {FIRST, 1, 3, 64, 224, 7, 2}, {FIRST, 1, 3, 32, 224, 3, 2}, {FIRST, 1, 3, 64, 32, 3, 1},
        {FIRST, 1, 3, 16, 32, 3, 1}, {WINOGRAD_4, 1, 64, 64, 56, 3, 1}, {WINOGRAD_4, 1, 128, 128, 28, 3, 1},
        {WINOGRAD_4, 1, 256, 256, 14, 3, 1}, {WINOGRAD_4, 1, 512, 512, 7, 3, 1},
        {WINOGRAD_4, 1, 512, 512, 4, 3, 1}, {WINOGRAD_4, 1, 16, 16, 32, 3, 1},
        {WINOGRAD_4, 1, 32, 32, 16, 3, 1}, {WINOGRAD_4, 1, 64, 64, 8, 3, 1},
        {WINOGRAD_4, 1, 64, 64, 32, 3, 1}, {WINOGRAD_4, 8, 64, 64, 8, 3, 1},
        {WINOGRAD_4, 8, 128, 128, 16, 3, 1}, {WINOGRAD_4, 8, 256, 256, 8, 3, 1},
        {WINOGRAD_4, 32, 512, 512, 4, 3, 1}, {WINOGRAD_4, 1, 256, 256, 8, 3, 1},
        {WINOGRAD_42, 1, 256, 256, 8, 3, 1}, {WINOGRAD_42, 1, 256, 256, 7, 3, 1},
        {WINOGRAD_42, 1, 128, 256, 8, 3, 1}, {WINOGRAD_42, 1, 512, 512, 7, 3, 1},
        {WINOGRAD_42, 1, 512, 512, 4, 3, 1}, {WINOGRAD_42, 1, 64, 64, 8, 3, 1},
        {WINOGRAD_42, 1, 256, 256, 14, 3, 1},
        {WINOGRAD_2, 1, 64, 64, 8, 3, 1}, {WINOGRAD_2, 1, 512, 512, 4, 3, 1},
        {WINOGRAD_2, 1, 256, 256, 8, 3, 1}, {WINOGRAD_2, 1, 256, 256, 7, 3, 1},
        {WINOGRAD_2, 1, 512, 512, 7, 3, 1},
        {WINOGRAD_2, 1, 256, 256, 14, 3, 1}, {WINOGRAD_2, 8, 512, 512, 7, 3, 1},
        {WINOGRAD_2, 1, 64, 64, 56, 3, 1}, {DEPTHWISE, 1, 96, 96, 112, 3, 2},
        {DEPTHWISE, 1, 144, 144, 56, 3, 1}, {DEPTHWISE, 1, 384, 384, 14, 3, 1},
        {DEPTHWISE, 1, 960, 960, 7, 3, 1}, {DEPTHWISE, 1, 240, 240, 14, 5, 1},
        {DEPTHWISE, 1, 32, 32, 112, 3, 1}};
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        const int *l = layers[i];
        if (strstr(forms[l[0]], filter)) measure(isa, peak, l[0], l[1], l[2], l[3], l[4], l[5], l[6]);
    }
}
