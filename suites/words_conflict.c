/*
 * Conflicts: a second update while the first runs, and races of many.
 *
 * Fairness decides the shape of these checks. An operation may be over before a second request can
 * arrive; two acceptances are a defect only when the operations overlapped. That is known when the
 * read side shows an earlier operation running after a later one was accepted, or when both were
 * accepted within less time than such an operation is known to take. Where neither is known, the
 * case is inconclusive.
 */
#include "harness/base/mem.h"
#include "harness/case/shape.h"
#include "harness/run/steps.h"
#include "suites/settle.h"
#include "suites/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- telling whether two operations overlapped ---- */

/* Whether the read side shows the operation as running right now: 1, 0, -1 unknown. */
static int runs_now(struct cf_case_run *run, const char *id, const char *correlation_id)
{
    char status[64];
    struct cf_err err = {0};
    enum cf_code code = cf_reading_operation(run, id, correlation_id, status, sizeof(status), &err);
    return code == CF_OK ? strcmp(status, "in_progress") == 0 : -1;
}

/* Wait for the CVM and return for how long at least it was seen busy after the answer at index. */
static double busy_for(struct cf_case_run *run, int role, size_t index)
{
    const struct cf_exchange *accepted = &run->record->exchanges[index];
    double from_ms = accepted->at_ms + accepted->duration_ms;
    double until_ms = from_ms;
    struct cf_poll poll = cf_run_poll_begin(run, (double)run->profile->settle_timeout_ms);
    do {
        struct cf_err err = {0};
        struct cf_reading reading;
        size_t first = run->record->exchange_count;
        if (cf_reading_take(run, run->fixtures[role], "how long is it busy", &reading, &err) !=
            CF_OK)
            break;
        bool busy = cf_reading_busy(&reading) == 1;
        cf_reading_release(&reading);
        if (!busy)
            break;
        until_ms = run->record->exchanges[first].at_ms;
    } while (cf_run_poll_again(run, &poll, "the CVM did not become idle"));
    return until_ms - from_ms;
}

/* ---- overlap: {"overlap": {FIRST REQUEST}, "with": {SECOND REQUEST}, "once": BOOL} ----
 *
 * "or": [STATUS], what the second one deserves beside 409. "between": {REQUEST}, sent after the
 * first one; its answer is not judged. */

enum { OVERLAP_TRIES = 5 };

static enum cf_code check_overlap(const struct cf_engine *engine, const struct cf_json_doc *doc,
                                  const cJSON *step, const char *path, struct cf_err *err)
{
    char where[200];
    const cJSON *first = cf_json_get(step, "overlap");
    const cJSON *second = cf_json_get(step, "with");
    enum cf_code code = cf_shape_type(doc, first, path, "object", err);
    if (code == CF_OK)
        code = cf_shape_type(doc, second, path, "object", err);
    snprintf(where, sizeof(where), "%s/overlap", path);
    if (code == CF_OK)
        code = cf_step_request.form.check(engine, doc, first, where, err);
    snprintf(where, sizeof(where), "%s/with", path);
    if (code == CF_OK)
        code = cf_step_request.form.check(engine, doc, second, where, err);
    const cJSON * or = cf_json_get(step, "or");
    snprintf(where, sizeof(where), "%s/or", path);
    if (code == CF_OK && or)
        code = cf_expect_check_status(doc, or, where, err);
    const cJSON *between = cf_json_get(step, "between");
    snprintf(where, sizeof(where), "%s/between", path);
    if (code == CF_OK && between)
        code = cf_shape_type(doc, between, where, "object", err);
    if (code == CF_OK && between)
        code = cf_step_request.form.check(engine, doc, between, where, err);
    const cJSON *once = cf_json_get(step, "once");
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
    struct cf_reading reading;
    const char *id = run->fixtures[role];
    int running = *first_id ? runs_now(run, id, first_id) : -1;
    if (running >= 0 || second_accepted)
        return running == 1;
    if (cf_reading_take(run, id, "does the first operation run", &reading, &err) != CF_OK)
        return false;
    running = cf_reading_busy(&reading);
    cf_reading_release(&reading);
    return running == 1;
}

/* The second one was not answered 409. True when that is settled: a defect, or trouble. False: the
 * first operation may have ended before the second request arrived, and the pair can be tried
 * again. */
static bool judge_no_conflict(struct cf_case_run *run, int role, const char *first_id, int status)
{
    char actual[100];
    struct cf_reading reading;
    if (first_still_runs(run, role, first_id, status == 202)) {
        snprintf(actual, sizeof(actual), "status %d while the first operation is still running",
                 status);
        cf_run_fail_text(run, NULL, "status 409", actual,
                         status == 202
                             ? "a second update was accepted during an operation"
                             : "an update during an operation was not refused as a conflict");
        return true;
    }
    if (!cf_settle_role(run, role, &reading))
        return true;
    cf_memory_renew(run, role, &reading); /* the second one's effects are part of the state now */
    return false;
}

