#include "suites/running.h"

#include <math.h>
#include <string.h>

void cf_cvm_let_show(struct cf_case_run *run)
{
    struct cf_poll lag = cf_run_poll_begin(run, (double)run->profile->read_lag_ms);
    while (run->profile->read_lag_ms > 0 &&
           cf_run_poll_again(run, &lag, "what comes next shows when read_lag_ms are over"))
        continue;
}

static int runs_now(struct cf_case_run *run, const char *purpose, const char *id,
                    const char *correlation_id)
{
    char status[64];
    struct cf_err err = {0};
    enum cf_cvm_listing listing =
        cf_cvm_reading_operation(run, purpose, id, correlation_id, status, sizeof(status), &err);
    return listing == CF_CVM_LISTED ? strcmp(status, CF_CVM_RUNNING) == 0 : -1;
}

int cf_cvm_runs_now(struct cf_case_run *run, const char *id, const char *correlation_id)
{
    return runs_now(run, CF_CVM_LOOK, id, correlation_id);
}

/* Whether the CVM itself says that something runs. */
static int is_busy(struct cf_case_run *run, const char *purpose, const char *id)
{
    struct cf_err err = {0};
    struct cf_cvm_reading reading;
    if (cf_cvm_reading_take(run, id, purpose, &reading, &err) != CF_OK)
        return -1;
    int busy = cf_cvm_reading_busy(&reading);
    cf_cvm_reading_release(&reading);
    return busy;
}

bool cf_cvm_runs_late(struct cf_case_run *run, int role, const char *correlation_id,
                      size_t accepted)
{
    static const char purpose[] = "does the operation still run, late";
    const char *id = run->fixtures[role];
    if (!cf_run_pause_until_late(run, accepted, purpose))
        return false;
    int running = *correlation_id ? runs_now(run, purpose, id, correlation_id) : -1;
    return running == 1 || (running < 0 && is_busy(run, purpose, id) == 1);
}

double cf_cvm_busy_for(struct cf_case_run *run, int role, size_t index)
{
    const struct cf_exchange *accepted = &run->record->exchanges[index];
    double from_ms = accepted->at_ms + accepted->duration_ms;
    double until_ms = from_ms;
    double lag_ms = (double)run->profile->read_lag_ms;
    cf_cvm_let_show(run);
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
        until_ms = run->record->exchanges[first].at_ms - lag_ms;
    } while (cf_run_poll_again(run, &poll, "the CVM did not become idle"));
    return until_ms - from_ms;
}

/* ---- waiting for an answer ---- */

enum { LOOKS_MIN = 3 };
static const double first_factor = 2; /* the wait was so much longer than the first request's */

int cf_cvm_operation_runs(struct cf_case_run *run, int role, const char *correlation_id, bool alone)
{
    const char *id = run->fixtures[role];
    int running = *correlation_id ? cf_cvm_runs_now(run, id, correlation_id) : -1;
    return running < 0 && alone ? is_busy(run, "does the first operation run", id) : running;
}

static double longest_ms(const struct cf_case_run *run)
{
    static const double times = 3, least_ms = 500;
    double most_ms = (double)run->profile->settle_timeout_ms;
    double usual_ms = cf_run_usual_ms(run);
    return usual_ms > 0 ? fmin(most_ms, fmax(times * usual_ms, least_ms)) : most_ms;
}

bool cf_cvm_list_is_true(struct cf_case_run *run, int role, int listed)
{
    const char *id = run->fixtures[role];
    struct cf_cvm_memory *memory = cf_cvm_memory_of(run);
    struct cf_poll poll = cf_run_poll_begin(run, longest_ms(run));
    while (!memory->endless || memory->ends) {
        struct cf_err unread = {0};
        if (listed <= 0 || memory->ends ||
            cf_cvm_reading_running(run, CF_CVM_LOOK, id, &unread) < listed)
            return true;
        if (cf_run_poll_slowly(run, &poll, "the list ends no operation"))
            continue;
        if (is_busy(run, "has what the list shows as running ended", id) == 1)
            return true;
        memory->endless = true;
    }
    return false;
}

/* Another look begins, so the answer was not there when the last one was over. */
static void count_last(struct cf_cvm_wait *wait)
{
    if (!wait->last_running)
        return;
    wait->running++;
    wait->seen_ms = wait->last_ms;
}

void cf_cvm_wait_look(struct cf_case_run *run, struct cf_cvm_wait *wait, int role,
                      const char *correlation_id)
{
    if (wait->ended)
        return;
    count_last(wait);
    int running = cf_cvm_operation_runs(run, role, correlation_id, true);
    const struct cf_exchange *look = &run->record->exchanges[run->record->exchange_count - 1];
    wait->lag_ms = (double)run->profile->read_lag_ms;
    wait->last_running = running == 1;
    wait->ended = running == 0;
    /* At the earliest right after it was last seen to run: a slow look must not shorten what comes
     * after the end. */
    wait->ended_ms = wait->last_ms;
    wait->last_ms = look->at_ms + look->duration_ms;
}

void cf_cvm_wait_end(struct cf_cvm_wait *wait, const struct cf_exchange *answered)
{
    wait->sent_ms = answered->at_ms;
    wait->answered_ms = answered->at_ms + answered->duration_ms;
}

bool cf_cvm_wait_proves(const struct cf_cvm_wait *wait, double first_ms)
{
    double held_ms = wait->seen_ms - wait->lag_ms - wait->sent_ms;
    double after_ms = wait->answered_ms - (wait->ended_ms - wait->lag_ms);
    return wait->running >= LOOKS_MIN && held_ms >= first_factor * first_ms &&
           (!wait->ended || after_ms <= held_ms / 2);
}
