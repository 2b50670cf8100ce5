#include "suites/as_found.h"
#include "harness/run/kept.h"

#include <string.h>

static bool is_refused(const cJSON *step)
{
    const cJSON *status = cf_json_get(cf_json_get(step, "expect"), "status");
    const char *endpoint = cf_json_text(step, "request", "");
    bool update = strcmp(endpoint, "update-cvm") == 0 || strcmp(endpoint, "pre-launch-script") == 0;
    bool refused = update && status && !cf_json_get(step, "may_refuse");
    for (int other = 100; refused && other < 600; other++)
        refused = (other >= 400 && other < 500) || !cf_expect_status(status, other);
    return refused;
}

/* Of the main CVM, and once. */
static bool is_plain(const cJSON *step, const char *word)
{
    return cf_json_get(step, word) && !cf_json_get(step, "of") && !cf_json_get(step, "polls") &&
           !cf_json_get(step, "if_refused");
}

static bool asks_nothing(const cJSON *step)
{
    return cf_json_get(step, "let") || cf_json_get(step, "check") || cf_json_get(step, "note");
}

bool cf_cvm_ends_as_found(const struct cf_case *one)
{
    const cJSON *first = one->steps ? one->steps->child : NULL;
    if (one->role_count != 1 || !one->roles[0].kind->exclusive || !first ||
        !(is_plain(first, "observe") || cf_json_get(first, "settle")))
        return false;
    for (const cJSON *step = first->next; step; step = step->next) {
        if (!is_refused(step) && !asks_nothing(step) &&
            !(is_plain(step, "expect_unchanged") && !step->next))
            return false;
    }
    return true;
}

enum cf_code cf_cvm_look(struct cf_case_run *run, struct cf_err *err)
{
    struct cf_cvm_reading reading;
    enum cf_code code = cf_cvm_reading_take(run, run->fixtures[0], "read", &reading, err);
    if (code == CF_OK)
        cf_cvm_reading_release(&reading);
    return code;
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
