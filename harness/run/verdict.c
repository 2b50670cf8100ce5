/* Reaching verdicts: who is to blame, and what is written down. */
#include "harness/base/mem.h"
#include "harness/run/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the IUT says goes into an observation; a longer one is not kept. */
enum { FAILURES_MAX = 50, OBSERVATION_MAX_BYTES = 1 << 20 };

static void set_verdict(struct cf_case_run *run, enum cf_verdict verdict, const char *reason)
{
    if (run->over)
        return;
    run->over = true;
    run->record->verdict = run->record->own_verdict = verdict;
    free(run->record->reason);
    run->record->reason = cf_strdup(reason);
}

static void set_verdict_va(struct cf_case_run *run, enum cf_verdict verdict, const char *fmt,
                           va_list args) CF_PRINTF(3, 0);
static void set_verdict_va(struct cf_case_run *run, enum cf_verdict verdict, const char *fmt,
                           va_list args)
{
    struct cf_err text = {0}; /* for its care about control bytes */
    char line[CF_ERR_TEXT_MAX];
    vsnprintf(line, sizeof(line), fmt, args);
    cf_err_set(&text, CF_OK, "%s", line);
    set_verdict(run, verdict, text.text);
}

void cf_run_inconclusive(struct cf_case_run *run, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    set_verdict_va(run, CF_INCONCLUSIVE, fmt, args);
    va_end(args);
}

void cf_run_not_applicable(struct cf_case_run *run, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    set_verdict_va(run, CF_NOT_APPLICABLE, fmt, args);
    va_end(args);
}

void cf_run_undecided(struct cf_case_run *run, const char *fmt, ...)
{
    va_list args;
    if (run->over)
        return;
    run->end |= CF_END_UNDECIDED;
    va_start(args, fmt);
    set_verdict_va(run, CF_INCONCLUSIVE, fmt, args);
    va_end(args);
}

void cf_run_error(struct cf_case_run *run, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    set_verdict_va(run, CF_ERROR, fmt, args);
    va_end(args);
}

static char *case_pointer_to(const struct cf_requirement *r, const cJSON *origin)
{
    struct cf_buf pointer = {0};
    bool found = cf_json_pointer_to(r->doc.root, origin, &pointer);
    char *text = found ? cf_buf_take(&pointer, NULL) : NULL;
    cf_buf_release(&pointer);
    return text;
}

/* The failure, or NULL where there are enough of them. */
static struct cf_failure *keep_failure(struct cf_case_run *run, const struct cf_mismatch *mismatch)
{
    if (run->record->failure_count >= FAILURES_MAX)
        return NULL;
    struct cf_failure *failure = cf_case_record_add_failure(run->record);
    const cJSON *origin = mismatch->origin ? mismatch->origin : run->step_node;
    failure->step = run->step;
    failure->pointer = cf_strdup(mismatch->pointer);
    failure->expected = cf_strdup(mismatch->expected);
    failure->actual = cf_strdup(mismatch->actual);
    failure->message = cf_strdup(mismatch->message);
    if (run->one) {
        const struct cf_requirement *r = run->one->requirement;
        failure->file = cf_strdup(r->file);
        failure->line = cf_json_line(&r->doc, origin);
        failure->source = cf_json_line_text(&r->doc, failure->line);
        failure->case_pointer = case_pointer_to(r, origin);
    }
    return failure;
}

static void add_requirement(struct cf_case_record *record, const char *id)
{
    for (size_t i = 0; i < record->requirement_count; i++) {
        if (strcmp(record->requirements[i], id) == 0)
            return;
    }
    record->requirements =
        cf_realloc(record->requirements, record->requirement_count + 1, sizeof(char *));
    record->requirements[record->requirement_count++] = cf_strdup(id);
}

void cf_run_charge(struct cf_case_run *run, const char *requirement, int step,
                   const struct cf_mismatch *mismatch)
{
    char reason[CF_ERR_TEXT_MAX];
    struct cf_case_record *record = run->record;
    struct cf_mismatch at_step = *mismatch;
    int now = run->step;
    if (run->engine->own_questions_only || (run->over && record->verdict == CF_ERROR))
        return;
    at_step.origin = cJSON_GetArrayItem(run->one->steps, step);
    run->step = step;
    struct cf_failure *failure = keep_failure(run, &at_step);
    run->step = now;
    if (failure)
        failure->requirement = cf_strdup(requirement);
    add_requirement(record, requirement);
    record->level = CF_MUST;
    if (run->over && record->verdict == CF_FAIL)
        return;
    snprintf(reason, sizeof(reason), "%.100s: expected %s, got %s (%s)", requirement,
             mismatch->expected, mismatch->actual, mismatch->message);
    bool asked = run->step < 0 || run->step > run->last_asking;
    enum cf_verdict own = asked ? CF_PASS : CF_INCONCLUSIVE;
    if (run->over)
        own = record->own_verdict;
    run->over = false;
    set_verdict(run, CF_FAIL, reason);
    record->own_verdict = own;
}

void cf_run_fail(struct cf_case_run *run, const struct cf_mismatch *mismatch)
{
    bool first = !run->over;
    char reason[CF_ERR_TEXT_MAX];
    if (run->over && run->record->failure_count == 0)
        return; /* another verdict stands */
    bool judged = !run->setup && run->one && run->one->requirement->level != CF_OBSERVE;
    keep_failure(run, mismatch);
    if (!first) {
        if (judged)
            run->record->own_verdict = CF_FAIL;
        return;
    }
    int n = snprintf(reason, sizeof(reason), "%sexpected %s, got %s (%s)",
                     run->setup ? "could not be set up: " : "", mismatch->expected,
                     mismatch->actual, mismatch->message);
    if (n < 0)
        reason[0] = '\0';
    set_verdict(run, judged ? CF_FAIL : CF_INCONCLUSIVE, reason);
}

void cf_run_fail_text(struct cf_case_run *run, const cJSON *origin, const char *expected,
                      const char *actual, const char *message)
{
    struct cf_mismatch mismatch = {origin, NULL, expected, actual, message};
    cf_run_fail(run, &mismatch);
}

void cf_run_note(struct cf_case_run *run, const char *name, cJSON *value)
{
    struct cf_buf text;
    struct cf_json_doc doc = {0};
    const char *old = run->record->observation;
    bool first = !old || cf_json_parse(&doc, "observation", old, strlen(old), 0, NULL) != CF_OK;
    if (first)
        doc.root = cJSON_CreateObject();
    cJSON_DeleteItemFromObjectCaseSensitive(doc.root, name);
    if (!value || !cJSON_AddItemToObject(doc.root, name, value))
        cJSON_Delete(value);
    cf_buf_init(&text, OBSERVATION_MAX_BYTES);
    cf_json_print(&text, doc.root);
    cf_json_release(&doc);
    free(run->record->observation);
    run->record->observation = cf_buf_take(&text, NULL);
    cf_buf_release(&text);
}
