/* The step words about a CVM's state: observe, settle, expect_change, expect_unchanged, track. */
#include "harness/case/shape.h"
#include "harness/run/kept.h"
#include "suites/as_found.h"
#include "suites/settle.h"
#include "suites/watch.h"
#include "suites/words.h"

#include <stdio.h>
#include <string.h>

#define FAILED_OVER_VALUE "the operation failed, as another server refuses the value"

enum { GRACE_POLLS = 3, LOOKS_MAX = 5 };

static const char TO_BE_SURE[] = "read, to be sure";

static int role_of(struct cf_case_run *run, const cJSON *step)
{
    int role = cf_run_role(run, cf_json_text(step, "of", NULL));
    if (role < 0)
        cf_run_error(run, "the case has no fixture \"%s\"", cf_json_text(step, "of", "?"));
    return role;
}

/* Words whose value is a name, with "of": ROLE beside it. */
static enum cf_code check_name(const struct cf_engine *engine, const struct cf_json_doc *doc,
                               const cJSON *step, const char *path, struct cf_err *err)
{
    (void)engine;
    static const char *const words[] = {"observe", "expect_unchanged", "note_change",    "settle",
                                        "track",   "expect_idle",      "there_and_back", "of"};
    enum cf_code code = CF_OK;
    for (size_t i = 0; code == CF_OK && i < sizeof(words) / sizeof(words[0]); i++) {
        const cJSON *name = cf_json_get(step, words[i]);
        if (name)
            code = cf_shape_line(doc, name, path, 60, err);
    }
    return code;
}

/* The reading of an idle CVM to which nothing was sent since, be it by the case before. */
static bool take_kept(struct cf_case_run *run, int role, struct cf_cvm_reading *out)
{
    struct cf_err err = {0};
    bool there = cf_kept_open(run, run->fixtures[role]);
    if (there && cf_cvm_reading_take(run, run->fixtures[role], "read", out, &err) != CF_OK)
        there = false;
    cf_kept_close(run);
    return there;
}

/* ---- observe: {"observe": NAME, "of": ROLE} ---- */

/* One more look at an idle CVM. False: the case has its verdict. */
static bool look_again(struct cf_case_run *run, int role, struct cf_cvm_reading *out)
{
    struct cf_err unread = {0};
    if (cf_cvm_reading_take(run, run->fixtures[role], TO_BE_SURE, out, &unread) == CF_OK &&
        cf_cvm_reading_busy(out) != 1 && !out->why_not_busy[0])
        return true;
    cf_cvm_reading_release(out);
    return cf_cvm_settle_role(run, role, out);
}

/* All that comes after is held against the first look of a case, so one is not enough: it may have
 * been answered by what was there before, or by half of what is there. The same has to come twice
 * in a row. */
static bool settle_surely(struct cf_case_run *run, int role, bool anyhow,
                          struct cf_cvm_reading *out)
{
    bool same = cf_cvm_memory_of(run)->watched[role].known;
    if (!(anyhow ? cf_cvm_settle_role_anyhow(run, role, out) : cf_cvm_settle_role(run, role, out)))
        return false;
    for (int looks = 1; !same && looks < LOOKS_MAX && cf_kept_look_again(run, TO_BE_SURE);
         looks++) {
        struct cf_cvm_reading before = *out;
        bool read = look_again(run, role, out);
        same = read && cf_cvm_watch_agree(run, &before, out);
        cf_cvm_reading_release(&before);
        if (!read)
            return false;
    }
    return true;
}

static void run_observe(struct cf_case_run *run, const cJSON *step)
{
    struct cf_cvm_reading reading;
    int role = role_of(run, step);
    if (role < 0)
        return;
    if (!take_kept(run, role, &reading) && !settle_surely(run, role, false, &reading))
        return;
    cf_cvm_watch(run, role, &reading);
    cf_cvm_memory_keep(run, cf_json_get(step, "observe")->valuestring, role, &reading);
}

