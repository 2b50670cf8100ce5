#include "suites/watch.h"
#include "harness/base/mem.h"
#include "harness/match/describe.h"
#include "suites/as_found.h"
#include "suites/running.h"
#include "suites/sent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is charged ---- */

static const char *requirement_of(const struct cf_exchange *refused)
{
    if (!refused)
        return "partial.omitted-unchanged";
    switch (refused->status) {
    case 401:
    case 403:
    case 404:
        return "auth.nothing-applied";
    case 409:
        return "conflict.not-applied";
    case 465:
        return "two-phase.nothing-applied";
    case 466:
    case 467:
    case 468:
        return "two-phase.refusal-applies-nothing";
    default:
        return "validation.atomic";
    }
}

static void charge(struct cf_case_run *run, const struct cf_cvm_sent *sent,
                   const struct cf_exchange *refused, const char *expected, const char *actual)
{
    char message[160];
    if (refused)
        snprintf(message, sizeof(message), "a request refused with %d had an effect",
                 refused->status);
    else
        snprintf(message, sizeof(message), "an update changed a field that it does not name");
    int step = refused ? refused->step : run->record->exchanges[sent->last].step;
    struct cf_mismatch mismatch = {NULL, NULL, expected, actual, message};
    cf_run_charge(run, requirement_of(refused), step, &mismatch);
}

static void charge_field(struct cf_case_run *run, const struct cf_cvm_sent *sent, int field,
                         const cJSON *before, const cJSON *after)
{
    struct cf_buf expected = {0};
    struct cf_buf actual = {0};
    const struct cf_exchange *refused = cf_cvm_sent_blamed(sent, run->record, field, after);
    cf_buf_printf(&expected, "%s: ", cf_cvm_fields[field].name);
    cf_describe(&expected, before);
    cf_buf_printf(&actual, "%s: ", cf_cvm_fields[field].name);
    cf_describe(&actual, after);
    charge(run, sent, refused, cf_buf_text(&expected), cf_buf_text(&actual));
    cf_buf_release(&expected);
    cf_buf_release(&actual);
}

/* ---- looking ---- */

/* A case that asks a must and has failed says enough by itself. */
static bool told(const struct cf_case_run *run)
{
    return run->over && (run->record->verdict == CF_ERROR ||
                         (run->record->verdict == CF_FAIL && run->record->level == CF_MUST));
}

/* Whether a field has a value that was neither there before nor asked for. */
static bool is_odd(const struct cf_case_run *run, const struct cf_cvm_reading *before,
                   const struct cf_cvm_reading *after, int i)
{
    return cf_cvm_reading_sees(before, i) && cf_cvm_reading_sees(after, i) &&
           !cf_cvm_field_same(&cf_cvm_fields[i], after->values[i], before->values[i]) &&
           !cf_cvm_sent_asked_earlier(run, i, after->values[i]);
}

static void compare(struct cf_case_run *run, const struct cf_cvm_sent *sent,
                    const struct cf_cvm_reading *before, const struct cf_cvm_reading *after)
{
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        if (!sent->free[i] && is_odd(run, before, after, i))
            charge_field(run, sent, i, before->values[i], after->values[i]);
    }
}

/* What a CVM is and whose it is: no field of an update, so nothing accounts for another value. */
static const enum cf_cvm_aspect identity[] = {CF_CVM_APP_ID, CF_CVM_KMS_TYPE, CF_CVM_VM_UUID,
                                              CF_CVM_NAME};

enum { IDENTITY_COUNT = sizeof(identity) / sizeof(identity[0]) };

static bool is_another(const struct cf_cvm_reading *before, const struct cf_cvm_reading *after,
                       size_t i)
{
    const cJSON *was = before->aspects[identity[i]];
    const cJSON *is = after->aspects[identity[i]];
    return was && is && !cf_json_equal(was, is);
}

bool cf_cvm_watch_agree(struct cf_case_run *run, const struct cf_cvm_reading *one,
                        const struct cf_cvm_reading *other)
{
    for (size_t i = 0; i < IDENTITY_COUNT; i++) {
        if (is_another(one, other, i))
            return false;
    }
    return cf_cvm_reading_compare(run, one, other, NULL, false) <= 0;
}

