/* What fuzz targets share. A broken promise ends the process, which libFuzzer takes as a find. */
#ifndef CF_TESTS_FUZZ_FUZZ_H
#define CF_TESTS_FUZZ_FUZZ_H

#include "harness/base/json.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PROMISE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (void)fprintf(stderr, "broken: %s\n", #condition);                                     \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

#endif
