// Ensembles of small trees for many rows: QuickScorer (Lucchese et al., SIGIR 2015), its masks of LANES rows
// side by side in one vector (as in vQS, SIGIR 2016).
//
// A tree's leaves are bits, the leftmost the lowest. A test that fails strikes out the leaves to its left;
// of those left over the lowest is the leaf that the row reaches, in whatever order the tests were asked.
// So they are asked column by column, thresholds ascending, and a column's tests end at the greatest of its
// values.

#define PASTE2(a, b) a##b
#define PASTE(a, b) PASTE2(a, b)
#define Q(name) PASTE(QUICK, name)

typedef MASK Q(_masks) __attribute__((vector_size(64)));
typedef float Q(_floats) __attribute__((vector_size(LANES * 4), aligned(4)));

// How many of a span's tests some row fails.
INLINE uint32_t Q(_failing)(const float *thresholds, uint32_t count, const float *x) {
    float most = x[0];
    int missing = 0;
    for (int r = 0; r < LANES; r++) {
        most = x[r] > most ? x[r] : most;
        missing |= x[r] != x[r];
    }
    if (missing) return count;
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (thresholds[middle] <= most)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

INLINE void Q(_add)(
    const cs_forest *forest, const cs_block *block, const Q(_masks) *left, size_t rows, float *floats,
    double *sums) {
    for (uint32_t t = 0; t < block->trees; t++) {
        uint32_t first = forest->trees[block->tree + t].leaf;
        const MASK *masks = (const MASK *)(left + t);
        uint32_t leaves[LANES];
        for (int r = 0; r < LANES; r++) leaves[r] = first + (uint32_t)__builtin_ctzll((uint64_t)masks[r]);
        if (forest->sums == CS_FLOATS) {
            for (int r = 0; r < LANES; r++) floats[r] += ((const float *)forest->leaves)[leaves[r]];
        } else if (forest->sums == CS_DOUBLES && rows == LANES) {
            for (int r = 0; r < LANES; r++) sums[r] += ((const double *)forest->leaves)[leaves[r]];
        } else {
            for (size_t r = 0; r < rows; r++)
                add_leaves(forest, leaves + r, 1, floats, sums + r * forest->width);
        }
    }
}

static void QUICK(const cs_forest *forest, const float *x, size_t rows, void *scratch, double *sums) {
    Q(_masks) *left = scratch;
    for (size_t from = 0; from < rows; from += LANES) {
        size_t count = rows - from < LANES ? rows - from : LANES;
        float floats[LANES] = {0};
        for (size_t b = 0; b < forest->block_count; b++) {
            const cs_block *block = forest->blocks + b;
            for (uint32_t t = 0; t < block->trees; t++) left[t] = ~(Q(_masks)){0};
            for (uint32_t s = block->span; s < block->span + block->spans; s++) {
                const cs_span *span = forest->spans + s;
                const float *column = x + span->column * (size_t)CS_ROWS + from;
                const Q(_floats) values = *(const Q(_floats) *)column;
                uint32_t end =
                    span->first + Q(_failing)(forest->thresholds + span->first, span->count, column);
                for (uint32_t i = span->first; i < end; i++) {
                    float threshold = forest->thresholds[i];
                    Q(_masks) passed = __builtin_convertvector(values < threshold, Q(_masks));
                    Q(_masks) *tree = left + forest->owners[i];
                    *tree &= passed | ((const MASK *)forest->masks)[i];
                }
            }
            Q(_add)(forest, block, left, count, floats, sums + from * forest->width);
        }
        if (forest->sums == CS_FLOATS)
            for (size_t r = 0; r < count; r++) sums[from + r] = floats[r];
    }
}

#undef Q
#undef PASTE
#undef PASTE2
