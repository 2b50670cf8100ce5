#include "harness/pool/sharing.h"
#include "harness/pool/records.h"
#include "harness/pool/suspects.h"

void cf_sharing_begin(struct cf_pool_state *pool)
{
    for (size_t i = 0; i < pool->plan->count; i++) {
        const struct cf_plan_item *planned = &pool->plan->items[i];
        if (planned->verdict == CF_PASS && planned->shares >= 0 &&
            pool->items[i].state == CF_ITEM_PENDING &&
            pool->plan->items[planned->shares].verdict == CF_PASS &&
            pool->items[planned->shares].state == CF_ITEM_PENDING)
            pool->items[i].state = CF_ITEM_SHARING;
    }
}

void cf_sharing_take(struct cf_pool_state *pool, const struct cf_frame *frame, uint32_t fixture,
                     const char *line)
{
    enum cf_verdict verdict = (enum cf_verdict)frame->verdict;
    if (pool->items[frame->index].state != CF_ITEM_SHARING)
        return;
    if (frame->flags & CF_END_REFUSED)
        cf_suspects_add(pool, frame->index, fixture, verdict, line, frame->payload_len);
    else
        cf_pool_record(pool, frame->index, verdict, line, frame->payload_len);
}

void cf_sharing_end(struct cf_pool_state *pool, size_t index)
{
    for (size_t i = 0; i < pool->plan->count; i++) {
        if (pool->items[i].state != CF_ITEM_SHARING || pool->plan->items[i].shares != (long)index)
            continue;
        pool->items[i].state = CF_ITEM_PENDING;
        pool->next = i < pool->next ? i : pool->next;
    }
}