const struct cf_step_word cf_cvm_word_observe = {{"observe", NULL,
                                                  (const char *const[]){"of", NULL},
                                                  .check = check_name, .gives_reading = "observe"},
                                                 run_observe,
                                                 false};

/* ---- settle: {"settle": ROLE}, a preparation whether it says so or not: it asks nothing ----
 *
 * "may_fail": whether the operation may have failed over a value that another server would have
 * refused; nothing is asked then. */

static enum cf_code check_settle(const struct cf_engine *engine, const struct cf_json_doc *doc,
                                 const cJSON *step, const char *path, struct cf_err *err)
{
    const cJSON *may_fail = cf_json_get(step, "may_fail");
    enum cf_code code = check_name(engine, doc, step, path, err);
    return code == CF_OK && may_fail ? cf_shape_type(doc, may_fail, path, "boolean", err) : code;
}

static void run_settle(struct cf_case_run *run, const cJSON *step)
{
    struct cf_cvm_reading reading;
    int role = cf_run_role(run, cf_json_get(step, "settle")->valuestring);
    run->setup = true;
    if (role < 0)
        cf_run_error(run, "the case has no such fixture");
    if (role < 0)
        return;
    if (cf_json_bool(step, "may_fail", false) && cf_cvm_has_failed(run, role)) {
        cf_run_not_applicable(run, FAILED_OVER_VALUE);
        return;
    }
    bool first = !run->last.exchange; /* nothing was sent yet: what the case before read is good */
    if (!(!first && cf_cvm_look_assumed(run, role, &reading)) && !take_kept(run, role, &reading) &&
        !settle_surely(run, role, true, &reading))
        return;
    cf_cvm_watch(run, role, &reading);
    cf_cvm_reading_release(&reading);
}

const struct cf_step_word cf_cvm_word_settle = {
    {"settle", NULL, (const char *const[]){"may_fail", NULL}, .check = check_settle},
    run_settle,
    false};

/* Some implementations end an operation a moment before its effect shows, or list it a moment after
 * they accepted it. */
static struct cf_poll begin_grace(struct cf_case_run *run)
{
    long polls_ms = GRACE_POLLS * run->profile->poll_interval_ms;
    long lag_ms = run->profile->read_lag_ms;
    return cf_run_poll_begin(run, (double)(lag_ms > polls_ms ? lag_ms : polls_ms));
}

/* ---- track: the read side lists the accepted operation and it reaches an end ---- */

static enum cf_cvm_listing look_for(struct cf_case_run *run, const char *id,
                                    const char *correlation_id, char *status, size_t size,
                                    struct cf_err *err)
{
    enum cf_cvm_listing listing;
    struct cf_poll poll = begin_grace(run);
    do {
        listing = cf_cvm_reading_operation(run, CF_CVM_LOOK, id, correlation_id, status, size, err);
    } while (listing == CF_CVM_NOT_LISTED &&
             cf_run_poll_again(run, &poll, "the operation is not listed"));
    return listing;
}

static void judge_track(struct cf_case_run *run, const char *id, const char *correlation_id)
{
    struct cf_err err = {0};
    char status[64] = "";
    struct cf_poll poll = cf_run_poll_begin(run, (double)run->profile->settle_timeout_ms);
    if (!cf_cvm_reading_maps(run->profile, CF_CVM_OPERATIONS)) {
        cf_run_inconclusive(run, "the profile does not say where operations are listed");
        return;
    }
    do {
        enum cf_cvm_listing listing =
            look_for(run, id, correlation_id, status, sizeof(status), &err);
        if (listing == CF_CVM_NOT_LISTED) {
            cf_run_fail_text(run, NULL, "the operation in the operations list", err.text,
                             "an accepted operation cannot be tracked");
            return;
        }
        if (listing != CF_CVM_LISTED) {
            cf_run_inconclusive(run, "whether the operation is listed cannot be read: %s",
                                err.text);
            return;
        }
        if (strcmp(status, CF_CVM_RUNNING) != 0)
            break;
    } while (cf_run_poll_slowly(run, &poll, "the operation did not reach an end"));
    if (strcmp(status, "completed") != 0 && strcmp(status, "failed") != 0)
        cf_run_fail_text(run, NULL, "operation status completed or failed", status,
                         "the operation did not reach an end");
}

