/*
 * {"overlap": {FIRST REQUEST}, "with": {SECOND REQUEST}, "once": BOOL}: a second update while the
 * first one's operation runs is refused as a conflict.
 *
 * "or": [STATUS], what the second one deserves beside 409. "between": {REQUEST}, sent after the
 * first one; its answer is not judged.
 *
 * "with" may be a list of second requests, and "between" is one of as many then: they are sent one
 * after another while one operation runs. One that may have come too late is sent again, right
 * behind a first request of its own. Every other one goes out on the connection of the first: a
 * lock may be the connection's.
 *
 * A server that lets the second one wait until it can have its turn, and then accepts it, has not
 * refused it: see running.h for when a wait is held against it.
 *
 * Where an answer takes longer than an operation, as behind a slow gateway, a request that waits
 * for the first one's answer comes too late each time. Then both are sent at the same moment: such
 * a pair tells something where the first one was taken and the second one was not.
 */
#include "harness/case/shape.h"
#include "suites/overlap.h"
#include "suites/running.h"
#include "suites/settle.h"
#include "suites/watch.h"
#include "suites/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { OVERLAP_TRIES = 5, SLOW_ANSWER_MS = 100 };

static enum cf_code check_request(const struct cf_engine *engine, const struct cf_json_doc *doc,
                                  const cJSON *request, const char *where, struct cf_err *err)
{
    enum cf_code code = cf_shape_object(doc, request, where, (const char *const[]){"request", NULL},
                                        cf_step_request.form.optional, err);
    return code == CF_OK ? cf_step_request.form.check(engine, doc, request, where, err) : code;
}

enum cf_code cf_cvm_check_held_request(const struct cf_engine *engine,
                                       const struct cf_json_doc *doc, const cJSON *step,
                                       const char *member, const char *path, struct cf_err *err)
{
    char where[200];
    cf_json_place_of_member(where, sizeof(where), path, member);
    return check_request(engine, doc, cf_json_get(step, member), where, err);
}

/* "with" or "between": a request, or a list of them. */
static enum cf_code check_seconds(const struct cf_engine *engine, const struct cf_json_doc *doc,
                                  const cJSON *step, const char *member, const char *path,
                                  struct cf_err *err)
{
    const cJSON *given = cf_json_get(step, member);
    enum cf_code code = CF_OK;
    int index = 0;
    if (!cJSON_IsArray(given))
        return given ? cf_cvm_check_held_request(engine, doc, step, member, path, err) : CF_OK;
    for (const cJSON *request = given->child; code == CF_OK && request; request = request->next) {
        char where[200];
        snprintf(where, sizeof(where), "%s/%s/%d", path, member, index++);
        code = check_request(engine, doc, request, where, err);
    }
    return code;
}

/* Lists are as long as one another; and what may be sent only once has no list: it is sent behind
 * each first request. */
static enum cf_code check_lists(const struct cf_json_doc *doc, const cJSON *step, const char *path,
                                struct cf_err *err)
{
    const cJSON *with = cf_json_get(step, "with");
    const cJSON *between = cf_json_get(step, "between");
    const cJSON *once = cf_json_get(step, "once");
    if (cJSON_IsArray(with) && !with->child)
        return cf_json_fault(doc, with, err, "%s/with: no request", path);
    if (between &&
        (cJSON_IsArray(between) != cJSON_IsArray(with) ||
         (cJSON_IsArray(with) && cJSON_GetArraySize(between) != cJSON_GetArraySize(with))))
        return cf_json_fault(doc, between, err, "%s/between: not as many requests as \"with\" has",
                             path);
    if (once && cJSON_IsArray(with))
        return cf_json_fault(doc, once, err, "%s: once, beside a list of requests", path);
    return CF_OK;
}

