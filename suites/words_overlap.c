/*
 * {"overlap": {FIRST REQUEST}, "with": {SECOND REQUEST}, "once": BOOL}: a second update while the
 * first one's operation runs is refused as a conflict.
 *
 * "or": [STATUS], what the second one deserves beside 409. "between": {REQUEST}, sent after the
 * first one; its answer is not judged.
 */
#include "harness/case/shape.h"
#include "harness/run/steps.h"
#include "suites/running.h"
#include "suites/settle.h"
#include "suites/words.h"

#include <stdio.h>

enum { OVERLAP_TRIES = 5 };

enum cf_code cf_cvm_check_held_request(const struct cf_engine *engine,
                                       const struct cf_json_doc *doc, const cJSON *step,
                                       const char *member, const char *path, struct cf_err *err)
{
    char where[200];
    const cJSON *request = cf_json_get(step, member);
    snprintf(where, sizeof(where), "%s/%s", path, member);
    enum cf_code code = cf_shape_object(doc, request, where, (const char *const[]){"request", NULL},
                                        cf_step_request.form.optional, err);
    return code == CF_OK ? cf_step_request.form.check(engine, doc, request, where, err) : code;
}

static enum cf_code check_overlap(const struct cf_engine *engine, const struct cf_json_doc *doc,
                                  const cJSON *step, const char *path, struct cf_err *err)
{
    char where[200];
    const cJSON * or = cf_json_get(step, "or");
    const cJSON *once = cf_json_get(step, "once");
    enum cf_code code = cf_cvm_check_held_request(engine, doc, step, "overlap", path, err);
    if (code == CF_OK)
        code = cf_cvm_check_held_request(engine, doc, step, "with", path, err);
    if (code == CF_OK && cf_json_get(step, "between"))
        code = cf_cvm_check_held_request(engine, doc, step, "between", path, err);
    snprintf(where, sizeof(where), "%s/or", path);
    if (code == CF_OK && or)
        code = cf_expect_check_status(doc, or, where, err);
    return code == CF_OK && once ? cf_shape_type(doc, once, path, "boolean", err) : code;
}

/* Send a request; the index of its exchange, or -1 when the case has its verdict. */
static long send_plain(struct cf_case_run *run, const cJSON *request, const char *purpose)
{
    struct cf_err err = {0};
    struct cf_built_request built;
    if (!cf_built_request_init(run, request, &built))
        return -1;
    enum cf_code code = cf_run_send(run, purpose, &built.request, &err);
    if (code == CF_OK)
        run->engine->answered(run, built.step, &run->last);
    else
        cf_run_no_answer(run, code, &err);
    cf_built_request_release(&built);
    return code == CF_OK ? (long)run->last_index : -1;
}

static const char *answer_correlation(struct cf_case_run *run)
{
    return cf_json_text(run->last.json, "correlation_id", "");
}

/* Whether the first operation still runs: by the list, else by the CVM itself, on which nothing
 * else can run unless the second request was accepted. */
static bool first_still_runs(struct cf_case_run *run, int role, const char *first_id,
                             bool second_accepted)
{
    struct cf_err err = {0};
    struct cf_cvm_reading reading;
    const char *id = run->fixtures[role];
    int running = *first_id ? cf_cvm_runs_now(run, id, first_id) : -1;
    if (running >= 0 || second_accepted)
        return running == 1;
    if (cf_cvm_reading_take(run, id, "does the first operation run", &reading, &err) != CF_OK)
        return false;
    running = cf_cvm_reading_busy(&reading);
    cf_cvm_reading_release(&reading);
    return running == 1;
}

/* The second one was not answered 409. True when that is settled: a defect, or trouble. False: the
 * first operation may have ended before the second request arrived, and the pair can be tried
 * again. */
static bool judge_no_conflict(struct cf_case_run *run, int role, const char *first_id, int status)
{
    char actual[100];
    struct cf_cvm_reading reading;
    if (first_still_runs(run, role, first_id, status == 202)) {
        snprintf(actual, sizeof(actual), "status %d while the first operation is still running",
                 status);
        cf_run_fail_text(run, NULL, "status 409", actual,
                         status == 202
                             ? "a second update was accepted during an operation"
                             : "an update during an operation was not refused as a conflict");
        return true;
    }
    if (!cf_cvm_settle_role(run, role, &reading))
        return true;
    cf_cvm_memory_renew(run, role,
                        &reading); /* the second one's effects are part of the state now */
    return false;
}

/* One try. False: to be tried again. */
static bool overlap_once(struct cf_case_run *run, const cJSON *step)
{
    char first_id[CF_CVM_CORRELATION_BYTES];
    int role = cf_run_role(run, NULL);
    long first = send_plain(run, cf_json_get(step, "overlap"), "the first update");
    if (first < 0)
        return true;
    if (cf_run_held_off(run->last.exchange)) {
        cf_run_undecided(run, "the first update was held off (status %d); see --rate",
                         run->last.exchange->status);
        return true;
    }
    if (run->last.exchange->status != 202) {
        cf_run_inconclusive(run, "the first update was answered %d, not 202",
                            run->last.exchange->status);
        return true;
    }
    snprintf(first_id, sizeof(first_id), "%s", answer_correlation(run));
    const cJSON *between = cf_json_get(step, "between");
    if (between && send_plain(run, between, "the request in between") < 0)
        return true;
    long second = send_plain(run, cf_json_get(step, "with"), "the second update");
    if (second < 0)
        return true;
    int status = run->last.exchange->status;
    struct cf_cvm_memory *memory = cf_cvm_memory_of(run);
    /* the state that counts is the first one's */
    if (status != 202)
        snprintf(memory->correlation[role], CF_CVM_CORRELATION_BYTES, "%s", first_id);
    if (cf_run_held_off(run->last.exchange)) {
        cf_run_undecided(run, "the second update was held off (status %d); see --rate", status);
        return true;
    }
    const cJSON * or = cf_json_get(step, "or");
    return status == 409 || (or &&cf_expect_status(or, status)) ||
           judge_no_conflict(run, role, first_id, status);
}

static void run_overlap(struct cf_case_run *run, const cJSON *step)
{
    /* A proof is spent when it was accepted: such a pair has one try. */
    int tries = cf_json_bool(step, "once", false) ? 1 : OVERLAP_TRIES;
    for (int i = 0; i < tries; i++) {
        if (overlap_once(run, step))
            return;
    }
    cf_run_undecided(run,
                     "in %d tries the first operation may have ended before the second request "
                     "arrived; if operations always do, claim pics.instant_operations",
                     tries);
}

const struct cf_step_word cf_cvm_word_overlap = {
    {"overlap", (const char *const[]){"with", NULL},
     (const char *const[]){"between", "once", "or", NULL}, check_overlap},
    run_overlap,
    true};
