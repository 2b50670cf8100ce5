#include "harness/pool/suspects.h"
#include "harness/base/mem.h"
#include "harness/pool/leases.h"
#include "harness/pool/records.h"

#include <stdlib.h>

static bool is_suspect(const struct cf_item *item, uint32_t fixture)
{
    return item->state == CF_ITEM_SUSPECT && item->suspect_on == fixture;
}

void cf_suspects_add(struct cf_pool_state *pool, size_t index, uint32_t fixture,
                     enum cf_verdict verdict, const char *line, size_t len)
{
    struct cf_item *item = &pool->items[index];
    item->state = CF_ITEM_SUSPECT;
    item->verdict = verdict;
    item->suspect_on = fixture;
    item->held = cf_memdup(line, len);
    item->held_len = len;
}

/* Its record is what it was. */
static void tell(struct cf_pool_state *pool, size_t index)
{
    struct cf_item *item = &pool->items[index];
    char *line = item->held;
    item->held = NULL;
    cf_pool_record(pool, index, item->verdict, line, item->held_len);
    free(line);
}

void cf_suspects_clear(struct cf_pool_state *pool, uint32_t fixture)
{
    for (size_t i = 0; i < pool->plan->count; i++) {
        if (is_suspect(&pool->items[i], fixture))
            tell(pool, i);
    }
}

void cf_suspects_clear_all(struct cf_pool_state *pool)
{
    for (size_t i = 0; i < pool->plan->count; i++) {
        if (pool->items[i].state == CF_ITEM_SUSPECT)
            tell(pool, i);
    }
}

void cf_suspects_name(const struct cf_pool_state *pool, uint32_t fixture, struct cf_buf *out)
{
    const char *between = "; before that, the last updates of these were refused: ";
    for (size_t i = 0; i < pool->plan->count; i++) {
        if (!is_suspect(&pool->items[i], fixture))
            continue;
        cf_buf_printf(out, "%s%s", between, cf_pool_case(pool, i)->id);
        between = ", ";
    }
}

static bool can_try_again(const struct cf_pool_state *pool, size_t index)
{
    return pool->items[index].tries + 1 < CF_TRIES_MAX && !pool->stopping &&
           cf_lease_possible(pool, cf_pool_case(pool, index));
}

static bool anybody_to_try(const struct cf_pool_state *pool, uint32_t fixture)
{
    for (size_t i = 0; i < pool->plan->count; i++) {
        if (is_suspect(&pool->items[i], fixture) && can_try_again(pool, i))
            return true;
    }
    return false;
}

static void put_off(struct cf_pool_state *pool, size_t index)
{
    struct cf_item *item = &pool->items[index];
    pool->out->operations += item->operations;
    free(item->held);
    item->held = NULL;
    item->tries++;
    item->seeks_lock = true;
    pool->has_sought = true;
    item->state = CF_ITEM_POSTPONED;
}

bool cf_suspects_try_again(struct cf_pool_state *pool, size_t index, uint32_t fixture)
{
    bool again = can_try_again(pool, index) && anybody_to_try(pool, fixture);
    for (size_t i = 0; again && i < pool->plan->count; i++) {
        if (is_suspect(&pool->items[i], fixture) && can_try_again(pool, i))
            put_off(pool, i);
    }
    cf_suspects_clear(pool, fixture);
    if (again)
        put_off(pool, index);
    return again;
}
