// Everything of one instruction set; isa_*.c includes it inside a target attribute, with FAMILY, the tile
// limits (TILE_BLOCKS, TILE_COLUMNS, TILE_PAIR, ONE_ROW, TWO_ROWS) and PEAK_CHAINS defined.

#include "vector.h"

#include "tile.h"

#include "convolve.h"
#include "depthwise.h"
#include "pointwise.h"
#include "winograd.h"

const ck_family FAMILY = {.tile_columns = TILE_COLUMNS,
    .peak = peak,
    .activate = activate,
    .add = add,
    .multiply = multiply,
    .softmax = softmax,
    .scale_shift = scale_shift,
    .block = block,
    .unblock = unblock,
    .direct = direct,
    .first = first,
    .product = product,
    .winograd = winograd,
    .depthwise = depthwise,
    .pool = pool,
    .global_pool = global_pool};
