// libFuzzer's entry for programs that have a main of their own; `-sanitize=fuzzer` links it.
#ifndef AUGUR_CLIBFUZZER_H
#define AUGUR_CLIBFUZZER_H

#include <stddef.h>
#include <stdint.h>

/// Runs the fuzzer with the program's arguments; `run` takes one input and gives 0.
int LLVMFuzzerRunDriver(int *count, char ***arguments, int (*run)(const uint8_t *bytes, size_t size));

#endif