static void run_track(struct cf_case_run *run, const cJSON *step)
{
    int role = cf_run_role(run, cf_json_get(step, "track")->valuestring);
    struct cf_cvm_memory *memory = cf_cvm_memory_of(run);
    if (role < 0)
        cf_run_error(run, "the case has no such fixture");
    else if (memory->correlation[role][0] == '\0')
        cf_run_inconclusive(run, "no correlation id to look for");
    else
        judge_track(run, run->fixtures[role], memory->correlation[role]);
}

const struct cf_step_word cf_cvm_word_track = {
    {"track", NULL, NULL, .check = check_name}, run_track, true};

/* ---- expect_change: {"expect_change": {FIELD: VALUE}, "since": NAME, "of": ROLE} ----
 *
 * Where all that was asked for is out of sight, the case is not applicable, unless "even_unseen"
 * says that the question is about something else. With "or_refused" nothing must have changed where
 * the request before was refused; reads aside. */

/* Whether the last request was refused: then nothing of it may be applied. Reads in between are
 * not what is asked about. */
static bool was_refused(const struct cf_case_run *run)
{
    return run->asked_status / 100 == 4;
}

static enum cf_code check_change(const struct cf_engine *engine, const struct cf_json_doc *doc,
                                 const cJSON *step, const char *path, struct cf_err *err)
{
    (void)engine;
    const cJSON *fields = cf_json_get(step, "expect_change");
    const cJSON *unseen = cf_json_get(step, "even_unseen");
    const cJSON *refused = cf_json_get(step, "or_refused");
    enum cf_code code = cf_shape_line(doc, cf_json_get(step, "since"), path, 60, err);
    if (code == CF_OK && unseen)
        code = cf_shape_type(doc, unseen, path, "boolean", err);
    if (code == CF_OK && refused)
        code = cf_shape_type(doc, refused, path, "boolean", err);
    if (code != CF_OK || cJSON_IsString(fields))
        return code;
    code = cf_shape_type(doc, fields, path, "object", err);
    for (const cJSON *f = code == CF_OK ? fields->child : NULL; code == CF_OK && f; f = f->next) {
        if (cf_cvm_field_index(f->string) < 0 && !strstr(f->string, "${"))
            code =
                cf_json_fault(doc, f, err, "%s: the contract has no field \"%s\"", path, f->string);
    }
    return code;
}

/* What a change is judged by. */
struct wanted {
    const struct cf_cvm_reading *before;
    const cJSON *asked;
    bool even_unseen; /* where all that was asked for is out of sight, the case says more yet */
    bool may_fail;    /* a server may refuse the values, and so may its operation */
};

/* What was accepted was not done, as the operations list says itself. Where nothing was to change,
 * or something did, nothing is known. */
static void judge_failed(struct cf_case_run *run, int role, const struct wanted *wanted,
                         const struct cf_cvm_reading *after)
{
    bool nothing = cf_cvm_reading_compare(run, wanted->before, after, NULL, false) == 0;
    if (wanted->may_fail)
        cf_run_not_applicable(run, FAILED_OVER_VALUE);
    else if (wanted->asked->child && nothing && !run->setup && cf_cvm_operations_fail(run))
        cf_run_fail_text(run, NULL, "the change that was asked for and accepted",
                         "an operation that failed and changed nothing",
                         "in every try, and on more than one CVM, the operation fails");
    else
        cf_cvm_operation_failed(run, role);
}

