#include "harness/http/pace.h"
#include "harness/base/clock.h"

void cf_pace_wait(struct cf_pace *pace, size_t count)
{
    if (!(pace->min_interval_ms > 0))
        return;
    double now = cf_clock_ms();
    if (now < pace->next_send_ms) {
        cf_clock_pause(pace->next_send_ms - now);
        now = pace->next_send_ms;
    }
    pace->next_send_ms = now + pace->min_interval_ms * (double)count;
}
