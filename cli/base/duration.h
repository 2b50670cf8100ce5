/* Durations as people say and write them. */
#ifndef CF_CLI_BASE_DURATION_H
#define CF_CLI_BASE_DURATION_H

#include "harness/base/buf.h"

/* Append "80 ms", "2 s", "1 min 20 s", "20 min", "1 h 10 min". */
void cf_duration_put(struct cf_buf *out, double ms);
/* Milliseconds of "90s", "30m" or "2h"; 0 for what is none of them. */
double cf_duration_parse(const char *text);

#endif