/* The verdict by the reading that decides, which becomes the case's own. */
static void judge_after(struct cf_case_run *run, int role, const struct wanted *wanted,
                        struct cf_cvm_reading *after)
{
    char why[160];
    const cJSON *asked = wanted->asked;
    const struct cf_cvm_reading *before = wanted->before;
    cf_cvm_reading_compare(run, before, after, asked, true);
    cf_cvm_watch(run, role, after);
    if (run->over && run->record->verdict == CF_FAIL &&
        cf_cvm_reading_is_old(run, before, after, asked))
        cf_cvm_tell_later(run, role, before, asked);
    if (!wanted->even_unseen &&
        cf_cvm_reading_passes_over(run, before, after, asked, why, sizeof(why)))
        cf_run_not_applicable(run, "%s", why);
    cf_cvm_memory_keep(run, "after", role, after);
}

/* Where no list tells of operations, one that failed looks like a request that was ignored. */
static bool perhaps_failed(struct cf_case_run *run, int role, const struct wanted *wanted,
                           const struct cf_cvm_reading *after)
{
    if (!cf_cvm_memory_of(run)->untold || !wanted->asked->child ||
        cf_cvm_reading_compare(run, wanted->before, after, wanted->asked, false) == 0 ||
        cf_cvm_reading_compare(run, wanted->before, after, NULL, false) > 0)
        return false;
    if (wanted->may_fail)
        cf_run_not_applicable(run, FAILED_OVER_VALUE);
    return wanted->may_fail || cf_cvm_try_elsewhere(run, role);
}

/* Read again while the state is not as expected. The last reading decides, where the one before it
 * showed the same: another one may be what is there of another CVM, or was there before. */
static void compare_with_grace(struct cf_case_run *run, int role, const struct wanted *wanted)
{
    struct cf_poll poll = begin_grace(run);
    struct cf_cvm_reading earlier = {0};
    int looks = 0, more = 0;
    for (bool last = false;;) {
        struct cf_cvm_reading after;
        enum cf_cvm_settled end = cf_cvm_settle_role_or_failed(run, role, wanted->may_fail, &after);
        if (end == CF_CVM_SETTLED_FAILED) {
            judge_failed(run, role, wanted, &after);
            cf_cvm_reading_release(&after);
        }
        if (end != CF_CVM_SETTLED)
            break;
        bool same = looks++ > 0 && cf_cvm_watch_agree(run, &earlier, &after);
        bool sure = last && (same || ++more == LOOKS_MAX);
        if (sure ||
            cf_cvm_reading_compare(run, wanted->before, &after, wanted->asked, false) == 0) {
            if (perhaps_failed(run, role, wanted, &after))
                cf_cvm_reading_release(&after);
            else
                judge_after(run, role, wanted, &after);
            break;
        }
        cf_cvm_reading_release(&earlier);
        earlier = after;
        last = last || !cf_run_poll_again(run, &poll, "the state is not as expected");
    }
    cf_cvm_reading_release(&earlier);
}

static void judge_change(struct cf_case_run *run, int role, const char *since,
                         struct wanted *wanted)
{
    wanted->before = cf_cvm_memory_reading(run, since, role);
    if (wanted->before)
        compare_with_grace(run, role, wanted);
    else
        cf_run_error(run, "nothing was observed as \"%s\"", since);
}

void cf_cvm_judge_change(struct cf_case_run *run, int role, const char *since, const cJSON *asked,
                         bool even_unseen)
{
    struct wanted wanted = {.asked = asked, .even_unseen = even_unseen};
    judge_change(run, role, since, &wanted);
}

