// The inner loops of PMML's fast forms: tree ensembles over columns of floats, and layers of doubles.
//
// Everything here works on up to CS_ROWS rows at once. A matrix of columns holds column c of row r at
// [c * stride + r]; stride is 1 for a single row and CS_ROWS for many. Nothing allocates, and nothing checks:
// the callers build the tables, and hold every index to its bound.

#ifndef CSCORING_H
#define CSCORING_H

#include <stddef.h>
#include <stdint.h>

// Rows of a batch, and the stride of its columns.
#define CS_ROWS 64

// What a field's value becomes.
typedef enum {
    // The value itself: a 32-bit float.
    CS_FLOAT,
    // How many of the field's thresholds are not above the value: exact for 64-bit values.
    CS_RANK,
    // A category's answers to the field's tests: a row of zeros and ones.
    CS_CATEGORY
} cs_kind;

#define CS_NONE UINT32_MAX

// One field: where its value is, and the columns made of it. A missing value is a NaN.
typedef struct {
    uint32_t value;
    uint32_t kind;
    // CS_RANK: thresholds first ..< first + count, ascending. CS_CATEGORY: answers from first on, count for
    // a missing value, then count for each category.
    uint32_t first, count;
    // CS_CATEGORY: values are 0 ..< categories.
    uint32_t categories;
    // Columns, or CS_NONE. In `plain` a missing value fails every test; in `lenient` it passes every test; in
    // `presence` it is 1 and any other value 0. The answers of categories go to plain ..< plain + count.
    uint32_t plain, lenient, presence;
} cs_source;

// A node asks whether columns[column] < threshold and goes on to node `left` of its tree, or else to the
// next. A leaf leads to itself: its column is 0, which always holds 0, and its threshold is its number
// plus 1.
typedef struct {
    float threshold;
    uint16_t column;
    uint16_t left;
} cs_node;

typedef struct {
    // The root, and the first of the leaves, in the forest's tables.
    uint32_t node, leaf;
} cs_tree;

// The tests of some neighbouring trees that look at one column, thresholds ascending.
typedef struct {
    uint32_t column, first, count;
} cs_span;

// Some neighbouring trees.
typedef struct {
    uint32_t tree, trees, span, spans;
} cs_block;

// More trees are not in one block.
#define CS_BLOCK_TREES 256

// What the leaves add up.
typedef enum {
    // float numbers, in floats
    CS_FLOATS,
    // double numbers
    CS_DOUBLES,
    // rows of doubles
    CS_ROWS_OF_DOUBLES,
    // rows of doubles, each sum rounded to a float
    CS_ROWS_OF_FLOATS
} cs_sums;

typedef struct {
    const cs_node *nodes;
    const cs_tree *trees;
    size_t tree_count;
    // Bits of a mask of leaves: 16, 32, 64, or 0 where a tree has more leaves.
    uint32_t mask_bits;
    uint32_t sums;
    const cs_block *blocks;
    size_t block_count;
    const cs_span *spans;
    // Of each test, by its place in the spans: its threshold, its tree (within the block) and the leaves that
    // remain where it fails.
    const float *thresholds;
    const uint16_t *owners;
    const void *masks;
    // By number of leaf: float, double, or uint32_t rows of `rows`.
    const void *leaves;
    const double *rows;
    size_t width;
} cs_forest;

// Fills the columns of `rows` rows. Column 0 becomes 0.
void cs_fill_columns(const cs_source *sources, size_t count, const double *thresholds, const float *answers,
    const double *values, size_t rows, size_t stride, float *columns);

// The sums of the leaves that one row reaches, in the trees' order: `width` doubles.
void cs_score_one(const cs_forest *forest, const float *columns, double *sums);

// The number of the leaf that one row reaches in the first tree.
uint32_t cs_leaf(const cs_forest *forest, const float *columns);

// The same for up to CS_ROWS rows; sums of row r from sums[r * width] on. Columns beyond `rows` are read too,
// whatever they hold. `scratch` has CS_SCRATCH_BYTES, aligned to 64.
#define CS_SCRATCH_BYTES (CS_BLOCK_TREES * 64)
void cs_score_many(const cs_forest *forest, const float *columns, size_t rows, void *scratch, double *sums);

// y[j] = x[0] * w[0][j] + x[1] * w[1][j] + ... + bias[j], in this order, each step rounded; y and w have rows
// of `outputs`, a multiple of 8.
void cs_layer_one(
    const double *weights, const double *bias, size_t inputs, size_t outputs, const double *x, double *y);

// The same for up to CS_ROWS rows: x and y are columns of stride CS_ROWS. Some of x beyond `rows` is read,
// and some of y written.
void cs_layer_many(const double *weights, const double *bias, size_t inputs, size_t outputs, const double *x,
    size_t rows, double *y);

// sums[r] = ((... (c[0] * (x[0] - a[0]) / b[0]) + ...) + intercept, in this order; x[i] is column from[i] of
// `values`. A NaN says that something was missing or has no answer.
void cs_linear(const uint32_t *from, const double *shift, const double *scale, const double *coefficients,
    size_t terms, double intercept, const double *values, size_t rows, size_t stride, double *sums);

// 0: the compiler's own vectors, 1: AVX2, 2: AVX-512. Chosen by the processor; AUGUR_ISA lowers it.
int cs_level(void);

// Goes on at another level, for tests: no higher than the processor's, and that one for a negative number.
// Every level gives the same bits, so evaluations under way may go on meanwhile. Returns the level taken.
int cs_take_level(int level);

#endif
