// No assumed instruction set: the compiler's own vectors.

#include <string.h>

#include "internal.h"

#define FAMILY cs_family_portable
#include "family.h"