static void run_change(struct cf_case_run *run, const cJSON *step)
{
    int role = role_of(run, step);
    bool may_refuse = cf_json_bool(step, "or_refused", false);
    bool refused = may_refuse && was_refused(run);
    cJSON *asked = role < 0  ? NULL
                   : refused ? cJSON_CreateObject()
                             : cf_run_expand(run, cf_json_get(step, "expect_change"));
    struct wanted wanted = {.asked = asked,
                            .even_unseen = cf_json_bool(step, "even_unseen", false),
                            .may_fail = may_refuse && !refused};
    if (asked)
        judge_change(run, role, cf_json_text(step, "since", ""), &wanted);
    cJSON_Delete(asked);
}

const struct cf_step_word cf_cvm_word_expect_change = {
    {"expect_change", (const char *const[]){"since", NULL},
     (const char *const[]){"of", "even_unseen", "or_refused", NULL}, .check = check_change,
     .leaves_reading = "after", .uses_reading = "since"},
    run_change,
    true};

/* ---- expect_value: {"expect_value": {FIELD: VALUE}, "of": ROLE}: whatever else has changed ----
 */

static enum cf_code check_value(const struct cf_engine *engine, const struct cf_json_doc *doc,
                                const cJSON *step, const char *path, struct cf_err *err)
{
    (void)engine;
    const cJSON *fields = cf_json_get(step, "expect_value");
    return cJSON_IsString(fields) ? CF_OK : cf_shape_type(doc, fields, path, "object", err);
}

/* The form in which a user_config was read tells what cannot show of another one. */
static void borrow_form(struct cf_cvm_reading *to, const struct cf_cvm_reading *from)
{
    int i = cf_cvm_field_index("user_config");
    if (!from || !from->observed[i])
        return;
    to->observed[i] = true;
    to->values[i] = from->values[i];
}

/* As it has to be, or the last of those readings; false where the case has its verdict. */
static bool read_values(struct cf_case_run *run, int role, const struct cf_cvm_reading *nothing,
                        const cJSON *asked, struct cf_cvm_reading *out)
{
    struct cf_poll poll = begin_grace(run);
    for (bool last = false; cf_cvm_settle_role(run, role, out);) {
        bool shows = cf_cvm_reading_compare(run, nothing, out, asked, false) == 0;
        if (shows || (last && !cf_cvm_try_elsewhere(run, role)))
            return true;
        cf_cvm_reading_release(out);
        if (last)
            return false;
        last = !cf_run_poll_again(run, &poll, "the values are not as expected");
    }
    return false;
}

static void judge_values(struct cf_case_run *run, int role, const cJSON *asked)
{
    char why[160];
    struct cf_cvm_reading now;
    struct cf_cvm_reading nothing = {0}; /* as before: nothing that would have to stay */
    if (cf_json_get(asked, "user_config"))
        borrow_form(&nothing, cf_cvm_memory_reading(run, NULL, role));
    if (!read_values(run, role, &nothing, asked, &now))
        return;
    cf_cvm_reading_compare(run, &nothing, &now, asked, true);
    if (cf_cvm_reading_passes_over(run, &nothing, &now, asked, why, sizeof(why)))
        cf_run_not_applicable(run, "%s", why);
    cf_cvm_memory_keep(run, "value", role, &now);
}

static void run_value(struct cf_case_run *run, const cJSON *step)
{
    int role = role_of(run, step);
    cJSON *asked = role >= 0 ? cf_run_expand(run, cf_json_get(step, "expect_value")) : NULL;
    if (asked)
        judge_values(run, role, asked);
    cJSON_Delete(asked);
}

const struct cf_step_word cf_cvm_word_expect_value = {
    {"expect_value", NULL, (const char *const[]){"of", NULL}, .check = check_value,
     .leaves_reading = "value"},
    run_value,
    true};

/* ---- there_and_back: FIELD, which the case moves to and fro ---- */

static void run_there_and_back(struct cf_case_run *run, const cJSON *step)
{
    cJSON *field = cf_run_expand(run, cf_json_get(step, "there_and_back"));
    const char *name = cJSON_IsString(field) ? field->valuestring : "";
    if (cf_profile_moves_up(run->profile, name))
        cf_run_not_applicable(run, "%s moves up only", name);
    cJSON_Delete(field);
}

