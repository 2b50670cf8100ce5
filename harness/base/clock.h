/* Time: CLOCK_MONOTONIC for durations and deadlines, UTC only for time stamps people read. */
#ifndef CF_BASE_CLOCK_H
#define CF_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>

/* Milliseconds since an arbitrary start; never goes back. */
double cf_clock_ms(void);

enum { CF_TIMESTAMP_BYTES = 32 };
/* Now, as "2026-01-21T09:30:00.123Z". */
void cf_clock_timestamp(char out[CF_TIMESTAMP_BYTES]);
/* Such a text (the fraction may be absent) as milliseconds since 1970. False for any other text,
 * and for NULL. */
bool cf_clock_parse(const char *text, double *out_ms);
/* Milliseconds since 1970 as such a text. */
void cf_clock_format(double ms, char out[CF_TIMESTAMP_BYTES]);

/* Wait for ms milliseconds: for pacing reads of another party's state, never for our own events. */
void cf_clock_pause(double ms);

#endif
