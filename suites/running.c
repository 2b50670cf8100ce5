#include "suites/running.h"

#include <string.h>

int cf_cvm_runs_now(struct cf_case_run *run, const char *id, const char *correlation_id)
{
    char status[64];
    struct cf_err err = {0};
    enum cf_code code =
        cf_cvm_reading_operation(run, id, correlation_id, status, sizeof(status), &err);
    return code == CF_OK ? strcmp(status, "in_progress") == 0 : -1;
}

double cf_cvm_busy_for(struct cf_case_run *run, int role, size_t index)
{
    const struct cf_exchange *accepted = &run->record->exchanges[index];
    double from_ms = accepted->at_ms + accepted->duration_ms;
    double until_ms = from_ms;
    struct cf_poll poll = cf_run_poll_begin(run, (double)run->profile->settle_timeout_ms);
    do {
        struct cf_err err = {0};
        struct cf_cvm_reading reading;
        size_t first = run->record->exchange_count;
        if (cf_cvm_reading_take(run, run->fixtures[role], "how long is it busy", &reading, &err) !=
            CF_OK)
            break;
        bool busy = cf_cvm_reading_busy(&reading) == 1;
        cf_cvm_reading_release(&reading);
        if (!busy)
            break;
        until_ms = run->record->exchanges[first].at_ms;
    } while (cf_run_poll_again(run, &poll, "the CVM did not become idle"));
    return until_ms - from_ms;
}
