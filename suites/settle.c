#include "suites/settle.h"
#include "suites/locked.h"

#include <stdio.h>
#include <string.h>

#define LATE "the operation did not end within settle_timeout_ms"

/* 1: the operation has ended (failed: *out_failed); 0: it runs; -1: the list does not tell. */
static int operation_ended(struct cf_case_run *run, const char *id, const char *correlation_id,
                           bool *out_failed, enum cf_code *out_code, struct cf_err *err)
{
    char status[64];
    enum cf_cvm_listing listing =
        cf_cvm_reading_operation(run, CF_CVM_LOOK, id, correlation_id, status, sizeof(status), err);
    *out_code = listing == CF_CVM_LIST_UNREAD ? err->code : CF_OK;
    if (listing != CF_CVM_LISTED)
        return -1;
    *out_failed = strcmp(status, "failed") == 0;
    bool ended = strcmp(status, CF_CVM_RUNNING) != 0;
    if (ended)
        cf_cvm_memory_of(run)->ends = true;
    return ended;
}

static void note_completed(struct cf_case_run *run, const char *correlation_id)
{
    struct cf_cvm_memory *memory = cf_cvm_memory_of(run);
    snprintf(memory->completed, sizeof(memory->completed), "%s", correlation_id);
    memory->completed_at = run->record->exchange_count;
}

/* Whether the list has shown the operation as completed, and nothing was accepted since: another
 * one may have the same id. */
static bool has_completed(struct cf_case_run *run, const char *correlation_id)
{
    const struct cf_cvm_memory *memory = cf_cvm_memory_of(run);
    bool completed = strcmp(memory->completed, correlation_id) == 0;
    for (size_t i = memory->completed_at; completed && i < run->record->exchange_count; i++)
        completed = run->record->exchanges[i].status != 202;
    return completed;
}

/* What is known of the operation that is waited for. */
struct wait {
    const char *id;             /* of the CVM */
    const char *correlation_id; /* NULL: no operation in particular */
    bool listed;                /* the operations list tells of it, as far as is known */
    bool failed, ended;         /* as the list says */
    bool was_busy, idle;        /* as the CVM itself says */
    enum cf_code code;
    struct cf_err err;
};

/* One look. 1: nothing runs, 0: something does, -1: no answer. */
static int look(struct cf_case_run *run, struct wait *wait, struct cf_cvm_reading *out)
{
    struct cf_cvm_reading reading;
    if (wait->listed) {
        int ended = operation_ended(run, wait->id, wait->correlation_id, &wait->failed, &wait->code,
                                    &wait->err);
        if (wait->code != CF_OK)
            return -1;
        wait->listed = ended >= 0; /* a list without it will not tell later either */
        wait->ended = ended == 1;
        if (wait->ended && !wait->failed)
            note_completed(run, wait->correlation_id);
        if (ended == 0)
            return 0;
    }
    wait->code = wait->ended ? cf_cvm_reading_take_idle(run, wait->id, "read", &reading, &wait->err)
                             : cf_cvm_reading_take(run, wait->id, "read", &reading, &wait->err);
    if (wait->code != CF_OK)
        return -1;
    int busy = cf_cvm_reading_busy(&reading);
    /* A flag that could not be read is not one that says "idle". */
    if (reading.why_not_busy[0] && !wait->ended) {
        wait->code =
            cf_err_set(&wait->err, CF_EPROTO, CF_CVM_BUSY_UNREAD ": %s", reading.why_not_busy);
        cf_cvm_reading_release(&reading);
        return -1;
    }
    wait->was_busy = wait->was_busy || busy == 1;
    wait->idle = busy == 0;
    if (busy != 1 && out)
        *out = reading;
    else
        cf_cvm_reading_release(&reading);
    return busy != 1;
}

/* Whether "nothing runs" may be about the time before the accepted operation: it was not seen yet,
 * and the read side is known to be slow. */
static bool may_be_early(struct cf_case_run *run, const struct wait *wait, struct cf_poll *lag)
{
    return wait->correlation_id && !wait->ended && !wait->was_busy &&
           run->profile->read_lag_ms > 0 &&
           cf_run_poll_again(run, lag, "the operation did not show within read_lag_ms");
}

