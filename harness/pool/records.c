#include "harness/pool/records.h"
#include "harness/base/mem.h"
#include "harness/run/control.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void cf_pool_tell(struct cf_pool_state *pool, enum cf_pool_event_kind kind, const char *fmt, ...)
{
    char text[CF_ERR_TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    struct cf_pool_event event = {.kind = kind,
                                  .done = pool->done,
                                  .total = pool->plan->count,
                                  .running = pool->running,
                                  .text = text};
    if (pool->options->event)
        pool->options->event(pool->options->context, &event);
}

void cf_pool_put_back(struct cf_pool_state *pool, size_t fixture, const char *line,
                      const char *text)
{
    struct cf_pool_event event = {.kind = CF_EVENT_PUT_BACK,
                                  .index = fixture,
                                  .line = line,
                                  .line_len = line ? strlen(line) : 0,
                                  .done = pool->done,
                                  .total = pool->plan->count,
                                  .running = pool->running,
                                  .text = text};
    pool->leases[fixture].told = true;
    if (pool->options->event)
        pool->options->event(pool->options->context, &event);
}

static void emit(struct cf_pool_state *pool, size_t index, enum cf_verdict verdict,
                 const char *line, size_t len)
{
    struct cf_item *item = &pool->items[index];
    item->state = CF_ITEM_DONE;
    item->verdict = verdict;
    if (pool->has_last)
        cf_distinct_add_text(&pool->distinct, index, line, len);
    pool->done++;
    struct cf_pool_event event = {.kind = CF_EVENT_RECORD,
                                  .index = index,
                                  .verdict = verdict,
                                  .line = line,
                                  .line_len = len,
                                  .operations = item->operations,
                                  .exchanges = item->exchanges,
                                  .done = pool->done,
                                  .total = pool->plan->count,
                                  .running = pool->running};
    if (pool->options->event)
        pool->options->event(pool->options->context, &event);
    bool failed = verdict == CF_FAIL || verdict == CF_ERROR;
    if (pool->options->fail_fast && failed && !pool->stopping &&
        pool->plan->items[index].one->requirement->level <= pool->options->fail_level) {
        pool->stopping = true;
        pool->out->stopped = true;
    }
}

/* The record of an item whose control did not pass; control NULL: it did not run. */
static void emit_amended(struct cf_pool_state *pool, size_t index, const char *line, size_t len,
                         const enum cf_verdict *control)
{
    struct cf_case_record record;
    struct cf_buf text = {0};
    if (!cf_case_record_parse(&record, line, len))
        return;
    if (control)
        cf_control_amend(&record, *control);
    else
        cf_control_amend_missing(&record);
    cf_case_record_write(&text, &record);
    emit(pool, index, record.verdict, cf_buf_text(&text), text.len);
    cf_buf_release(&text);
    cf_case_record_release(&record);
}

static void emit_with_control(struct cf_pool_state *pool, size_t index, const char *line,
                              size_t len)
{
    const struct cf_item *control = &pool->items[pool->plan->items[index].control];
    if (control->verdict == CF_PASS)
        emit(pool, index, pool->items[index].verdict, line, len);
    else
        emit_amended(pool, index, line, len, &control->verdict);
}

static void drop_held(struct cf_item *item)
{
    free(item->held);
    item->held = NULL;
}

static void release_waiting_for(struct cf_pool_state *pool, size_t control)
{
    for (size_t i = 0; i < pool->plan->count; i++) {
        struct cf_item *item = &pool->items[i];
        if (item->state != CF_ITEM_HELD || pool->plan->items[i].control != (long)control)
            continue;
        emit_with_control(pool, i, item->held, item->held_len);
        drop_held(item);
    }
}

/* Whether the record has to wait for its control. */
static bool leans(const struct cf_pool_state *pool, size_t index, const char *line, size_t len)
{
    struct cf_case_record record;
    bool controlled = pool->plan->items[index].control >= 0 && !pool->options->ignore_controls;
    enum cf_verdict verdict = pool->items[index].verdict;
    if (!controlled || verdict != CF_FAIL)
        return controlled && verdict == CF_PASS;
    if (!cf_case_record_parse(&record, line, len))
        return false;
    bool decides = cf_control_decides(&record);
    cf_case_record_release(&record);
    return decides;
}

static void hold(struct cf_pool_state *pool, size_t index, const char *line, size_t len)
{
    struct cf_item *item = &pool->items[index];
    item->held = cf_memdup(line, len);
    item->held_len = len;
    item->state = CF_ITEM_HELD;
}

void cf_pool_record(struct cf_pool_state *pool, size_t index, enum cf_verdict verdict,
                    const char *line, size_t len)
{
    const struct cf_plan_item *planned = &pool->plan->items[index];
    pool->items[index].verdict = verdict;
    if (!leans(pool, index, line, len))
        emit(pool, index, verdict, line, len);
    else if (pool->items[planned->control].state == CF_ITEM_DONE)
        emit_with_control(pool, index, line, len);
    else
        hold(pool, index, line, len);
    if (planned->is_control)
        release_waiting_for(pool, index);
}

void cf_pool_synthesise(struct cf_pool_state *pool, size_t index, enum cf_verdict verdict,
                        const char *fixture, const char *fmt, ...)
{
    struct cf_case_record record = {0};
    struct cf_buf text = {0};
    char reason[1000];
    va_list args;
    va_start(args, fmt);
    vsnprintf(reason, sizeof(reason), fmt, args);
    va_end(args);
    cf_case_describe(pool->plan->items[index].one, pool->plan->items[index].attempt, &record);
    record.verdict = verdict;
    record.reason = cf_strdup(reason);
    record.cvm = cf_strdup(fixture);
    cf_case_record_write(&text, &record);
    cf_pool_record(pool, index, verdict, cf_buf_text(&text), text.len);
    cf_buf_release(&text);
    cf_case_record_release(&record);
}

void cf_pool_release_held(struct cf_pool_state *pool)
{
    for (size_t i = 0; i < pool->plan->count; i++) {
        struct cf_item *item = &pool->items[i];
        if (item->state == CF_ITEM_HELD)
            emit_amended(pool, i, item->held, item->held_len, NULL);
        drop_held(item);
    }
}

void cf_pool_decide_last(struct cf_pool_state *pool)
{
    bool whole = !pool->stopping && pool->failed == CF_OK;
    for (size_t i = 0; whole && i < pool->plan->count; i++) {
        struct cf_case_record record = {0};
        struct cf_buf text = {0};
        if (pool->items[i].state != CF_ITEM_LAST)
            continue;
        cf_distinct_judge(&pool->distinct, cf_pool_case(pool, i), pool->plan->items[i].attempt,
                          &record);
        cf_case_record_write(&text, &record);
        emit(pool, i, record.verdict, cf_buf_text(&text), text.len);
        cf_buf_release(&text);
        cf_case_record_release(&record);
    }
}