static void compare_identity(struct cf_case_run *run, const struct cf_cvm_sent *sent,
                             const struct cf_cvm_reading *before,
                             const struct cf_cvm_reading *after)
{
    for (size_t i = 0; i < IDENTITY_COUNT; i++) {
        const cJSON *was = before->aspects[identity[i]];
        const cJSON *is = after->aspects[identity[i]];
        struct cf_buf expected = {0};
        struct cf_buf actual = {0};
        if (!is_another(before, after, i))
            continue;
        cf_buf_printf(&expected, "%s: ", cf_cvm_aspect_name(identity[i]));
        cf_describe(&expected, was);
        cf_buf_printf(&actual, "%s: ", cf_cvm_aspect_name(identity[i]));
        cf_describe(&actual, is);
        const struct cf_mismatch mismatch = {NULL, NULL, cf_buf_text(&expected),
                                             cf_buf_text(&actual),
                                             "an update changed what is no field of it"};
        cf_run_charge(run, "partial.no-field", run->record->exchanges[sent->last].step, &mismatch);
        cf_buf_release(&expected);
        cf_buf_release(&actual);
    }
}

/* Whether a field that was to change does not have the value that was asked for: not yet? */
static bool lacks(const struct cf_case_run *run, const struct cf_cvm_reading *reading, int i)
{
    return cf_cvm_reading_sees(reading, i) &&
           !cf_cvm_sent_asked_earlier(run, i, reading->values[i]);
}

/* Whether judge() would charge anything, or might have to at the next look. */
static bool shows_something(const struct cf_case_run *run, const struct cf_cvm_watched *last,
                            int role, const struct cf_cvm_reading *reading)
{
    struct cf_cvm_sent sent = cf_cvm_sent_since(run, role, last->since);
    bool busy = cf_cvm_reading_busy(reading) == 1;
    bool shows = busy;
    if (sent.count == 0 || (sent.accepted && busy))
        return false;
    for (int i = 0; i < CF_CVM_FIELD_COUNT && !shows; i++)
        shows = is_odd(run, &last->reading, reading, i) ||
                (sent.awaited && sent.free[i] && lacks(run, reading, i));
    for (size_t i = 0; sent.accepted && i < IDENTITY_COUNT && !shows; i++)
        shows = is_another(&last->reading, reading, i);
    return shows;
}

static void judge(struct cf_case_run *run, const struct cf_cvm_watched *last, int role,
                  const struct cf_cvm_reading *reading)
{
    struct cf_cvm_sent sent = cf_cvm_sent_since(run, role, last->since);
    bool busy = cf_cvm_reading_busy(reading) == 1;
    if (sent.count == 0 || (sent.accepted && busy))
        return;
    if (busy)
        charge(run, &sent, cf_cvm_sent_blamed(&sent, run->record, -1, NULL), "no operation running",
               "in_progress is true");
    compare(run, &sent, &last->reading, reading);
    if (sent.accepted)
        compare_identity(run, &sent, &last->reading, reading);
}

/* A value may be one that the read side cannot show, and says so by a 5xx for good. */
static void note_hidden(struct cf_cvm_watched *watched, const struct cf_cvm_reading *reading)
{
    watched->hidden = false;
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        watched->shown[i] = watched->shown[i] || cf_cvm_reading_sees(reading, i);
        watched->hidden = watched->hidden || (watched->shown[i] && reading->unread[i]);
    }
}

static void watch(struct cf_case_run *run, int role, struct cf_cvm_reading *reading)
{
    struct cf_cvm_watched *last = &cf_cvm_memory_of(run)->watched[role];
    note_hidden(last, reading);
    if (reading->why_not_busy[0]) /* nor is it known to be idle */
        return;
    if (last->known && !told(run))
        judge(run, last, role, reading);
    if (cf_cvm_reading_busy(reading) == 1)
        return;
    if (last->known)
        cf_cvm_reading_release(&last->reading);
    cf_cvm_reading_share(&last->reading, reading);
    last->known = true;
    last->since = run->record->exchange_count;
}