static enum cf_code check_overlap(const struct cf_engine *engine, const struct cf_json_doc *doc,
                                  const cJSON *step, const char *path, struct cf_err *err)
{
    char where[200];
    const cJSON * or = cf_json_get(step, "or");
    const cJSON *once = cf_json_get(step, "once");
    enum cf_code code = cf_cvm_check_held_request(engine, doc, step, "overlap", path, err);
    if (code == CF_OK)
        code = check_seconds(engine, doc, step, "with", path, err);
    if (code == CF_OK)
        code = check_seconds(engine, doc, step, "between", path, err);
    if (code == CF_OK)
        code = check_lists(doc, step, path, err);
    snprintf(where, sizeof(where), "%s/or", path);
    if (code == CF_OK && or)
        code = cf_expect_check_status(doc, or, where, err);
    return code == CF_OK && once ? cf_shape_type(doc, once, path, "boolean", err) : code;
}

/* Send a request; false when the case has its verdict. */
static bool send_built(struct cf_case_run *run, const struct cf_built_request *built,
                       const char *purpose)
{
    struct cf_err err = {0};
    enum cf_code code = cf_run_send(run, purpose, &built->request, &err);
    if (code == CF_OK)
        run->engine->answered(run, built->step, &run->last);
    else
        cf_run_no_answer(run, code, &err);
    return code == CF_OK;
}

static const char *answer_correlation(struct cf_case_run *run)
{
    return cf_json_text(run->last.json, "correlation_id", "");
}

/* One pair of updates, or more that have the first one in common. */
struct pair {
    int role;
    bool runs;    /* a first one was taken, and its operation ran when it was last seen */
    bool doubted; /* see is_doubtful() */
    bool at_once; /* a pair sent at once told what one after the other did not */
    bool behind;  /* the second one goes out on the connection of the first */
    char first_id[CF_CVM_CORRELATION_BYTES];
    size_t first;    /* its exchange */
    double first_ms; /* that it waited for its 202 */
    int status;      /* of the second one; 0: no answer within the time limit */
    struct cf_cvm_wait waited;
    /* How many the list shows as running besides, where ids are not told; CF_CVM_UNKNOWN until it
     * is read. */
    int left;
    struct cf_err unlisted; /* why the list did not tell, when it was last asked */
};

static void look_at_first(struct cf_case_run *run, void *context)
{
    struct pair *pair = context;
    cf_cvm_wait_look(run, &pair->waited, pair->role, pair->first_id);
}

/* Send the second request, and look at the first one's operation for as long as there is no answer,
 * unless its connection is taken; false when the case has its verdict. */
static bool send_second(struct cf_case_run *run, const struct cf_built_request *built,
                        struct pair *pair)
{
    static const char purpose[] = "the second update";
    struct cf_err err = {0};
    pair->waited = (struct cf_cvm_wait){0};
    enum cf_code code = pair->behind ? cf_run_send(run, purpose, &built->request, &err)
                                     : cf_run_send_and_look(run, purpose, &built->request,
                                                            look_at_first, pair, &err);
    if (code == CF_OK)
        run->engine->answered(run, built->step, &run->last);
    if (!pair->behind)
        cf_cvm_wait_end(&pair->waited, run->last.exchange);
    pair->status = run->last.exchange->status;
    /* One that waits on while the first one runs, past the time limit, may be told all the same. */
    bool told = code == CF_ETIMEOUT && cf_cvm_wait_proves(&pair->waited, pair->first_ms);
    if (code != CF_OK && !told)
        cf_run_no_answer(run, code, &err);
    return !run->over;
}

static int count_listed(struct cf_case_run *run, struct pair *pair)
{
    pair->unlisted = (struct cf_err){0};
    return cf_cvm_reading_running(run, CF_CVM_LOOK, run->fixtures[pair->role], &pair->unlisted);
}

/* Whether both run of two whose ids were not told. What the list shows besides is older. */
static bool both_run(struct cf_case_run *run, struct pair *pair, int listed)
{
    enum { BOTH = 2 };
    return pair->left >= 0 && listed >= pair->left + BOTH &&
           count_listed(run, pair) >= pair->left + BOTH;
}

/* Whether the first operation still runs: by the list, else by the CVM itself, on which nothing
 * else can run unless the second request was accepted. One look may be answered by what was there
 * before. */
static bool first_still_runs(struct cf_case_run *run, struct pair *pair)
{
    bool alone = pair->status != 202;
    cf_cvm_let_show(run);
    int listed = count_listed(run, pair);
    bool runs = !alone && !*pair->first_id
                    ? both_run(run, pair, listed)
                    : cf_cvm_operation_runs(run, pair->role, pair->first_id, alone) == 1 &&
                          cf_cvm_operation_runs(run, pair->role, pair->first_id, alone) == 1;
    return runs && cf_cvm_list_is_true(run, pair->role, listed);
}

