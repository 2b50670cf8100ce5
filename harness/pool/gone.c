#include "harness/pool/gone.h"
#include "harness/base/mem.h"
#include "harness/pool/records.h"
#include "harness/run/run.h"

#include <stdio.h>
#include <stdlib.h>

enum { CASES_TOLD_MAX = 4 };

static bool was_answered(const struct cf_exchange *exchange)
{
    return exchange->status != 0 && !cf_run_from_gateway(exchange);
}

static void put_exchange(struct cf_buf *out, const struct cf_exchange *exchange)
{
    cf_buf_printf(out, "%s %.300s ", exchange->method, exchange->url ? exchange->url : "?");
    if (exchange->status != 0)
        cf_buf_printf(out, "(%d)", exchange->status);
    else
        cf_buf_printf(out, "(%.300s)", exchange->message ? exchange->message : "no answer");
}

/* The last request that was answered, and the first that was not: what brought the IUT down is
 * likely to be one of the two. */
static void put_last_requests(struct cf_buf *out, const struct cf_case_record *record)
{
    const struct cf_exchange *answered = NULL;
    const struct cf_exchange *unanswered = NULL;
    for (size_t i = 0; i < record->exchange_count; i++) {
        const struct cf_exchange *exchange = &record->exchanges[i];
        if (exchange->kind != CF_EXCHANGE_HTTP || !exchange->method)
            continue;
        if (was_answered(exchange)) {
            answered = exchange;
            unanswered = NULL;
        } else if (!unanswered) {
            unanswered = exchange;
        }
    }
    cf_buf_printf(out, "%s%s: ", out->len > 0 ? "; " : "", record->id);
    if (answered)
        put_exchange(out, answered);
    if (answered && unanswered)
        cf_buf_puts(out, ", then ");
    if (unanswered)
        put_exchange(out, unanswered);
}

void cf_pool_gone_note(struct cf_pool_state *pool, const char *line, size_t len)
{
    struct cf_json_doc doc;
    struct cf_case_record record;
    pool->gone = pool->stopping = true;
    if (cf_json_parse(&doc, "record", line, len, 0, NULL) != CF_OK)
        return;
    enum cf_code code = cf_case_record_read(&record, doc.root, NULL);
    cf_json_release(&doc);
    if (code != CF_OK)
        return;
    if (!pool->gone_reason)
        pool->gone_reason =
            cf_strdup(record.verdict == CF_INCONCLUSIVE ? cf_record_reason(&record) : CF_RUN_GONE);
    if (pool->gone_cases++ < CASES_TOLD_MAX)
        put_last_requests(&pool->gone_requests, &record);
    cf_case_record_release(&record);
}

void cf_pool_gone_conclude(struct cf_pool_state *pool)
{
    if (!pool->gone || pool->out->signal != 0)
        return;
    const char *reason = pool->gone_reason ? pool->gone_reason : CF_RUN_GONE;
    snprintf(pool->out->gone, sizeof(pool->out->gone), "%.600s; the last requests before: %.2000s",
             reason, cf_buf_text(&pool->gone_requests));
    cf_pool_tell(pool, CF_EVENT_TROUBLE, "%s", pool->out->gone);
    for (size_t i = 0; i < pool->plan->count; i++) {
        enum cf_item_state state = pool->items[i].state;
        if (state == CF_ITEM_PENDING || state == CF_ITEM_POSTPONED)
            cf_pool_synthesise(pool, i, CF_INCONCLUSIVE, NULL, "%s", reason);
    }
}

void cf_pool_gone_name_left(struct cf_pool_state *pool)
{
    for (size_t i = 0; pool->restore_hopeless && i < pool->profile->fixture_count; i++) {
        struct cf_lease *lease = &pool->leases[i];
        if (!lease->dirty || !lease->snapshot)
            continue;
        lease->dirty = false;
        pool->out->not_restored++;
        cf_pool_put_back(pool, i, NULL, CF_RUN_GONE);
    }
}
