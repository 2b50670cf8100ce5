/* Saved results from anywhere: refused, or every case in them can be read or says why not. */
#define _GNU_SOURCE /* memfd_create() */
#include "harness/base/file.h"
#include "harness/record/results.h"
#include "tests/fuzz/fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cf_results *results = NULL;
    struct cf_err err = {0};
    char path[64];
    int fd = memfd_create("results", MFD_CLOEXEC);
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    PROMISE(fd >= 0 && cf_fd_write(fd, data, size, &err) == CF_OK);
    if (cf_results_open(&results, path, &err) == CF_OK) {
        for (size_t i = 0; i < cf_results_count(results); i++) {
            struct cf_case_record record;
            if (cf_results_case(results, i, &record, &err) == CF_OK)
                cf_case_record_release(&record);
        }
    } else {
        PROMISE(err.text[0] != '\0');
    }
    cf_results_close(results);
    (void)close(fd);
    return 0;
}