/* What both did is part of the state now, and accounts for nothing that comes after it. */
static void renew(struct cf_case_run *run, int role, struct cf_cvm_reading *reading)
{
    cf_cvm_watch(run, role, reading);
    cf_cvm_memory_renew(run, role, reading);
}

/* The second one was not answered 409. */
static enum cf_cvm_overlap judge_no_conflict(struct cf_case_run *run, struct pair *pair)
{
    char actual[100];
    struct cf_cvm_reading reading;
    if (pair->status != 0 && first_still_runs(run, pair)) {
        snprintf(actual, sizeof(actual), "status %d while the first operation is still running",
                 pair->status);
        cf_run_fail_text(run, NULL, "status 409", actual,
                         pair->status == 202
                             ? "a second update was accepted during an operation"
                             : "an update during an operation was not refused as a conflict");
        return CF_CVM_OVERLAP_SETTLED;
    }
    if (!cf_cvm_settle_role(run, pair->role, &reading))
        return CF_CVM_OVERLAP_SETTLED;
    renew(run, pair->role, &reading);
    if (run->over)
        return CF_CVM_OVERLAP_SETTLED;
    if (!*pair->first_id)
        pair->left = count_listed(run, pair);
    return cf_cvm_wait_proves(&pair->waited, pair->first_ms) ? CF_CVM_OVERLAP_QUEUED
                                                             : CF_CVM_OVERLAP_ENDED;
}

static void not_accepted(struct cf_case_run *run, const struct cf_exchange *first)
{
    char what[500];
    cf_run_describe(first, what, sizeof(what));
    cf_run_inconclusive(run, "the first update was answered %d, not 202 (%s)", first->status, what);
}

/* Send the first update. False when the case has its verdict. */
static bool send_first(struct cf_case_run *run, const struct cf_built_request *built,
                       struct pair *pair)
{
    if (!send_built(run, built, "the first update"))
        return false;
    const struct cf_exchange *first = run->last.exchange;
    if (first->status != 202 && !cf_run_put_off(run, first, "the first update"))
        not_accepted(run, first);
    pair->first = run->last_index;
    pair->first_ms = first->duration_ms;
    snprintf(pair->first_id, sizeof(pair->first_id), "%s", answer_correlation(run));
    return !run->over;
}

/* A page that tells of a conflict: the IUT's, or a gateway's to which updates came too fast. */
static bool is_doubtful(const struct cf_exchange *second)
{
    return second->status == 409 && cf_run_may_be_anothers(second);
}

static enum cf_cvm_overlap judge_pair(struct cf_case_run *run, struct pair *pair, const cJSON * or)
{
    /* the state that counts is the first one's */
    if (pair->status != 202)
        snprintf(cf_cvm_memory_of(run)->correlation[pair->role], CF_CVM_CORRELATION_BYTES, "%s",
                 pair->first_id);
    bool refused = pair->status == 409 || (or &&cf_expect_status(or, pair->status));
    pair->doubted = is_doubtful(run->last.exchange);
    bool taken = pair->status == 202 && run->last.json;
    if (refused || (pair->status != 0 && !taken &&
                    cf_run_put_off(run, run->last.exchange, "the second update")))
        return CF_CVM_OVERLAP_SETTLED;
    return judge_no_conflict(run, pair);
}

enum cf_cvm_overlap cf_cvm_overlap_once(struct cf_case_run *run, int role,
                                        const struct cf_built_request *first,
                                        const struct cf_built_request *second)
{
    struct pair pair = {.role = role, .left = CF_CVM_UNKNOWN};
    if (!send_first(run, first, &pair) || !send_second(run, second, &pair))
        return CF_CVM_OVERLAP_SETTLED;
    return judge_pair(run, &pair, NULL);
}

/* The three requests of a step, or as many as it has. */
enum { FIRST, BETWEEN, SECOND, REQUESTS };

