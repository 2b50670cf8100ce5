#include "harness/pool/gone.h"
#include "harness/base/mem.h"
#include "harness/pool/records.h"
#include "harness/run/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CASES_TOLD_MAX = 4,
    BYTES_TOLD_MAX = 2000,
};

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

/* What the last request to be answered was, and the first one after it that was not. */
struct last {
    const struct cf_exchange *answered, *unanswered;
};

static struct last last_of(const struct cf_case_record *record)
{
    struct last last = {0};
    for (size_t i = 0; i < record->exchange_count; i++) {
        const struct cf_exchange *exchange = &record->exchanges[i];
        if (exchange->kind != CF_EXCHANGE_HTTP || !exchange->method)
            continue;
        if (was_answered(exchange))
            last = (struct last){.answered = exchange};
        else if (!last.unanswered)
            last.unanswered = exchange;
    }
    return last;
}

/* Of the case before, where this one met nobody from its first request on. */
static void put_answered_before(struct cf_buf *out, const struct cf_worker *worker)
{
    struct cf_case_record record;
    if (!cf_case_record_parse(&record, worker->record, worker->record_len))
        return;
    struct last last = last_of(&record);
    if (last.answered) {
        cf_buf_printf(out, "%s: ", record.id);
        put_exchange(out, last.answered);
        cf_buf_puts(out, ", then ");
    }
    cf_case_record_release(&record);
}

static void put_last_requests(struct cf_buf *out, const struct cf_worker *worker,
                              const struct cf_case_record *record)
{
    struct last last = last_of(record);
    if (!last.answered)
        put_answered_before(out, worker);
    cf_buf_printf(out, "%s: ", record->id);
    if (last.answered)
        put_exchange(out, last.answered);
    if (last.answered && last.unanswered)
        cf_buf_puts(out, ", then ");
    if (last.unanswered)
        put_exchange(out, last.unanswered);
}

/* What brought the IUT down is likely to be among these: above all an update without an answer. */
static void keep_last_requests(struct cf_pool_state *pool, const struct cf_worker *worker,
                               const struct cf_case_record *record)
{
    struct cf_buf *kept = &pool->gone_requests;
    const struct cf_exchange *unanswered = last_of(record).unanswered;
    bool update = unanswered && strcmp(unanswered->method, "GET") != 0;
    struct cf_buf before = {0};
    if (!update && pool->gone_cases++ >= CASES_TOLD_MAX)
        return;
    if (update) {
        before = *kept;
        *kept = (struct cf_buf){0};
    } else if (kept->len > 0) {
        cf_buf_puts(kept, "; ");
    }
    put_last_requests(kept, worker, record);
    if (before.len > 0)
        cf_buf_printf(kept, "; %s", cf_buf_text(&before));
    cf_buf_release(&before);
}

void cf_pool_gone_note(struct cf_pool_state *pool, const struct cf_worker *worker, const char *line,
                       size_t len)
{
    struct cf_case_record record;
    pool->gone = pool->stopping = true;
    if (!cf_case_record_parse(&record, line, len))
        return;
    if (!pool->gone_reason)
        pool->gone_reason =
            cf_strdup(record.verdict == CF_INCONCLUSIVE ? cf_record_reason(&record) : CF_RUN_GONE);
    keep_last_requests(pool, worker, &record);
    cf_case_record_release(&record);
}

void cf_pool_gone_remember(struct cf_worker *worker, const char *line, size_t len)
{
    free(worker->record);
    worker->record = cf_memdup(line, len);
    worker->record_len = len;
}

/* As many bytes of what was kept as may be told, with no case's requests cut short without need. */
static int bytes_told(struct cf_buf *kept)
{
    const char *text = cf_buf_text(kept);
    size_t whole = 0;
    if (kept->len <= BYTES_TOLD_MAX)
        return (int)kept->len;
    for (const char *end = strstr(text, "; "); end && end - text <= BYTES_TOLD_MAX;
         end = strstr(end + 1, "; "))
        whole = (size_t)(end - text);
    return whole > 0 ? (int)whole : BYTES_TOLD_MAX;
}

void cf_pool_gone_conclude(struct cf_pool_state *pool)
{
    if (!pool->gone || pool->out->signal != 0)
        return;
    const char *reason = pool->gone_reason ? pool->gone_reason : CF_RUN_GONE;
    snprintf(pool->out->gone, sizeof(pool->out->gone), "%.600s; the last requests before: %.*s",
             reason, bytes_told(&pool->gone_requests), cf_buf_text(&pool->gone_requests));
    cf_pool_tell(pool, CF_EVENT_TROUBLE, "%s; nothing more is asked", reason);
    for (size_t i = 0; i < pool->plan->count; i++) {
        enum cf_item_state state = pool->items[i].state;
        if (state == CF_ITEM_PENDING || state == CF_ITEM_SHARING || state == CF_ITEM_POSTPONED ||
            state == CF_ITEM_LAST)
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
