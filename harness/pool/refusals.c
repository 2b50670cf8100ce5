#include "harness/pool/refusals.h"
#include "harness/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* The word of a step that is not a request, as those of races are. */
static const char *word_of(const struct cf_pool_state *pool, const cJSON *step)
{
    const struct cf_step_word *const *words = pool->options->worker.base.engine->words;
    for (; words && *words; words++) {
        if (cf_json_get(step, (*words)->form.word))
            return (*words)->form.word;
    }
    return "";
}

/* Some status from first to last. */
static bool expects(const cJSON *step, int first, int last)
{
    const cJSON *wanted = cf_json_get(cf_json_get(step, "expect"), "status");
    const cJSON *allowed = cf_json_get(step, "may_refuse");
    return (wanted && cf_expect_status_within(wanted, first, last)) ||
           (allowed && cf_expect_status_within(allowed, first, last));
}

/* ---- learning ---- */

static void add(struct cf_refusals *refusals, const char *request, const char *word, int status)
{
    for (size_t i = 0; i < refusals->count; i++) {
        const struct cf_refusal *old = &refusals->items[i];
        if (old->status == status && strcmp(old->request, request) == 0 &&
            strcmp(old->word, word) == 0)
            return;
    }
    refusals->items =
        cf_grow(refusals->items, refusals->count, &refusals->cap, sizeof(*refusals->items));
    refusals->items[refusals->count++] =
        (struct cf_refusal){cf_strdup(request), cf_strdup(word), status};
}

/* The step that the record is charged for beside what the case asks; -1: it does not say. */
static int charged_step(const struct cf_case_record *record)
{
    for (size_t i = 0; i < record->failure_count; i++) {
        if (record->failures[i].requirement)
            return record->failures[i].step;
    }
    return -1;
}

/* Whether the exchange is a refusal by the case's own step, and not the conflict with a lock that
 * was there before. */
static bool may_have_locked(const struct cf_exchange *exchange, const cJSON *step, int charged)
{
    bool refused = exchange->kind == CF_EXCHANGE_HTTP && exchange->status >= 400 &&
                   exchange->status < 500 && exchange->status != 429;
    return refused && step && (charged >= 0 ? exchange->step == charged : exchange->status != 409);
}

void cf_refusals_learn(struct cf_pool_state *pool, size_t index, const char *line, size_t len)
{
    struct cf_case_record record;
    const struct cf_case *one = cf_pool_case(pool, index);
    if (!cf_case_record_parse(&record, line, len))
        return;
    int charged = charged_step(&record);
    for (size_t i = 0; i < record.exchange_count; i++) {
        const struct cf_exchange *exchange = &record.exchanges[i];
        const cJSON *step = cJSON_GetArrayItem(one->steps, exchange->step);
        if (!may_have_locked(exchange, step, charged))
            continue;
        const char *request = cf_json_text(step, "request", "");
        add(&pool->refusals, request, *request ? "" : word_of(pool, step), exchange->status);
    }
    if (!pool->refusals.example && pool->refusals.count > 0)
        pool->refusals.example = cf_strdup(one->id);
    cf_case_record_release(&record);
}

void cf_refusals_release(struct cf_refusals *refusals)
{
    for (size_t i = 0; i < refusals->count; i++) {
        free(refusals->items[i].request);
        free(refusals->items[i].word);
    }
    free(refusals->items);
    free(refusals->example);
    *refusals = (struct cf_refusals){0};
}

/* ---- asking ---- */

static bool is_met(const struct cf_refusal *refusal, const cJSON *step)
{
    if (*refusal->word)
        return cf_json_get(step, refusal->word) != NULL;
    return strcmp(cf_json_text(step, "request", ""), refusal->request) == 0 &&
           expects(step, refusal->status, refusal->status);
}

bool cf_refusals_repeat(const struct cf_pool_state *pool, const struct cf_case *one)
{
    const cJSON *step;
    if (pool->refusals.count == 0)
        return false;
    cJSON_ArrayForEach(step, one->steps)
    {
        for (size_t i = 0; i < pool->refusals.count; i++) {
            if (is_met(&pool->refusals.items[i], step))
                return true;
        }
    }
    return false;
}