/* Take the answer of one of two that were sent at once, in the exchange at index. */
static bool take_answer(struct cf_case_run *run, const struct cf_built_request *built, size_t index,
                        enum cf_code code)
{
    struct cf_err err = {0};
    cf_run_look_at(run, index);
    if (code == CF_OK) {
        run->engine->answered(run, built->step, &run->last);
        return true;
    }
    const char *message = run->last.exchange->message;
    cf_err_set(&err, code, "%s", message ? message : "no answer");
    cf_run_no_answer(run, code, &err);
    return false;
}

/* The second one may have come first: what became of both is part of the state then. */
static enum cf_cvm_overlap judge_at_once(struct cf_case_run *run, struct pair *pair, size_t first,
                                         const cJSON * or)
{
    struct cf_cvm_reading reading;
    const struct cf_exchange *answers = &run->record->exchanges[first];
    pair->status = answers[1].status;
    pair->first_ms = answers[0].duration_ms;
    bool doubted = answers[0].status == 202 && is_doubtful(&answers[1]);
    if (doubted && cf_run_put_off(run, &answers[1], "the second update"))
        return CF_CVM_OVERLAP_SETTLED;
    if (answers[0].status == 202)
        return judge_pair(run, pair, or);
    if (cf_run_put_off(run, &answers[0], "the first update") ||
        cf_run_put_off(run, &answers[1], "the second update"))
        return CF_CVM_OVERLAP_SETTLED;
    if (pair->status != 202)
        not_accepted(run, &answers[0]);
    else if (cf_cvm_settle_role(run, pair->role, &reading))
        renew(run, pair->role, &reading);
    return run->over ? CF_CVM_OVERLAP_SETTLED : CF_CVM_OVERLAP_ENDED;
}

/* The number-th of a member that is a list, else the member itself; NULL without one. */
static const cJSON *nth(const cJSON *step, const char *member, int number)
{
    const cJSON *given = cf_json_get(step, member);
    return cJSON_IsArray(given) ? cJSON_GetArrayItem(given, number) : given;
}

static enum cf_cvm_overlap send_at_once(struct cf_case_run *run, const cJSON *step, int number,
                                        struct pair *pair, struct cf_built_request built[REQUESTS])
{
    struct cf_err err = {0};
    enum cf_code codes[2];
    size_t first;
    if (!cf_built_request_init(run, cf_json_get(step, "overlap"), &built[FIRST]) ||
        !cf_built_request_init(run, nth(step, "with", number), &built[SECOND]))
        return CF_CVM_OVERLAP_SETTLED;
    const struct cf_http_request requests[2] = {built[FIRST].request, built[SECOND].request};
    enum cf_code code =
        cf_run_send_together(run, "one of two updates at once", requests, 2, codes, &first, &err);
    if (code != CF_OK)
        cf_run_no_answer(run, code, &err);
    if (code != CF_OK || !take_answer(run, &built[FIRST], first, codes[0]))
        return CF_CVM_OVERLAP_SETTLED;
    pair->waited = (struct cf_cvm_wait){0};
    snprintf(pair->first_id, sizeof(pair->first_id), "%s", answer_correlation(run));
    return take_answer(run, &built[SECOND], first + 1, codes[1])
               ? judge_at_once(run, pair, first, cf_json_get(step, "or"))
               : CF_CVM_OVERLAP_SETTLED;
}

static enum cf_cvm_overlap send_pair(struct cf_case_run *run, const cJSON *step, int number,
                                     struct pair *pair, struct cf_built_request built[REQUESTS])
{
    const cJSON *between = nth(step, "between", number);
    /* Each is built when its time has come: its values may depend on the answer before it. */
    if (!pair->runs && (!cf_built_request_init(run, cf_json_get(step, "overlap"), &built[FIRST]) ||
                        !send_first(run, &built[FIRST], pair)))
        return CF_CVM_OVERLAP_SETTLED;
    if (between && (!cf_built_request_init(run, between, &built[BETWEEN]) ||
                    !send_built(run, &built[BETWEEN], "the request in between")))
        return CF_CVM_OVERLAP_SETTLED;
    if (!cf_built_request_init(run, nth(step, "with", number), &built[SECOND]) ||
        !send_second(run, &built[SECOND], pair))
        return CF_CVM_OVERLAP_SETTLED;
    return judge_pair(run, pair, cf_json_get(step, "or"));
}

