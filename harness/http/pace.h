/* Requests that are at least so far apart. */
#ifndef CF_HTTP_PACE_H
#define CF_HTTP_PACE_H

#include <stddef.h>

struct cf_pace {
    double min_interval_ms; /* 0: no pause */
    double next_send_ms;    /* on the clock of cf_clock_ms() */
};

/* Wait for the turn of count requests that go out at once. */
void cf_pace_wait(struct cf_pace *pace, size_t count);

#endif
