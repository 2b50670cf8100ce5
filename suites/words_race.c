/*
 * {"race": N, "with": {REQUEST with ${contender}}, "since": NAME}: of N updates at once one wins,
 * and the state is the winner's.
 *
 * What a contender wants to change is its JSON body, or "asks": {FIELD: VALUE} where the body is
 * something else.
 *
 * "against": {REQUEST}, what every second contender sends instead. "or": [STATUS], what a loser
 * deserves beside 409. "once": what they race for is spent when it is taken, so that no second race
 * can follow.
 *
 * Of many contenders some may come late: when the winner's operation is over, another one may be
 * accepted, and that is no defect. Where two were accepted and nothing tells whether they
 * overlapped, fewer race again, down to two, since fewer are closer together; the first race that
 * can be judged decides.
 */
#include "harness/base/mem.h"
#include "harness/case/shape.h"
#include "suites/overlap.h"
#include "suites/running.h"
#include "suites/settle.h"
#include "suites/watch.h"
#include "suites/words.h"

#include <stdio.h>
#include <stdlib.h>

/* LAST_TRIES: of two contenders. */
enum { CONTENDERS_MAX = 128, LAST_TRIES = 3 };

struct race {
    struct cf_built_request built[CONTENDERS_MAX];
    struct cf_http_request requests[CONTENDERS_MAX];
    enum cf_code codes[CONTENDERS_MAX];
    cJSON *asked[CONTENDERS_MAX]; /* owned; the fields that each wants to change */
    size_t count;
    size_t first; /* exchange index of the first contender */
    size_t winners;
    size_t winner; /* index of the last winner found */
    int role;
    bool once;      /* no second race can follow */
    bool last;      /* none does */
    char open[200]; /* why this race cannot be judged; "" when it can */
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
    if (code == CF_OK && cf_json_get(step, "against"))
        code = cf_cvm_check_held_request(engine, doc, step, "against", path, err);
    const cJSON *once = cf_json_get(step, "once");
    if (code == CF_OK && once)
        code = cf_shape_type(doc, once, path, "boolean", err);
    const cJSON * or = cf_json_get(step, "or");
    snprintf(where, sizeof(where), "%s/or", path);
    if (code == CF_OK && or)
        code = cf_expect_check_status(doc, or, where, err);
    const cJSON *asks = cf_json_get(step, "asks");
    snprintf(where, sizeof(where), "%s/asks", path);
    return code == CF_OK && asks && !cJSON_IsString(asks)
               ? cf_shape_type(doc, asks, where, "object", err)
               : code;
}

/* How many contenders the step wants; 0 when the case has its verdict. */
static size_t contenders_of(struct cf_case_run *run, const cJSON *step)
{
    cJSON *number = cf_run_expand(run, cf_json_get(step, "race"));
    size_t wanted = cJSON_IsNumber(number) ? (size_t)number->valuedouble : 0;
    cJSON_Delete(number);
    if (wanted >= 2 && wanted <= CONTENDERS_MAX)
        return wanted;
    cf_run_error(run, "a race wants 2 to %d contenders", CONTENDERS_MAX);
    return 0;
}

static bool build_contenders(struct cf_case_run *run, const cJSON *step, size_t wanted,
                             struct race *race)
{
    for (; race->count < wanted; race->count++) {
        char word[16];
        char name[40];
        cf_random_hex(&run->random, word, 8);
        snprintf(name, sizeof(name), "contender %zu %s", race->count, word);
        cf_run_set(run, "contender", cJSON_CreateString(name));
        const cJSON *against = race->count % 2 == 1 ? cf_json_get(step, "against") : NULL;
        if (!cf_built_request_init(run, against ? against : cf_json_get(step, "with"),
                                   &race->built[race->count]))
            return false;
        const cJSON *asks = against ? NULL : cf_json_get(step, "asks");
        const cJSON *body = cf_json_get(race->built[race->count].step, "json");
        race->asked[race->count] = asks ? cf_run_expand(run, asks) : cJSON_Duplicate(body, 1);
        if (asks && !race->asked[race->count])
            return false;
        race->requests[race->count] = race->built[race->count].request;
    }
    return true;
}

