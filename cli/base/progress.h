/* One line on standard error, redrawn at most ten times a second, only on a terminal. */
#ifndef CF_CLI_BASE_PROGRESS_H
#define CF_CLI_BASE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

struct cf_progress {
    bool shown;
    bool drawn;
    double last_ms;
    size_t failed;
};

/* enabled: not quiet; whether standard error is a terminal is found out here. */
void cf_progress_init(struct cf_progress *progress, bool enabled);
void cf_progress_update(struct cf_progress *progress, size_t done, size_t total, size_t running);
/* Take the line away, so that other output starts on a clean one. */
void cf_progress_clear(struct cf_progress *progress);

#endif