/* One try. False: to be tried again. */
static bool overlap_once(struct cf_case_run *run, const cJSON *step)
{
    char first_id[CF_CORRELATION_BYTES];
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
    struct cf_memory *memory = cf_memory_of(run);
    /* the state that counts is the first one's */
    if (status != 202)
        snprintf(memory->correlation[role], CF_CORRELATION_BYTES, "%s", first_id);
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

const struct cf_step_word cf_word_overlap = {{"overlap", (const char *const[]){"with", NULL},
                                              (const char *const[]){"between", "once", "or", NULL},
                                              check_overlap},
                                             run_overlap,
                                             true};

/* ---- race: {"race": N, "with": {REQUEST with ${contender}}, "since": NAME} ----
 *
 * What a contender wants to change is its JSON body, or "asks": {FIELD: VALUE} where the body is
 * something else. */

enum { CONTENDERS_MAX = 128 };

struct race {
    struct cf_built_request built[CONTENDERS_MAX];
    struct cf_http_request requests[CONTENDERS_MAX];
    enum cf_code codes[CONTENDERS_MAX];
    cJSON *asked[CONTENDERS_MAX]; /* owned; the fields that each wants to change */
    size_t count;
    size_t first; /* exchange index of the first contender */
    size_t winners;
    size_t winner; /* index of the last winner found */
};

static enum cf_code check_race(const struct cf_engine *engine, const struct cf_json_doc *doc,
                               const cJSON *step, const char *path, struct cf_err *err)
{
    long count;
    char where[200];
    const cJSON *number = cf_json_get(step, "race");
    enum cf_code code = cJSON_IsString(number)
                            ? CF_OK
                            : cf_shape_integer(doc, number, path, 2, CONTENDERS_MAX, &count, err);
    if (code == CF_OK)
        code = cf_shape_line(doc, cf_json_get(step, "since"), path, 60, err);
    snprintf(where, sizeof(where), "%s/with", path);
    if (code == CF_OK)
        code = cf_shape_type(doc, cf_json_get(step, "with"), where, "object", err);
    if (code == CF_OK)
        code = cf_step_request.form.check(engine, doc, cf_json_get(step, "with"), where, err);
    const cJSON *asks = cf_json_get(step, "asks");
    snprintf(where, sizeof(where), "%s/asks", path);
    return code == CF_OK && asks ? cf_shape_type(doc, asks, where, "object", err) : code;
}

static bool build_contenders(struct cf_case_run *run, const cJSON *step, struct race *race)
{
    cJSON *number = cf_run_expand(run, cf_json_get(step, "race"));
    size_t wanted = cJSON_IsNumber(number) ? (size_t)number->valuedouble : 0;
    cJSON_Delete(number);
    if (wanted < 2 || wanted > CONTENDERS_MAX) {
        cf_run_error(run, "a race wants 2 to %d contenders", CONTENDERS_MAX);
        return false;
    }
    for (; race->count < wanted; race->count++) {
        char word[16];
        char name[40];
        cf_random_hex(&run->random, word, 8);
        snprintf(name, sizeof(name), "contender %zu %s", race->count, word);
        cf_run_set(run, "contender", cJSON_CreateString(name));
        if (!cf_built_request_init(run, cf_json_get(step, "with"), &race->built[race->count]))
            return false;
        const cJSON *asks = cf_json_get(step, "asks");
        const cJSON *body = cf_json_get(race->built[race->count].step, "json");
        race->asked[race->count] = asks ? cf_run_expand(run, asks) : cJSON_Duplicate(body, 1);
        if (asks && !race->asked[race->count])
            return false;
        race->requests[race->count] = race->built[race->count].request;
    }
    return true;
}

static bool count_winners(struct cf_case_run *run, struct race *race)
{
    for (size_t i = 0; i < race->count; i++) {
        const struct cf_exchange *exchange = &run->record->exchanges[race->first + i];
        char actual[80];
        if (race->codes[i] != CF_OK) {
            cf_run_error(run, "contender %zu: %s", i,
                         exchange->message ? exchange->message : "no answer");
            return false;
        }
        if (exchange->status == 202) {
            race->winners++;
            race->winner = i;
        } else if (cf_run_held_off(exchange)) {
            cf_run_undecided(run, "contender %zu was held off (status %d); see --rate", i,
                             exchange->status);
            return false;
        } else if (exchange->status != 409) {
            snprintf(actual, sizeof(actual), "status %d for contender %zu", exchange->status, i);
            cf_run_fail_text(run, NULL, "status 202 or 409", actual,
                             "a contender is neither accepted nor told of the conflict");
            return false;
        }
    }
    return true;
}

static void correlation_of(struct cf_case_run *run, size_t index, char out[CF_CORRELATION_BYTES])
{
    struct cf_json_doc doc;
    const struct cf_body *body = &run->record->exchanges[index].response_body;
    out[0] = '\0';
    if (body->len == 0 || cf_json_parse(&doc, "body", body->bytes, body->len, 0, NULL) != CF_OK)
        return;
    snprintf(out, CF_CORRELATION_BYTES, "%s", cf_json_text(doc.root, "correlation_id", ""));
    cf_json_release(&doc);
}

/* From the first release to the last acceptance. */
static double acceptance_window(struct cf_case_run *run, const struct race *race)
{
    double from = 1e300;
    double to = 0;
    for (size_t i = 0; i < race->count; i++) {
        const struct cf_exchange *exchange = &run->record->exchanges[race->first + i];
        if (exchange->status != 202)
            continue;
        double end = exchange->at_ms + exchange->duration_ms;
        from = exchange->at_ms < from ? exchange->at_ms : from;
        to = end > to ? end : to;
    }
    return to - from;
}

/* How many of the accepted operations the list shows as running at the same time. */
static size_t running_together(struct cf_case_run *run, const struct race *race, const char *id)
{
    size_t running = 0;
    for (size_t i = 0; i < race->count; i++) {
        char correlation[CF_CORRELATION_BYTES];
        if (run->record->exchanges[race->first + i].status != 202)
            continue;
        correlation_of(run, race->first + i, correlation);
        if (*correlation && runs_now(run, id, correlation) == 1)
            running++;
        if (running > 1)
            break;
    }
    return running;
}

static void judge_several_winners(struct cf_case_run *run, const struct race *race, int role)
{
    char actual[120];
    const char *id = run->fixtures[role];
    double window_ms = acceptance_window(run, race);
    /* The second reading of "running" comes after the first: both ran between the two. */
    bool overlapped = running_together(run, race, id) > 1;
    if (!overlapped) {
        /* One more such update, alone: at least how long does it keep the CVM busy? */
        struct cf_err err = {0};
        if (cf_settle(run, id, NULL, NULL) != CF_SETTLED)
            return;
        const struct cf_http_request *again = &race->requests[race->winner];
        enum cf_code code = cf_run_send(run, "the same update alone", again, &err);
        if (code == CF_OK && run->last.exchange->status == 202)
            overlapped = busy_for(run, role, run->last_index) > 2 * window_ms;
    }
    snprintf(actual, sizeof(actual), "%zu of %zu answered 202 within %.1f ms", race->winners,
             race->count, window_ms);
    if (overlapped)
        cf_run_fail_text(run, NULL, "exactly one 202", actual,
                         "updates that overlap were accepted side by side");
    else
        cf_run_undecided(run, "%s, and whether their operations overlapped cannot be told", actual);
}

static void judge_race(struct cf_case_run *run, struct race *race, const cJSON *step)
{
    int role = cf_run_role(run, cf_json_text(cf_json_get(step, "with"), "to", NULL));
    struct cf_memory *memory = cf_memory_of(run);
    if (role < 0 || !count_winners(run, race))
        return;
    if (race->winners == 0) {
        cf_run_fail_text(run, NULL, "exactly one 202", "every contender answered 409",
                         "nobody won the race");
        return;
    }
    bool instant = cf_profile_claims(run->profile, "instant_operations");
    if (race->winners > 1 && !instant) {
        judge_several_winners(run, race, role);
        return;
    }
    correlation_of(run, race->first + race->winner, memory->correlation[role]);
    if (race->winners == 1)
        cf_judge_change(run, role, cf_json_text(step, "since", ""), race->asked[race->winner]);
}

/* Accepted one after the other: the state must be some winner's as a whole, not a mixture. */
static void judge_instant_race(struct cf_case_run *run, struct race *race, const cJSON *step)
{
    int role = cf_run_role(run, cf_json_text(cf_json_get(step, "with"), "to", NULL));
    const struct cf_reading *before = cf_memory_reading(run, cf_json_text(step, "since", ""), role);
    struct cf_reading after;
    bool some = false;
    if (run->over || race->winners < 2 || !before || !cf_settle_role(run, role, &after))
        return;
    for (size_t i = 0; i < race->count && !some; i++) {
        if (run->record->exchanges[race->first + i].status == 202)
            some = cf_reading_compare(run, before, &after, race->asked[i], false) == 0;
    }
    if (!some)
        cf_run_fail_text(run, NULL, "the state that one accepted contender asked for",
                         "a state that none of them asked for",
                         "updates got mixed with one another");
    cf_reading_release(&after);
}

static void run_race(struct cf_case_run *run, const cJSON *step)
{
    struct cf_err err = {0};
    struct race *race = cf_alloc(sizeof(*race));
    if (build_contenders(run, step, race)) {
        enum cf_code code = cf_run_send_together(run, "contender", race->requests, race->count,
                                                 race->codes, &race->first, &err);
        if (code == CF_OK) {
            judge_race(run, race, step);
            judge_instant_race(run, race, step);
        } else {
            cf_run_no_answer(run, code, &err);
        }
    }
    for (size_t i = 0; i < CONTENDERS_MAX; i++) {
        cf_built_request_release(&race->built[i]);
        cJSON_Delete(race->asked[i]);
    }
    free(race);
}

const struct cf_step_word cf_word_race = {{"race", (const char *const[]){"with", "since", NULL},
                                           (const char *const[]){"asks", NULL}, check_race},
                                          run_race,
                                          true};
