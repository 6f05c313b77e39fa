// Trees walked from the root: several at a time, so that one's loads overlap with another's.

// Trees side by side for one row; rows side by side for one tree.
#define WALKS 8
#define WALK_ROWS 8

// Keeps a walk's place in a register of its own: the compiler would gather the places of all walks in a
// vector, and take each out again to load its node; a random forest took half as long again.
#define ALONE(place) __asm__("" : "+r"(place))

INLINE uint32_t leaf_number(const cs_tree *tree, const cs_node *leaf) {
    return tree->leaf + (uint32_t)leaf->threshold - 1;
}

INLINE uint32_t walk(const cs_forest *forest, const cs_tree *tree, const float *x) {
    const cs_node *nodes = forest->nodes + tree->node;
    uint32_t at = 0;
    for (;;) {
        cs_node node = nodes[at];
        uint32_t next = node.left + !(x[node.column] < node.threshold);
        if (next == at) return leaf_number(tree, nodes + at);
        at = next;
    }
}

INLINE void walk_group(const cs_forest *forest, const cs_tree *trees, const float *x, uint32_t *leaves) {
    const cs_node *nodes[WALKS];
    uint32_t at[WALKS];
    UNROLL for (int k = 0; k < WALKS; k++) {
        nodes[k] = forest->nodes + trees[k].node;
        at[k] = 0;
    }
    for (uint32_t moved = 1; moved;) {
        moved = 0;
        UNROLL for (int k = 0; k < WALKS; k++) {
            cs_node node = nodes[k][at[k]];
            uint32_t next = node.left + !(x[node.column] < node.threshold);
            ALONE(next);
            moved |= next ^ at[k];
            at[k] = next;
        }
    }
    UNROLL for (int k = 0; k < WALKS; k++) leaves[k] = leaf_number(trees + k, nodes[k] + at[k]);
}

// Adds what `leaves` of one row hold, in their order.
INLINE void add_leaves(
    const cs_forest *forest, const uint32_t *leaves, size_t count, float *sum, double *sums) {
    switch (forest->sums) {
    case CS_FLOATS:
        for (size_t i = 0; i < count; i++) *sum += ((const float *)forest->leaves)[leaves[i]];
        break;
    case CS_DOUBLES:
        for (size_t i = 0; i < count; i++) *sums += ((const double *)forest->leaves)[leaves[i]];
        break;
    case CS_ROWS_OF_DOUBLES:
        for (size_t i = 0; i < count; i++) {
            const double *row = forest->rows + ((const uint32_t *)forest->leaves)[leaves[i]] * forest->width;
            for (size_t k = 0; k < forest->width; k++) sums[k] += row[k];
        }
        break;
    default:
        for (size_t i = 0; i < count; i++) {
            const double *row = forest->rows + ((const uint32_t *)forest->leaves)[leaves[i]] * forest->width;
            for (size_t k = 0; k < forest->width; k++) sums[k] = (double)(float)(sums[k] + row[k]);
        }
    }
}

static void score_one(const cs_forest *forest, const float *x, double *sums) {
    uint32_t leaves[WALKS];
    float sum = 0;
    size_t tree = 0;
    for (size_t k = 0; k < forest->width; k++) sums[k] = 0;
    for (; tree + WALKS <= forest->tree_count; tree += WALKS) {
        walk_group(forest, forest->trees + tree, x, leaves);
        add_leaves(forest, leaves, WALKS, &sum, sums);
    }
    for (; tree < forest->tree_count; tree++) {
        leaves[0] = walk(forest, forest->trees + tree, x);
        add_leaves(forest, leaves, 1, &sum, sums);
    }
    if (forest->sums == CS_FLOATS) sums[0] = sum;
}

INLINE void walk_rows(const cs_forest *forest, const cs_tree *tree, const float *x, uint32_t *leaves) {
    const cs_node *nodes = forest->nodes + tree->node;
    uint32_t at[WALK_ROWS] = {0};
    for (uint32_t moved = 1; moved;) {
        moved = 0;
        UNROLL for (int r = 0; r < WALK_ROWS; r++) {
            cs_node node = nodes[at[r]];
            uint32_t next = node.left + !(x[node.column * (size_t)CS_ROWS + r] < node.threshold);
            ALONE(next);
            moved |= next ^ at[r];
            at[r] = next;
        }
    }
    UNROLL for (int r = 0; r < WALK_ROWS; r++) leaves[r] = leaf_number(tree, nodes + at[r]);
}

static void walk_many(const cs_forest *forest, const float *x, size_t rows, double *sums) {
    for (size_t from = 0; from < rows; from += WALK_ROWS) {
        uint32_t leaves[WALK_ROWS];
        float floats[WALK_ROWS] = {0};
        size_t count = rows - from < WALK_ROWS ? rows - from : WALK_ROWS;
        for (size_t tree = 0; tree < forest->tree_count; tree++) {
            walk_rows(forest, forest->trees + tree, x + from, leaves);
            for (size_t r = 0; r < count; r++)
                add_leaves(forest, leaves + r, 1, floats + r, sums + (from + r) * forest->width);
        }
        if (forest->sums == CS_FLOATS)
            for (size_t r = 0; r < count; r++) sums[from + r] = floats[r];
    }
}