/* What is over when it is answered would have been refused. */
static enum cf_cvm_settled told(struct cf_case_run *run, const struct wait *wait)
{
    bool instant = cf_profile_claims(run->profile, "instant_operations");
    cf_cvm_memory_of(run)->untold =
        wait->correlation_id && !wait->ended && !instant && !run->profile->idle_tells;
    if (wait->correlation_id && !wait->ended && !wait->idle && !instant)
        return CF_CVM_SETTLED_UNSEEN;
    return wait->failed ? CF_CVM_SETTLED_FAILED : CF_CVM_SETTLED;
}

/* Past the deadline. A CVM that is not busy is settled, whatever the operations list says of an
 * operation that it never ends: that list is nothing a must can rest on. */
static enum cf_cvm_settled settle_late(struct cf_case_run *run, const char *id,
                                       struct cf_cvm_reading *out)
{
    struct cf_err err = {0};
    struct cf_cvm_reading reading = {0};
    bool read = cf_cvm_reading_take(run, id, "read past the deadline", &reading, &err) == CF_OK;
    if (read && cf_cvm_reading_busy(&reading) == 0) {
        if (out)
            *out = reading;
        else
            cf_cvm_reading_release(&reading);
        return CF_CVM_SETTLED;
    }
    if (!read)
        cf_run_inconclusive(run, "%s", err.text);
    else if (reading.why_not_busy[0])
        cf_run_inconclusive(run, CF_CVM_BUSY_UNREAD ": %s", reading.why_not_busy);
    else
        run->end |= CF_END_STUCK;
    cf_cvm_reading_release(&reading);
    return CF_CVM_SETTLED_NEVER;
}

static bool has_begun(const struct cf_exchange *exchange, const struct wait *wait)
{
    const char *body = exchange->response_body.bytes;
    if (exchange->status != 202)
        return false;
    return wait->correlation_id ? body && strstr(body, wait->correlation_id)
                                : exchange->url && strstr(exchange->url, wait->id);
}

/* The operation may have run, or be over, for long by the time that somebody waits for it. */
static void begin_when_accepted(const struct cf_case_run *run, const struct wait *wait,
                                struct cf_poll *poll)
{
    for (size_t i = run->record->exchange_count; i > 0; i--) {
        if (!has_begun(&run->record->exchanges[i - 1], wait))
            continue;
        cf_run_poll_since(run, poll, i - 1);
        return;
    }
}

/* list: ask the operations list, if there is one, however well an idle CVM tells. */
static enum cf_cvm_settled settle(struct cf_case_run *run, const char *id,
                                  const char *correlation_id, bool list, struct cf_cvm_reading *out)
{
    bool named = correlation_id && *correlation_id;
    bool completed = named && has_completed(run, correlation_id);
    cf_cvm_memory_of(run)->untold = false;
    struct wait wait = {.id = id,
                        .correlation_id = named ? correlation_id : NULL,
                        .listed = named && !completed && (list || !run->profile->idle_tells),
                        .ended = completed};
    struct cf_poll poll = cf_run_poll_begin(run, (double)run->profile->settle_timeout_ms);
    struct cf_poll lag = cf_run_poll_begin(run, (double)run->profile->read_lag_ms);
    begin_when_accepted(run, &wait, &poll);
    bool later = named && !cf_profile_claims(run->profile, "instant_operations") &&
                 cf_run_poll_later(run, &poll);
    if (later && !cf_run_poll_slowly(run, &poll, LATE))
        return settle_late(run, id, out);
    for (;;) {
        int state = look(run, &wait, out);
        if (state > 0 && !may_be_early(run, &wait, &lag)) {
            if (named || wait.was_busy)
                cf_run_poll_over(run, &poll);
            return told(run, &wait);
        }
        if (state < 0)
            break;
        if (state > 0 && out)
            cf_cvm_reading_release(out);
        if (state == 0 && !cf_run_poll_slowly(run, &poll, LATE))
            return settle_late(run, id, out);
    }
    cf_cvm_reading_failed(run, wait.code, &wait.err);
    return CF_CVM_SETTLED_UNKNOWN;
}