const struct cf_step_word cf_cvm_word_there_and_back = {
    {"there_and_back", NULL, NULL, .check = check_name}, run_there_and_back, false};

/* ---- expect_unchanged: {"expect_unchanged": NAME, "of": ROLE, "polls": N} ----
 *
 * At once, and then N times more: a refusal that is followed by its effect is not a refusal. With
 * "if_refused" only where the request before was refused. Where the profile says that the
 * read side lags, what differs may be older still: it is read again for as long. */

enum { UNCHANGED_POLLS_MAX = 20 };

static enum cf_code check_unchanged(const struct cf_engine *engine, const struct cf_json_doc *doc,
                                    const cJSON *step, const char *path, struct cf_err *err)
{
    long count;
    const cJSON *polls = cf_json_get(step, "polls");
    const cJSON *refused = cf_json_get(step, "if_refused");
    enum cf_code code = check_name(engine, doc, step, path, err);
    if (code == CF_OK && refused)
        code = cf_shape_type(doc, refused, path, "boolean", err);
    return code == CF_OK && polls
               ? cf_shape_integer(doc, polls, path, 1, UNCHANGED_POLLS_MAX, &count, err)
               : code;
}

static bool read_unchanged(struct cf_case_run *run, int role, const struct cf_cvm_reading *before,
                           bool idle, struct cf_cvm_reading *out)
{
    struct cf_poll lag = cf_run_poll_begin(run, (double)run->profile->read_lag_ms);
    while (cf_cvm_reading_take_or_end(run, run->fixtures[role], idle, out)) {
        if (run->profile->read_lag_ms == 0 ||
            cf_cvm_reading_compare(run, before, out, NULL, false) == 0 ||
            !cf_run_poll_again(run, &lag, "a field has changed"))
            return true;
        cf_cvm_reading_release(out);
    }
    return false;
}

/* idle: the look before this one showed that nothing runs; only: no other one comes after it. A
 * difference has to show twice. */
static void compare_now(struct cf_case_run *run, int role, const struct cf_cvm_reading *before,
                        bool idle, bool only)
{
    struct cf_cvm_reading after;
    bool assumed = only && cf_cvm_look_assumed(run, role, &after);
    if (!assumed && !read_unchanged(run, role, before, idle, &after))
        return;
    if (cf_cvm_reading_busy(&after) == 1 ||
        cf_cvm_reading_compare(run, before, &after, NULL, false) > 0) {
        cf_cvm_reading_release(&after);
        if (!cf_cvm_reading_take_or_end(run, run->fixtures[role], false, &after))
            return;
    }
    if (cf_cvm_reading_busy(&after) == 1)
        cf_run_fail_text(run, NULL, "no operation running", "in_progress is true",
                         "a refused request started an operation");
    cf_cvm_reading_compare(run, before, &after, NULL, true);
    if (after.why_not_busy[0])
        cf_run_inconclusive(run, CF_CVM_BUSY_UNREAD ": %s", after.why_not_busy);
    cf_cvm_watch(run, role, &after);
    cf_cvm_reading_release(&after);
}

static void run_unchanged(struct cf_case_run *run, const cJSON *step)
{
    int role = role_of(run, step);
    const char *since = cf_json_get(step, "expect_unchanged")->valuestring;
    const struct cf_cvm_reading *before =
        role >= 0 ? cf_cvm_memory_reading(run, since, role) : NULL;
    if (role >= 0 && !before)
        cf_run_error(run, "nothing was observed as \"%s\"", since);
    if (!before || (cf_json_bool(step, "if_refused", false) && !was_refused(run)))
        return;
    int polls = (int)cf_json_number(step, "polls", 0);
    struct cf_poll poll = cf_run_poll_begin(run, (double)run->profile->settle_timeout_ms);
    compare_now(run, role, before, false, polls == 0);
    if (cf_cvm_looked_at_later(step) ||
        (polls > 0 && !run->over && cf_cvm_late_looks_assumed(run, role)))
        return;
    while (!run->over && polls-- > 0 && cf_run_poll_again(run, &poll, "a late change"))
        compare_now(run, role, before, true, false);
}