/* How long the quickest answer of the case so far took; 0: there is none. */
static double quickest_answer(const struct cf_case_run *run)
{
    double least = INFINITY;
    for (size_t i = 0; i < run->record->exchange_count; i++) {
        const struct cf_exchange *exchange = &run->record->exchanges[i];
        if (exchange->kind == CF_EXCHANGE_HTTP && exchange->status != 0)
            least = fmin(least, exchange->duration_ms);
    }
    return isinf(least) ? 0 : least;
}

static bool answers_slowly(const struct cf_case_run *run)
{
    return quickest_answer(run) >= SLOW_ANSWER_MS;
}

/* By what the profile says an operation is over before its answer is here, so that whatever waits
 * for that answer comes too late. Where there is another try, one that waits for it shows whether
 * the profile is right, and whether updates are queued. */
static bool ends_before_its_answer(const struct cf_case_run *run)
{
    double usual_ms = (double)run->profile->operation_ms;
    return usual_ms > 0 && quickest_answer(run) > usual_ms;
}

static enum cf_cvm_overlap overlap_once(struct cf_case_run *run, const cJSON *step, int number,
                                        bool at_once, struct pair *pair)
{
    struct cf_built_request built[REQUESTS] = {0};
    bool together = at_once && !pair->runs && !cf_json_get(step, "between") && answers_slowly(run);
    enum cf_cvm_overlap outcome = together ? send_at_once(run, step, number, pair, built)
                                           : send_pair(run, step, number, pair, built);
    for (int i = 0; i < REQUESTS; i++)
        cf_built_request_release(&built[i]);
    pair->at_once = together && outcome == CF_CVM_OVERLAP_SETTLED;
    pair->runs = !together && outcome == CF_CVM_OVERLAP_SETTLED;
    return outcome;
}

void cf_cvm_fail_queued(struct cf_case_run *run)
{
    cf_run_fail_text(run, NULL, "status 409",
                     "no answer before the first operation had ended, look after look",
                     "an update during an operation is queued instead of being refused");
}

/* Whether further pairs will end as those that were sent: what is sent in between has to wait for
 * its turn, and the first operation will not. One is enough where the profile says so, too. */
static bool is_hopeless(const struct cf_case_run *run, const cJSON *step, int sent)
{
    int enough = ends_before_its_answer(run) ? 1 : 2;
    return sent >= enough && cf_json_get(step, "between") && answers_slowly(run);
}

/* The last update that was sent again because it was held off; NULL: none was. */
static const struct cf_exchange *last_held_off(const struct cf_case_run *run)
{
    for (size_t i = run->record->exchange_count; i > 0; i--) {
        const struct cf_exchange *exchange = &run->record->exchanges[i - 1];
        if (exchange->method && strcmp(exchange->method, "PATCH") == 0 &&
            cf_run_asks_again(exchange))
            return exchange;
    }
    return NULL;
}

static void tell_ended(struct cf_case_run *run, const cJSON *step, const struct pair *pair,
                       int sent)
{
    char what[500];
    const struct cf_exchange *held_off = last_held_off(run);
    if (held_off) {
        cf_run_describe(held_off, what, sizeof(what));
        cf_run_undecided(run,
                         "in %d tries the first operation may have ended before the second request "
                         "arrived, which was held off (status %d; %s); see --rate",
                         sent, held_off->status, what);
    } else if (pair->status == 202 && pair->unlisted.text[0])
        cf_run_undecided(run,
                         "in %d tries nothing tells whether the first operation still ran when the "
                         "second request was accepted: %s",
                         sent, pair->unlisted.text);
    else if (is_hopeless(run, step, sent))
        cf_run_inconclusive(run,
                            "in %d tries the first operation may have ended before the second "
                            "request arrived, and each answer took %d ms or more",
                            sent, SLOW_ANSWER_MS);
    else if (cf_json_get(step, "between"))
        cf_run_undecided(run,
                         "in %d tries the first operation may have ended before the second request "
                         "arrived, which has to wait for the answer to one in between",
                         sent);
    else
        cf_run_undecided(run,
                         "in %d tries the first operation may have ended before the second request "
                         "arrived; only where operations are over before their 202 is sent, claim "
                         "pics.instant_operations",
                         sent);
}