enum cf_cvm_settled cf_cvm_settle(struct cf_case_run *run, const char *id,
                                  const char *correlation_id, struct cf_cvm_reading *out)
{
    return settle(run, id, correlation_id, false, out);
}

/* Its id is copied: the next answer takes the place of the one that it stands in. */
enum cf_cvm_settled cf_cvm_settle_answered(struct cf_case_run *run, const char *id)
{
    char correlation[CF_CVM_CORRELATION_BYTES];
    snprintf(correlation, sizeof(correlation), "%s",
             cf_json_text(run->last.json, "correlation_id", ""));
    return cf_cvm_settle(run, id, correlation, NULL);
}

/* ---- too late ---- */

static double ended_ms(const struct cf_case_run *run)
{
    const struct cf_exchange *last = &run->record->exchanges[run->record->exchange_count - 1];
    return last->at_ms + last->duration_ms;
}

/* Whether one look finds everything as it was asked for; false, too, where it finds nothing out. */
static bool shows_now(struct cf_case_run *run, int role, const struct cf_cvm_reading *before,
                      const cJSON *asked)
{
    struct cf_cvm_reading now;
    struct cf_err unread = {0};
    bool read =
        cf_cvm_reading_take(run, run->fixtures[role], "too late to count", &now, &unread) == CF_OK;
    bool shows = read && cf_cvm_reading_compare(run, before, &now, asked, false) == 0;
    cf_cvm_reading_release(&now);
    return shows;
}

void cf_cvm_tell_later(struct cf_case_run *run, int role, const struct cf_cvm_reading *before,
                       const cJSON *asked)
{
    double failed_ms = ended_ms(run);
    char text[80];
    struct cf_poll poll = cf_run_poll_begin_late(run);
    bool shows = false;
    while (!shows && cf_run_poll_again(run, &poll, "it is not as asked for later either")) {
        shows = shows_now(run, role, before, asked);
        poll.interval_ms *= 2;
    }
    cf_run_poll_end_late(run, &poll);
    double late_ms = ended_ms(run) - failed_ms;
    if (!shows)
        return;
    snprintf(text, sizeof(text), "the value asked for was there %.0f ms later", late_ms);
    cf_run_fail_text(run, NULL, "the value when the operation has ended", text,
                     "a read side that lags is said in timing.read_lag_ms");
    cf_run_note(run, "shown_later_ms", cJSON_CreateNumber((double)(long)late_ms));
}

/* ---- an operation that failed ---- */

static void end_by_operation(struct cf_case_run *run)
{
    if (run->over)
        return;
    run->end |= CF_END_OPERATION;
    run->record->fails_at = run->step;
}

/* The operations of a case are several, and one of them may fail by bad luck in every try: what
 * cannot be done fails in the same step each time. */
static bool fails_in_each_try(const struct cf_case_run *run)
{
    const struct cf_case_record *record = run->record;
    return record->failed_on_count + 1 >= CF_TRIES_MAX && record->failed_at == run->step;
}

void cf_cvm_operation_failed(struct cf_case_run *run, int role)
{
    end_by_operation(run);
    cf_run_inconclusive(run, "operation %s failed on CVM %s",
                        cf_cvm_memory_of(run)->correlation[role], run->fixtures[role]);
}

bool cf_cvm_has_failed(struct cf_case_run *run, int role)
{
    struct cf_cvm_reading now;
    struct cf_cvm_memory *memory = cf_cvm_memory_of(run);
    const struct cf_cvm_watched *watched = &memory->watched[role];
    enum cf_cvm_settled end =
        settle(run, run->fixtures[role], memory->correlation[role], true, &now);
    if (end != CF_CVM_SETTLED && end != CF_CVM_SETTLED_FAILED)
        return false;
    bool failed = end == CF_CVM_SETTLED_FAILED ||
                  (memory->untold && watched->known &&
                   cf_cvm_reading_compare(run, &watched->reading, &now, NULL, false) == 0);
    cf_cvm_reading_release(&now);
    return failed;
}

