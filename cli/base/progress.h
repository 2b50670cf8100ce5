/*
 * How far a run is, on standard error: on a terminal one line, redrawn at most ten times a second;
 * elsewhere, as in the log of a pipeline, a line a minute. The time that is left is reckoned from
 * what was spent so far.
 */
#ifndef CF_CLI_BASE_PROGRESS_H
#define CF_CLI_BASE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

struct cf_progress {
    bool enabled;
    bool terminal;
    bool drawn;
    double started_ms, last_ms;
    size_t failed;
    double price, spent; /* of the whole and so far, in any unit; 0: not known */
};

/* enabled: not quiet; whether standard error is a terminal that draws is found out here. */
void cf_progress_init(struct cf_progress *progress, bool enabled);
void cf_progress_update(struct cf_progress *progress, size_t done, size_t total, size_t running);
/* Take the line away, so that other output starts on a clean one. */
void cf_progress_clear(struct cf_progress *progress);

#endif