/* One look may have been answered by what was there before, by half of what is there, or with what
 * is there of another CVM: the same has to come twice in a row. */
void cf_cvm_watch(struct cf_case_run *run, int role, struct cf_cvm_reading *reading)
{
    enum { LOOKS_MAX = 4 };
    struct cf_err unread = {0};
    struct cf_cvm_reading again;
    bool same = false;
    if (!run->one)
        return;
    const struct cf_cvm_watched *last = &cf_cvm_memory_of(run)->watched[role];
    for (int looks = 0;
         !same && looks < LOOKS_MAX && last->known && !told(run) &&
         shows_something(run, last, role, reading) &&
         cf_cvm_reading_take(run, run->fixtures[role], "look again", &again, &unread) == CF_OK;
         looks++) {
        same = cf_cvm_watch_agree(run, reading, &again);
        cf_cvm_reading_release(reading);
        *reading = again;
    }
    watch(run, role, reading);
}

/* One look, or looks until what was accepted has ended; false where that cannot be seen. */
static bool look(struct cf_case_run *run, int role, bool accepted, struct cf_cvm_reading *out)
{
    const char *correlation = cf_cvm_memory_of(run)->correlation[role];
    struct cf_poll poll = cf_run_poll_begin(run, (double)run->profile->settle_timeout_ms);
    if (!accepted && cf_cvm_look_assumed(run, role, out))
        return true;
    if (accepted)
        cf_cvm_let_show(run);
    do {
        struct cf_err err = {0};
        if (accepted && *correlation && cf_cvm_runs_now(run, run->fixtures[role], correlation) == 1)
            continue;
        if (cf_cvm_reading_take(run, run->fixtures[role], "after the case", out, &err) != CF_OK) {
            cf_cvm_memory_of(run)->watched[role].hidden = true;
            return false;
        }
        if (!accepted || cf_cvm_reading_busy(out) != 1)
            return true;
        cf_cvm_reading_release(out);
    } while (cf_run_poll_slowly(run, &poll, "an operation outlives its case"));
    return false;
}

static void look_again(struct cf_case_run *run)
{
    struct cf_cvm_memory *memory = run->domain;
    for (size_t role = 0; memory && role < run->one->role_count; role++) {
        struct cf_cvm_reading reading;
        const struct cf_cvm_watched *last = &memory->watched[role];
        if (!last->known || told(run))
            continue;
        struct cf_cvm_sent sent = cf_cvm_sent_since(run, (int)role, last->since);
        if (sent.count == 0 || !look(run, (int)role, sent.accepted, &reading))
            continue;
        cf_cvm_watch(run, (int)role, &reading);
        cf_cvm_reading_release(&reading);
    }
}

void cf_cvm_watch_end(struct cf_case_run *run)
{
    const struct cf_cvm_memory *memory = run->domain;
    look_again(run);
    if (memory && memory->watched[0].hidden)
        run->end |= CF_END_HIDDEN;
}

/* ---- what an answer tells ---- */

static bool asks_for_a_file(const cJSON *step)
{
    const cJSON *body = cf_json_get(step, "json");
    return *cf_json_text(body, "docker_compose_file", "") ||
           *cf_json_text(body, "pre_launch_script", "") || *cf_json_text(step, "script", "");
}

void cf_cvm_watch_answered(struct cf_case_run *run, const cJSON *step,
                           const struct cf_answer *answer)
{
    const cJSON *status = cf_json_get(cf_json_get(run->step_node, "expect"), "status");
    const struct cf_mismatch mismatch = {
        NULL, NULL, "status 465", "status 202",
        "a change of the compose hash was accepted without a proof"};
    if (run->setup && cJSON_IsNumber(status) && cf_expect_status(status, 465) &&
        answer->exchange->status == 202 && asks_for_a_file(step) && cf_run_is_own(run))
        cf_run_charge(run, "two-phase.required", run->step, &mismatch);
}
