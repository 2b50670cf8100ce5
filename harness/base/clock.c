#include "harness/base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

double cf_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

void cf_clock_timestamp(char out[CF_TIMESTAMP_BYTES])
{
    struct timespec now;
    struct tm utc;
    char seconds[24];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(out, CF_TIMESTAMP_BYTES, "%s.%03dZ", seconds, (int)(now.tv_nsec / 1000000));
}

void cf_clock_pause(double ms)
{
    struct timespec left = {.tv_sec = (time_t)(ms / 1e3)};
    left.tv_nsec = (long)((ms - (double)left.tv_sec * 1e3) * 1e6);
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}