/* A step that holds requests of its own, of which some are to be refused, as those of races are; a
 * hook's "with" is another thing. */
static bool holds_requests(const cJSON *step)
{
    return cf_json_get(step, "with") && !cf_json_get(step, "request") && !cf_json_get(step, "hook");
}

static bool refuses(const cJSON *step)
{
    return holds_requests(step) || expects(step, 400, 499);
}

bool cf_refusals_expect(const struct cf_case *one)
{
    const cJSON *step;
    cJSON_ArrayForEach(step, one->steps)
    {
        if (refuses(step))
            return true;
    }
    return false;
}

bool cf_refusals_sought(const struct cf_pool_state *pool, bool running_too)
{
    for (size_t i = 0; pool->has_sought && i < pool->plan->count; i++) {
        const struct cf_item *item = &pool->items[i];
        bool running = item->state == CF_ITEM_RUNNING && running_too;
        if (item->seeks_lock && (running || item->state == CF_ITEM_POSTPONED) &&
            !cf_refusals_repeat(pool, cf_pool_case(pool, i)))
            return true;
    }
    return false;
}

bool cf_refusals_wait(const struct cf_pool_state *pool, size_t index)
{
    const struct cf_case *one = cf_pool_case(pool, index);
    return cf_refusals_repeat(pool, one) || (pool->seeking && cf_refusals_expect(one));
}

/* ---- the first of a kind ---- */

/* As far as can be told before: the request, and what it is to be answered. "" where no refusal is
 * expected. */
static const char *kind_of(const struct cf_pool_state *pool, const cJSON *step, struct cf_buf *out)
{
    const char *request = cf_json_text(step, "request", "");
    cf_buf_reset(out);
    if (holds_requests(step)) {
        cf_buf_puts(out, word_of(pool, step));
    } else if (refuses(step)) {
        cf_buf_printf(out, "%s ", request);
        cf_json_print(out, cf_json_get(cf_json_get(step, "expect"), "status"));
    }
    return cf_buf_text(out);
}

/* Whether a case that is running has a step of the kind. */
static bool is_running(const struct cf_pool_state *pool, const char *kind)
{
    struct cf_buf text = {0};
    bool found = false;
    const cJSON *step;
    for (size_t w = 0; w < pool->worker_count && !found; w++) {
        const struct cf_worker *worker = &pool->workers[w];
        bool runs = worker->busy && worker->order.type == CF_ORDER_CASES;
        for (size_t i = worker->reported; runs && i < worker->order.count; i++)
            cJSON_ArrayForEach(step, cf_pool_case(pool, worker->order.items[i])->steps) found =
                found || strcmp(kind_of(pool, step, &text), kind) == 0;
    }
    cf_buf_release(&text);
    return found;
}

bool cf_refusals_untried(const struct cf_pool_state *pool, const struct cf_case *one)
{
    const struct cf_engine *engine = pool->options->worker.base.engine;
    struct cf_buf kind = {0};
    bool wait = false;
    const cJSON *step;
    if (engine->can_reset && engine->can_reset(pool->profile))
        return false;
    cJSON_ArrayForEach(step, one->steps)
    {
        wait = wait || (*kind_of(pool, step, &kind) &&
                        !cf_intern_find(&pool->harmless, cf_buf_text(&kind), NULL) &&
                        is_running(pool, cf_buf_text(&kind)));
    }
    cf_buf_release(&kind);
    return wait;
}

void cf_refusals_harmless(struct cf_pool_state *pool, const struct cf_case *one)
{
    struct cf_buf kind = {0};
    const cJSON *step;
    cJSON_ArrayForEach(step, one->steps)
    {
        if (*kind_of(pool, step, &kind))
            cf_intern_add(&pool->harmless, cf_buf_text(&kind));
    }
    cf_buf_release(&kind);
}