/* Whether what a contender came to may be a gateway's doing: of many that come at once one gets
 * lost before one that comes alone. A page that tells of the conflict may be the IUT's: see
 * all_doubted(). */
static bool got_lost(const struct race *race, size_t i, const struct cf_exchange *exchange)
{
    enum cf_code code = race->codes[i];
    if (code != CF_OK)
        return code == CF_EDROPPED || code == CF_EPROTO;
    return (exchange->status != 409 && cf_run_may_be_anothers(exchange)) ||
           (exchange->status == 202 && !cf_exchange_says_json(exchange));
}

/* Where the race may be run again, fewer contenders may all get past a limit of requests, and
 * through a gateway. */
static bool count_winners(struct cf_case_run *run, struct race *race, const cJSON * or)
{
    for (size_t i = 0; i < race->count; i++) {
        const struct cf_exchange *exchange = &run->record->exchanges[race->first + i];
        char actual[80];
        snprintf(actual, sizeof(actual), "contender %zu", i);
        if (race->codes[i] == CF_ETIMEOUT) {
            snprintf(race->open, sizeof(race->open), "%s: %.150s", actual,
                     exchange->message ? exchange->message : "no answer");
        } else if (!race->once && !race->last && got_lost(race, i, exchange)) {
            snprintf(race->open, sizeof(race->open), "%s was answered %d, maybe by a gateway",
                     actual, exchange->status);
            if (race->codes[i] != CF_OK)
                snprintf(race->open, sizeof(race->open), "%s: %.150s", actual,
                         exchange->message ? exchange->message : "no answer");
        } else if (race->codes[i] != CF_OK) {
            struct cf_err err = {0};
            cf_err_set(&err, race->codes[i], "%s: %s", actual,
                       exchange->message ? exchange->message : "no answer");
            cf_run_no_answer(run, race->codes[i], &err);
            return false;
        } else if (exchange->status == 202) {
            race->winners++;
            race->winner = i;
        } else if (!race->once && cf_run_asks_again(exchange)) {
            snprintf(race->open, sizeof(race->open), "%s was held off (status %d); see --rate",
                     actual, exchange->status);
        } else if (exchange->status == 409 || (or &&cf_expect_status(or, exchange->status))) {
            continue;
        } else if (cf_run_put_off(run, exchange, actual)) {
            return false;
        } else {
            snprintf(actual, sizeof(actual), "status %d for contender %zu", exchange->status, i);
            cf_run_fail_text(run, NULL, "status 202 or 409", actual,
                             "a contender is neither accepted nor told of the conflict");
            return false;
        }
    }
    return true;
}

static bool is_doubtful(const struct cf_exchange *answer)
{
    return answer->status == 409 && cf_run_may_be_anothers(answer);
}

/* A loser whose 409 may be a gateway's page; -1: there is none, or another loser was told by the
 * IUT for sure. */
static int all_doubted(const struct cf_case_run *run, const struct race *race)
{
    int doubted = -1;
    for (size_t i = 0; i < race->count; i++) {
        const struct cf_exchange *exchange = &run->record->exchanges[race->first + i];
        if (is_doubtful(exchange))
            doubted = (int)i;
        else if (exchange->status != 202)
            return -1;
    }
    return doubted;
}

/* A gateway to which too many came at once may have told all losers of a conflict: then only the
 * winner was there. One that comes alone, while the winner's operation runs, shows whether the IUT
 * tells it in that form. */