const struct cf_step_word cf_cvm_word_expect_unchanged = {
    {"expect_unchanged", NULL, (const char *const[]){"of", "polls", "if_refused", NULL},
     check_unchanged, .uses_reading = "expect_unchanged"},
    run_unchanged,
    true};

/* ---- expect_idle: {"expect_idle": ROLE}: at once, no operation runs ----
 *
 * One that runs has to show twice. */

static void run_idle(struct cf_case_run *run, const cJSON *step)
{
    struct cf_cvm_reading reading;
    int role = cf_run_role(run, cf_json_get(step, "expect_idle")->valuestring);
    if (role < 0) {
        cf_run_error(run, "the case has no such fixture");
        return;
    }
    if (!cf_cvm_reading_take_or_end(run, run->fixtures[role], false, &reading))
        return;
    if (cf_cvm_reading_busy(&reading) == 1) {
        cf_cvm_reading_release(&reading);
        if (!cf_cvm_reading_take_or_end(run, run->fixtures[role], false, &reading))
            return;
    }
    int busy = cf_cvm_reading_busy(&reading);
    if (busy == 1)
        cf_run_fail_text(run, NULL, "no operation running", "in_progress is true",
                         "an operation is running");
    else if (reading.why_not_busy[0])
        cf_run_inconclusive(run, CF_CVM_BUSY_UNREAD ": %s", reading.why_not_busy);
    else if (busy < 0)
        cf_run_inconclusive(run, "whether an operation runs cannot be observed");
    cf_cvm_reading_release(&reading);
}

const struct cf_step_word cf_cvm_word_expect_idle = {
    {"expect_idle", NULL, NULL, .check = check_name}, run_idle, true};

/* ---- note_change: which fields differ from a reading, into the observation ---- */

static void run_note_change(struct cf_case_run *run, const cJSON *step)
{
    struct cf_cvm_reading after;
    int role = role_of(run, step);
    const char *since = cf_json_get(step, "note_change")->valuestring;
    if (role < 0 ||
        (!cf_cvm_look_assumed(run, role, &after) && !cf_cvm_settle_role_anyhow(run, role, &after)))
        return;
    cf_cvm_watch(run, role, &after);
    const struct cf_cvm_reading *before = cf_cvm_memory_reading(run, since, role);
    cJSON *changed = cJSON_CreateObject();
    cJSON *unknown = cJSON_CreateArray();
    for (int i = 0; before && i < CF_CVM_FIELD_COUNT; i++) {
        const char *name = cf_cvm_fields[i].name;
        bool both = cf_cvm_reading_sees(before, i) && cf_cvm_reading_sees(&after, i);
        if (both && !cf_cvm_field_same(&cf_cvm_fields[i], after.values[i], before->values[i]))
            cJSON_AddItemToObject(changed, name, cf_cvm_reading_value(&after, i));
        else if (before->unread[i] || after.unread[i])
            cJSON_AddItemToArray(unknown, cJSON_CreateString(name));
    }
    cf_run_note(run, "changed", changed);
    if (unknown->child)
        cf_run_note(run, "not_readable", unknown);
    else
        cJSON_Delete(unknown);
    cf_cvm_reading_release(&after);
}

const struct cf_step_word cf_cvm_word_note_change = {{"note_change", NULL,
                                                      (const char *const[]){"of", NULL}, check_name,
                                                      .uses_reading = "note_change"},
                                                     run_note_change,
                                                     false};
