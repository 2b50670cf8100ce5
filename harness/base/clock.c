#include "harness/base/clock.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static bool two_digits(const char *text, int *out)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
        return false;
    *out = (text[0] - '0') * 10 + (text[1] - '0');
    return true;
}

/* 0: a digit; what else stands there stands for itself. */
static bool has_shape(const char *text, const char *shape)
{
    for (; *shape; shape++, text++) {
        if (*shape == '0' ? *text < '0' || *text > '9' : *text != *shape)
            return false;
    }
    return true;
}

/* The digits behind a point, which must be ended by "Z". */
static bool read_fraction(const char *text, double *out)
{
    double unit = 0.1;
    *out = 0;
    if (*text == '.' && text[1] >= '0' && text[1] <= '9') {
        for (text++; *text >= '0' && *text <= '9'; text++, unit /= 10)
            *out += (*text - '0') * unit;
    }
    return strcmp(text, "Z") == 0;
}

bool cf_clock_parse(const char *text, double *out_ms)
{
    struct tm tm = {0};
    int century = 0;
    int year = 0;
    double fraction = 0;
    if (!text || !has_shape(text, "0000-00-00T00:00:00") || !read_fraction(text + 19, &fraction) ||
        !two_digits(text, &century) || !two_digits(text + 2, &year) ||
        !two_digits(text + 5, &tm.tm_mon) || !two_digits(text + 8, &tm.tm_mday) ||
        !two_digits(text + 11, &tm.tm_hour) || !two_digits(text + 14, &tm.tm_min) ||
        !two_digits(text + 17, &tm.tm_sec))
        return false;
    if (tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour > 23 ||
        tm.tm_min > 59 || tm.tm_sec > 60)
        return false;
    tm.tm_year = century * 100 + year - 1900;
    tm.tm_mon -= 1;
    *out_ms = (double)timegm(&tm) * 1000.0 + fraction * 1000.0;
    return true;
}

void cf_clock_format(double ms, char out[CF_TIMESTAMP_BYTES])
{
    struct tm utc = {0};
    char text[24] = "";
    time_t seconds = (time_t)floor(ms / 1000.0);
    gmtime_r(&seconds, &utc);
    strftime(text, sizeof(text), "%m-%dT%H:%M:%S", &utc);
    /* "%Y" would not fill up years before 1000. */
    snprintf(out, CF_TIMESTAMP_BYTES, "%04d-%s.%03dZ", utc.tm_year + 1900, text,
             (int)(ms - (double)seconds * 1000.0));
}

void cf_clock_pause(double ms)
{
    struct timespec left = {.tv_sec = (time_t)(ms / 1e3)};
    left.tv_nsec = (long)((ms - (double)left.tv_sec * 1e3) * 1e6);
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}