static void ask_whose_pages(struct cf_case_run *run, struct race *race)
{
    struct cf_err err = {0};
    int loser = all_doubted(run, race);
    if (loser < 0)
        return;
    enum cf_code code = cf_run_send(run, "a loser once more, alone", &race->requests[loser], &err);
    if (code == CF_OK)
        run->engine->answered(run, race->built[loser].step, &run->last);
    if (code != CF_OK || !is_doubtful(run->last.exchange))
        snprintf(race->open, sizeof(race->open),
                 "all but contender %zu were answered 409, maybe by a gateway", race->winner);
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

/* Whether the list shows that two of the accepted operations ran at the same time. */
static bool ran_together(struct cf_case_run *run, const struct race *race, const char *id)
{
    size_t running = 0;
    struct cf_err unread = {0};
    int listed = cf_cvm_reading_running(run, CF_CVM_LOOK, id, &unread);
    for (size_t i = 0; i < race->count; i++) {
        char correlation[CF_CVM_CORRELATION_BYTES];
        if (run->record->exchanges[race->first + i].status != 202)
            continue;
        correlation_of(run, race->first + i, correlation);
        if (*correlation && cf_cvm_runs_now(run, id, correlation) == 1)
            running++;
        if (running > 1)
            return cf_cvm_list_is_true(run, race->role, listed);
    }
    return false;
}

/* The operations list does not show it: one more such update, alone, at least how long does that
 * keep the CVM busy? */
static bool outlasts(struct cf_case_run *run, const struct race *race, double window_ms)
{
    struct cf_err err = {0};
    if (cf_cvm_settle(run, run->fixtures[race->role], NULL, NULL) != CF_CVM_SETTLED)
        return false;
    const struct cf_http_request *again = &race->requests[race->winner];
    enum cf_code code = cf_run_send(run, "the same update alone", again, &err);
    return code == CF_OK && run->last.exchange->status == 202 &&
           cf_cvm_busy_for(run, race->role, run->last_index) > 2 * window_ms;
}

static void judge_several_winners(struct cf_case_run *run, struct race *race)
{
    char actual[120];
    double window_ms = acceptance_window(run, race);
    snprintf(actual, sizeof(actual), "%zu of %zu answered 202 within %.1f ms", race->winners,
             race->count, window_ms);
    cf_cvm_let_show(run);
    /* The second reading of "running" comes after the first: both ran between the two. */
    if (ran_together(run, race, run->fixtures[race->role]) ||
        (!race->once && outlasts(run, race, window_ms)))
        cf_run_fail_text(run, NULL, "exactly one 202", actual,
                         "updates that overlap were accepted side by side");
    else
        snprintf(race->open, sizeof(race->open),
                 "%s, and whether their operations overlapped cannot be told", actual);
}

static void judge_race(struct cf_case_run *run, struct race *race, const cJSON *step)
{
    if (!count_winners(run, race, cf_json_get(step, "or")) || race->open[0])
        return;
    if (race->winners == 0) {
        cf_run_fail_text(run, NULL, "exactly one 202", "every contender answered 409",
                         "nobody won the race");
        return;
    }
    bool instant = cf_profile_claims(run->profile, "instant_operations");
    if (race->winners > 1 && !instant) {
        judge_several_winners(run, race);
        return;
    }
    correlation_of(run, race->first + race->winner, cf_cvm_memory_of(run)->correlation[race->role]);
    if (race->winners == 1)
        ask_whose_pages(run, race);
    if (race->winners == 1 && !race->open[0])
        cf_cvm_judge_change(run, race->role, cf_json_text(step, "since", ""),
                            race->asked[race->winner], true);
}

/* Accepted one after the other: the state must be some winner's as a whole, not a mixture. */
static void judge_instant_race(struct cf_case_run *run, struct race *race, const cJSON *step)
{
    const struct cf_cvm_reading *before =
        cf_cvm_memory_reading(run, cf_json_text(step, "since", ""), race->role);
    struct cf_cvm_reading after;
    int nearest = 1;
    if (run->over || race->open[0] || race->winners < 2 || !before ||
        !cf_cvm_settle_role(run, race->role, &after))
        return;
    for (size_t i = 0; i < race->count && nearest != 0; i++) {
        if (run->record->exchanges[race->first + i].status != 202)
            continue;
        int differences = cf_cvm_reading_compare(run, before, &after, race->asked[i], false);
        nearest = differences < nearest ? differences : nearest;
        if (differences == CF_CVM_UNKNOWN) { /* say what cannot be read */
            cf_cvm_reading_compare(run, before, &after, race->asked[i], true);
            break;
        }
    }
    if (nearest > 0)
        cf_run_fail_text(run, NULL, "the state that one accepted contender asked for",
                         "a state that none of them asked for",
                         "updates got mixed with one another");
    cf_cvm_reading_release(&after);
}

/* A server that lets each wait for its turn accepts them all, one after the other. */
static void ask_for_a_queue(struct cf_case_run *run, const struct race *race)
{
    int queued = 0;
    while (queued < CF_CVM_QUEUED_TRIES &&
           cf_cvm_overlap_once(run, race->role, &race->built[0], &race->built[1]) ==
               CF_CVM_OVERLAP_QUEUED)
        queued++;
    if (queued == CF_CVM_QUEUED_TRIES)
        cf_cvm_fail_queued(run);
}

/* Make what the CVM is like now the state before the next race. */
static void begin_anew(struct cf_case_run *run, int role)
{
    struct cf_cvm_reading reading;
    if (!cf_cvm_settle_role(run, role, &reading))
        return;
    cf_cvm_watch(run, role, &reading);
    cf_cvm_memory_renew(run, role, &reading);
}

/* One race of count contenders. False when it cannot be judged, and why in out_open. */
static bool race_once(struct cf_case_run *run, const cJSON *step, size_t count, bool last,
                      char *out_open, size_t size)
{
    struct cf_err err = {0};
    struct race *race = cf_alloc(sizeof(*race));
    race->once = cf_json_bool(step, "once", false);
    race->last = last;
    race->role = cf_run_role(run, cf_json_text(cf_json_get(step, "with"), "to", NULL));
    if (race->role >= 0 && build_contenders(run, step, count, race)) {
        enum cf_code code = cf_run_send_together(run, "contender", race->requests, race->count,
                                                 race->codes, &race->first, &err);
        if (code == CF_OK) {
            judge_race(run, race, step);
            judge_instant_race(run, race, step);
        } else {
            cf_run_no_answer(run, code, &err);
        }
    }
    bool open = !run->over && race->open[0];
    if (open) {
        snprintf(out_open, size, "%s", race->open);
        begin_anew(run, race->role);
        if (!run->over && !race->once)
            ask_for_a_queue(run, race);
        if (!run->over)
            begin_anew(run, race->role);
    }
    for (size_t i = 0; i < CONTENDERS_MAX; i++) {
        cf_built_request_release(&race->built[i]);
        cJSON_Delete(race->asked[i]);
    }
    free(race);
    return !open || run->over;
}

/* The race of count contenders was judged, those before it were not. */
static void note_smaller(struct cf_case_run *run, const cJSON *open, size_t count)
{
    if (run->over || !open->child)
        return;
    /* They showed no defect, and this one that there is none. */
    cf_run_note(run, "not_decided", cJSON_Duplicate(open, 1));
    cf_run_note(run, "decided_by_contenders", cJSON_CreateNumber((double)count));
}

static void run_race(struct cf_case_run *run, const cJSON *step)
{
    char why[200] = "";
    size_t count = contenders_of(run, step);
    cJSON *open = cJSON_CreateArray();
    for (int last = 0; count > 0; count = count / 2 > 2 ? count / 2 : 2) {
        if (race_once(run, step, count, last + 1 == LAST_TRIES, why, sizeof(why))) {
            note_smaller(run, open, count);
            break;
        }
        cJSON_AddItemToArray(open, cJSON_CreateString(why));
        last += count == 2;
        if (last == LAST_TRIES || cf_json_bool(step, "once", false)) {
            cf_run_undecided(run, "%s", why);
            break;
        }
    }
    cJSON_Delete(open);
}

const struct cf_step_word cf_cvm_word_race = {
    {"race", (const char *const[]){"with", "since", NULL},
     (const char *const[]){"against", "asks", "once", "or", NULL}, check_race,
     .gives_value = "contender", .uses_reading = "since"},
    run_race,
    true};
