// No assumed instruction set: the compiler's own vectors.

#include <math.h>
#include <string.h>
#include <time.h>

#include "internal.h"

#define FAMILY ck_family_portable
#define PEAK_CHAINS 3
// NEON has 32 registers of 4 floats, SSE2 16.
#define TILE_BLOCKS 1
#if defined(__aarch64__)
#define TILE_COLUMNS 6
#define TILE_PAIR 3
#define ONE_ROW EACH_UP_TO_6
#define TWO_ROWS EACH_UP_TO_3
#else
#define TILE_COLUMNS 3
#define TILE_PAIR 1
#define ONE_ROW EACH_UP_TO_3
#define TWO_ROWS EACH_UP_TO_1
#endif

#include "family.h"