bool cf_cvm_try_elsewhere(struct cf_case_run *run, int role)
{
    const struct cf_cvm_memory *memory = cf_cvm_memory_of(run);
    if (run->over || !memory->untold || fails_in_each_try(run))
        return false;
    end_by_operation(run);
    cf_run_inconclusive(run,
                        "nothing of operation %s shows on CVM %s, and no list tells whether "
                        "it failed",
                        memory->correlation[role], run->fixtures[role]);
    return true;
}

bool cf_cvm_operations_fail(const struct cf_case_run *run)
{
    bool elsewhere = false;
    const struct cf_case_record *record = run->record;
    for (size_t i = 0; i < record->failed_on_count; i++)
        elsewhere = elsewhere || strcmp(record->failed_on[i], run->fixtures[0]) != 0;
    return elsewhere && fails_in_each_try(run);
}

/* ---- a role ---- */

/* The verdict where a role's CVM did not settle; out is released. */
static void not_settled(struct cf_case_run *run, int role, enum cf_cvm_settled end,
                        struct cf_cvm_reading *out)
{
    if (end == CF_CVM_SETTLED_FAILED)
        cf_cvm_operation_failed(run, role);
    if (end == CF_CVM_SETTLED_UNSEEN)
        cf_run_inconclusive(
            run, "nothing on the read side tells whether an accepted operation has ended "
                 "(pixit.observe: in_progress, operations)");
    if (end == CF_CVM_SETTLED_NEVER) {
        cf_run_inconclusive(run, "CVM %s was still busy after %ld ms (pixit.timing)",
                            run->fixtures[role], run->profile->settle_timeout_ms);
        cf_cvm_charge_lock(run, role);
    }
    if (out && (end == CF_CVM_SETTLED_FAILED || end == CF_CVM_SETTLED_UNSEEN))
        cf_cvm_reading_release(out);
}

/* What a slow read side shows right after an operation may be the past, in one field and not in
 * another: read again when that is over. Once for each operation. False: the case has its verdict.
 */
static bool read_past_lag(struct cf_case_run *run, int role, struct cf_cvm_reading *out)
{
    struct cf_cvm_memory *memory = cf_cvm_memory_of(run);
    const char *correlation = memory->correlation[role];
    if (!out || run->profile->read_lag_ms == 0 || strcmp(memory->shown[role], correlation) == 0 ||
        !cf_run_waits_here(run))
        return true;
    struct cf_poll lag = cf_run_poll_begin(run, (double)run->profile->read_lag_ms);
    while (cf_run_poll_again(run, &lag, "what an operation did shows when read_lag_ms are over"))
        continue;
    memcpy(memory->shown[role], correlation, CF_CVM_CORRELATION_BYTES);
    cf_cvm_reading_release(out);
    return cf_cvm_reading_take_or_end(run, run->fixtures[role], true, out);
}

static bool settle_role(struct cf_case_run *run, int role, bool anyhow, struct cf_cvm_reading *out)
{
    if (role < 0 || !run->fixtures[role])
        return false;
    char *correlation = cf_cvm_memory_of(run)->correlation[role];
    enum cf_cvm_settled end = cf_cvm_settle(run, run->fixtures[role], correlation, out);
    if (end == CF_CVM_SETTLED_FAILED && anyhow) {
        correlation[0] = '\0'; /* nobody has to wait for it again */
        return true;
    }
    if (end != CF_CVM_SETTLED)
        not_settled(run, role, end, out);
    return end == CF_CVM_SETTLED && read_past_lag(run, role, out);
}

bool cf_cvm_settle_role(struct cf_case_run *run, int role, struct cf_cvm_reading *out)
{
    return settle_role(run, role, false, out);
}

bool cf_cvm_settle_role_anyhow(struct cf_case_run *run, int role, struct cf_cvm_reading *out)
{
    return settle_role(run, role, true, out);
}

enum cf_cvm_settled cf_cvm_settle_role_or_failed(struct cf_case_run *run, int role, bool list,
                                                 struct cf_cvm_reading *out)
{
    const char *correlation = cf_cvm_memory_of(run)->correlation[role];
    enum cf_cvm_settled end = settle(run, run->fixtures[role], correlation, list, out);
    if (end != CF_CVM_SETTLED && end != CF_CVM_SETTLED_FAILED)
        not_settled(run, role, end, out);
    return end;
}
