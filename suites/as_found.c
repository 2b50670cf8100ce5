#include "suites/as_found.h"
#include "harness/run/kept.h"

#include <string.h>

static bool is_update(const cJSON *step)
{
    const char *endpoint = cf_json_text(step, "request", "");
    return *endpoint && strcmp(endpoint, "commit-update") != 0 && !cf_json_get(step, "may_refuse");
}

/* A body that lists faults is a refusal's, and who asks as nobody is refused, whether a status is
 * asked for or not. What is taken all the same keeps a case from being held (held.h). */
static bool is_refused(const cJSON *step)
{
    const cJSON *expect = cf_json_get(step, "expect");
    const cJSON *status = cf_json_get(expect, "status");
    bool refused = is_update(step);
    if (!status)
        return refused && (cf_json_get(expect, "detail") || cf_json_get(step, "auth"));
    return refused && !cf_expect_status_within(status, 100, 399) &&
           !cf_expect_status_within(status, 500, 599);
}

/* What is sent only where the one before it was taken has a look of its own behind it. */
static bool may_be_refused(const cJSON *step)
{
    const cJSON *status = cf_json_get(cf_json_get(step, "expect"), "status");
    return is_update(step) && !cf_json_get(step, "unless_refused") &&
           (!status || cf_expect_status_within(status, 400, 499));
}

/* Of the main CVM, and whatever was answered. */
static bool is_plain(const cJSON *step, const char *word)
{
    return cf_json_get(step, word) && !cf_json_get(step, "of") && !cf_json_get(step, "if_refused");
}

/* A hash is registered on the chain, or taken from it: no CVM changes by that. */
static bool is_about_a_hash(const cJSON *step)
{
    return cf_json_get(step, "hook") && cf_json_get(cf_json_get(step, "with"), "compose_hash");
}

static bool asks_nothing(const cJSON *step)
{
    return cf_json_get(step, "let") || cf_json_get(step, "check") || cf_json_get(step, "note") ||
           is_about_a_hash(step);
}

static bool has_one_cvm(const struct cf_case *one)
{
    bool others = false;
    for (size_t r = 1; r < one->role_count; r++)
        others = others || one->roles[r].kind->exclusive;
    return one->role_count > 0 && one->roles[0].kind->exclusive && !others;
}

/* Of whatever became of the requests before it. */
static bool looks_at_what_became(const cJSON *step)
{
    return cf_json_get(step, "settle") || is_plain(step, "note_change");
}

unsigned cf_cvm_ends_as_found(const struct cf_case *one, bool *out_if_refused)
{
    const cJSON *first = one->steps ? one->steps->child : NULL;
    const cJSON *last = first;
    bool looks = false;
    *out_if_refused = false;
    if (!has_one_cvm(one) || !first ||
        !(is_plain(first, "observe") || cf_json_get(first, "settle")))
        return 0;
    for (const cJSON *step = first->next; step; last = step, step = step->next) {
        bool ends =
            !step->next && (is_plain(step, "expect_unchanged") || looks_at_what_became(step));
        looks = looks || (ends && looks_at_what_became(step));
        if (!ends && !is_refused(step) && !asks_nothing(step) && !may_be_refused(step))
            return 0;
        *out_if_refused = *out_if_refused || (!ends && !is_refused(step) && !asks_nothing(step));
    }
    if (*out_if_refused && !looks)
        return 0;
    return 1 + (unsigned)cf_json_number(last, "polls", 0);
}

bool cf_cvm_looked_at_later(const cJSON *step)
{
    const char *since = cf_json_text(step, "expect_unchanged", "");
    double polls = cf_json_number(step, "polls", 0);
    for (const cJSON *next = step->next; next; next = next->next) {
        bool same = is_plain(step, "expect_unchanged") && is_plain(next, "expect_unchanged") &&
                    strcmp(cf_json_text(next, "expect_unchanged", ""), since) == 0;
        if (same && cf_json_number(next, "polls", 0) >= polls)
            return true;
        if (!same && !is_refused(next) && !asks_nothing(next))
            return false;
    }
    return false;
}

static enum cf_code look_once(struct cf_case_run *run, bool idle, struct cf_err *err)
{
    struct cf_cvm_reading reading;
    const char *id = run->fixtures[0];
    enum cf_code code = idle ? cf_cvm_reading_take_idle(run, id, "read", &reading, err)
                             : cf_cvm_reading_take(run, id, "read", &reading, err);
    if (code == CF_OK)
        cf_cvm_reading_release(&reading);
    return code;
}

enum cf_code cf_cvm_look(struct cf_case_run *run, unsigned looks, struct cf_err *err)
{
    struct cf_poll poll = cf_run_poll_begin(run, (double)run->profile->settle_timeout_ms);
    enum cf_code code = looks == 1 ? look_once(run, false, err) : CF_OK;
    for (unsigned i = 1; code == CF_OK && i < looks; i++) {
        if (!cf_run_poll_again(run, &poll, "a late change"))
            return cf_err_set(err, CF_ETIMEOUT, "no time is left for a late change");
        code = look_once(run, true, err);
    }
    return code;
}

bool cf_cvm_late_looks_assumed(struct cf_case_run *run, int role)
{
    bool assumed = cf_kept_open_assumed(run, run->fixtures[role]);
    cf_kept_close(run);
    return assumed;
}

bool cf_cvm_look_assumed(struct cf_case_run *run, int role, struct cf_cvm_reading *out)
{
    struct cf_err unread;
    const char *id = run->fixtures[role];
    bool there = cf_kept_open_assumed(run, id);
    if (there && cf_cvm_reading_take(run, id, "read", out, &unread) != CF_OK)
        there = false;
    cf_kept_close(run);
    return there;
}
