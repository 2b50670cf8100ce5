/*
 * {"race": N, "with": {REQUEST with ${contender}}, "since": NAME}: of N updates at once one wins,
 * and the state is the winner's.
 *
 * What a contender wants to change is its JSON body, or "asks": {FIELD: VALUE} where the body is
 * something else.
 */
#include "harness/base/mem.h"
#include "harness/case/shape.h"
#include "harness/run/steps.h"
#include "suites/running.h"
#include "suites/settle.h"
#include "suites/words.h"

#include <stdio.h>
#include <stdlib.h>

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
    if (code == CF_OK)
        code = cf_cvm_check_held_request(engine, doc, step, "with", path, err);
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

static void correlation_of(struct cf_case_run *run, size_t index,
                           char out[CF_CVM_CORRELATION_BYTES])
{
    struct cf_json_doc doc;
    const struct cf_body *body = &run->record->exchanges[index].response_body;
    out[0] = '\0';
    if (body->len == 0 || cf_json_parse(&doc, "body", body->bytes, body->len, 0, NULL) != CF_OK)
        return;
    snprintf(out, CF_CVM_CORRELATION_BYTES, "%s", cf_json_text(doc.root, "correlation_id", ""));
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
        char correlation[CF_CVM_CORRELATION_BYTES];
        if (run->record->exchanges[race->first + i].status != 202)
            continue;
        correlation_of(run, race->first + i, correlation);
        if (*correlation && cf_cvm_runs_now(run, id, correlation) == 1)
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
        if (cf_cvm_settle(run, id, NULL, NULL) != CF_CVM_SETTLED)
            return;
        const struct cf_http_request *again = &race->requests[race->winner];
        enum cf_code code = cf_run_send(run, "the same update alone", again, &err);
        if (code == CF_OK && run->last.exchange->status == 202)
            overlapped = cf_cvm_busy_for(run, role, run->last_index) > 2 * window_ms;
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
    struct cf_cvm_memory *memory = cf_cvm_memory_of(run);
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
        cf_cvm_judge_change(run, role, cf_json_text(step, "since", ""), race->asked[race->winner]);
}

/* Accepted one after the other: the state must be some winner's as a whole, not a mixture. */
static void judge_instant_race(struct cf_case_run *run, struct race *race, const cJSON *step)
{
    int role = cf_run_role(run, cf_json_text(cf_json_get(step, "with"), "to", NULL));
    const struct cf_cvm_reading *before =
        cf_cvm_memory_reading(run, cf_json_text(step, "since", ""), role);
    struct cf_cvm_reading after;
    bool some = false;
    if (run->over || race->winners < 2 || !before || !cf_cvm_settle_role(run, role, &after))
        return;
    for (size_t i = 0; i < race->count && !some; i++) {
        if (run->record->exchanges[race->first + i].status == 202)
            some = cf_cvm_reading_compare(run, before, &after, race->asked[i], false) == 0;
    }
    if (!some)
        cf_run_fail_text(run, NULL, "the state that one accepted contender asked for",
                         "a state that none of them asked for",
                         "updates got mixed with one another");
    cf_cvm_reading_release(&after);
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

const struct cf_step_word cf_cvm_word_race = {{"race", (const char *const[]){"with", "since", NULL},
                                               (const char *const[]){"asks", NULL}, check_race},
                                              run_race,
                                              true};