/* The second update of the last pair was accepted, so what it asks for is there: refused the next
 * time it could have an effect that nobody sees. What is let right before the step is let anew. */
static void let_anew(struct cf_case_run *run)
{
    const cJSON *first = run->step_node;
    while (first != run->one->steps->child && cf_json_get(first->prev, "let"))
        first = first->prev;
    for (; first != run->step_node && !run->over; first = first->next)
        cf_step_let.run(run, first);
}

/* The same, and what may be a gateway's word is asked for once more: if that is all it was, the
 * IUT's own comes now. */
static enum cf_cvm_overlap overlap_surely(struct cf_case_run *run, const cJSON *step, int number,
                                          bool at_once, struct pair *pair)
{
    enum cf_cvm_overlap outcome = overlap_once(run, step, number, at_once, pair);
    if (run->over || !pair->runs || !pair->doubted)
        return outcome;
    return overlap_once(run, step, number, false, pair);
}

/* Looks that a slow network, or a busy machine, could explain once do not come in every try. One
 * that came behind others tells something only where it was refused. */
static void overlap_with(struct cf_case_run *run, const cJSON *step, int number, struct pair *pair)
{
    /* A proof is spent when it was accepted: such a pair has one try. */
    bool once = cf_json_bool(step, "once", false);
    bool behind = pair->runs;
    int queued = 0;
    int sent = 0;
    if (behind && overlap_surely(run, step, number, false, pair) == CF_CVM_OVERLAP_SETTLED)
        return;
    while (sent < (once ? 1 : OVERLAP_TRIES) && !(queued == 0 && is_hopeless(run, step, sent))) {
        int i = sent++;
        bool at_once = queued == 0 && (pair->at_once || i + run->record->tries > 1 ||
                                       (once && ends_before_its_answer(run)));
        if ((i > 0 || behind) && pair->status == 202)
            let_anew(run);
        enum cf_cvm_overlap outcome = overlap_surely(run, step, number, at_once, pair);
        if (outcome == CF_CVM_OVERLAP_SETTLED)
            return;
        queued += outcome == CF_CVM_OVERLAP_QUEUED;
        if (queued == i + 1 &&
            (queued == CF_CVM_QUEUED_TRIES || (once && run->record->tries > 1))) {
            cf_cvm_fail_queued(run);
            return;
        }
    }
    if (queued > 0)
        cf_run_undecided(run,
                         "%s the second update had no answer before the first operation had "
                         "ended: queued, or only slow",
                         once ? "this once" : "in some tries");
    else
        tell_ended(run, step, pair, sent);
}

/* A lock that is let go before its operation is over, and a gateway that refuses what comes right
 * behind another update, hold up a second one no longer when much of the operation is over. */
static void overlap_late(struct cf_case_run *run, const cJSON *step, int number, struct pair *pair)
{
    /* What may be sent once only is spent where it turns out to have come too late. */
    if (run->over || !pair->runs || cf_json_bool(step, "once", false) ||
        !cf_cvm_runs_late(run, pair->role, pair->first_id, pair->first))
        return;
    if (!*pair->first_id) /* which is listed, and runs alone */
        pair->left = count_listed(run, pair) - 1;
    overlap_with(run, step, number, pair);
}

static void run_overlap(struct cf_case_run *run, const cJSON *step)
{
    const cJSON *with = cf_json_get(step, "with");
    int count = cJSON_IsArray(with) ? cJSON_GetArraySize(with) : 1;
    struct pair pair = {
        .role = cf_run_role(run, cf_json_text(cf_json_get(step, "overlap"), "to", NULL)),
        .left = CF_CVM_UNKNOWN};
    for (int number = 0; number < count && !run->over; number++) {
        pair.behind = number % 2 == 1;
        overlap_with(run, step, number, &pair);
    }
    pair.behind = false;
    overlap_late(run, step, count - 1, &pair);
}

const struct cf_step_word cf_cvm_word_overlap = {
    {"overlap", (const char *const[]){"with", NULL},
     (const char *const[]){"between", "once", "or", NULL}, .check = check_overlap},
    run_overlap,
    true};
