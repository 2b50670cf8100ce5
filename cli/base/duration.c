#include "cli/base/duration.h"

#include <stdlib.h>
#include <string.h>

enum { MINUTES_PLAIN = 10 }; /* from so many on, nobody asks for the seconds */

void cf_duration_put(struct cf_buf *out, double ms)
{
    long long s = (long long)(ms / 1000 + 0.5);
    if (ms < 999.5)
        cf_buf_printf(out, "%.0f ms", ms);
    else if (s < 60)
        cf_buf_printf(out, "%lld s", s);
    else if (s < MINUTES_PLAIN * 60)
        cf_buf_printf(out, "%lld min %02lld s", s / 60, s % 60);
    else if (s < 3600)
        cf_buf_printf(out, "%lld min", s / 60);
    else
        cf_buf_printf(out, "%lld h %02lld min", s / 3600, s / 60 % 60);
}

double cf_duration_parse(const char *text)
{
    static const struct {
        const char *unit;
        double ms;
    } units[] = {{"s", 1000}, {"m", 60e3}, {"h", 3600e3}};
    char *end = NULL;
    unsigned long value = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || value > 1000000)
        return 0;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(end, units[i].unit) == 0)
            return (double)value * units[i].ms;
    }
    return 0;
}
