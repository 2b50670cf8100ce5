#include "harness/pool/late_locks.h"
#include "harness/base/clock.h"
#include "harness/base/mem.h"
#include "harness/pool/records.h"
#include "harness/pool/sharing.h"

#include <stdlib.h>

enum { EXPECTED_AFTER = 4 }; /* cases in a row, each of which met one in all of its tries */

/* Nothing else is to blame, and the lock was let go. */
static bool met_one(const struct cf_pool_state *pool, size_t index, const struct cf_frame *frame)
{
    unsigned others =
        CF_END_STUCK | CF_END_UNDECIDED | CF_END_GONE | CF_END_OPERATION | CF_END_LOCKED;
    return (frame->flags & CF_END_MET_LOCK) && !(frame->flags & others) &&
           !pool->items[index].seeks_lock;
}

static void expect_them(struct cf_pool_state *pool)
{
    pool->expects_late_locks = true;
    cf_pool_tell(
        pool, CF_EVENT_TROUBLE,
        "%d cases in a row found their CVM locked in each of %d tries, though nothing ran "
        "on it, until the lock was let go; others are not tried where they would find it so",
        EXPECTED_AFTER, CF_TRIES_MAX);
}

bool cf_late_locks_expected(struct cf_pool_state *pool, size_t index, const struct cf_frame *frame,
                            double took_ms)
{
    bool met = met_one(pool, index, frame);
    int tries = pool->items[index].tries + 1;
    if (tries == 1)
        return false; /* others ran meanwhile */
    if (!met)
        pool->late_locks = 0;
    else if (took_ms > pool->late_lock_ms)
        pool->late_lock_ms = took_ms;
    if (met && tries == CF_TRIES_MAX && ++pool->late_locks == EXPECTED_AFTER)
        expect_them(pool);
    return met && pool->expects_late_locks;
}

void cf_late_locks_keep(struct cf_pool_state *pool, size_t index, const struct cf_frame *frame,
                        const char *line)
{
    struct cf_item *item = &pool->items[index];
    if (!met_one(pool, index, frame))
        return;
    item->verdict = (enum cf_verdict)frame->verdict;
    item->held = cf_memdup(line, frame->payload_len);
    item->held_len = frame->payload_len;
}

void cf_late_locks_drop(struct cf_pool_state *pool, size_t index)
{
    free(pool->items[index].held);
    pool->items[index].held = NULL;
}

/* The operations of a try that was put off were counted then. */
static void tell(struct cf_pool_state *pool, size_t index)
{
    struct cf_item *item = &pool->items[index];
    char *line = item->held;
    item->held = NULL;
    pool->out->operations -= item->operations;
    cf_sharing_end(pool, index);
    cf_pool_record(pool, index, item->verdict, line, item->held_len);
    free(line);
}

double cf_late_locks_now(const struct cf_pool_state *pool)
{
    return cf_clock_ms() + pool->untried_ms;
}

/* The lock of one try is still there in the next; other fixtures would have rested meanwhile. */
bool cf_late_locks_tell(struct cf_pool_state *pool, size_t index, uint32_t fixture)
{
    struct cf_lease *lease = &pool->leases[fixture];
    const struct cf_item *item = &pool->items[index];
    bool waits = item->state == CF_ITEM_POSTPONED && item->held;
    double rested_ms = cf_late_locks_now(pool) - lease->updated_ms;
    if (!pool->expects_late_locks || !waits || rested_ms >= pool->late_lock_ms)
        return false;
    pool->untried_ms += (CF_TRIES_MAX - item->tries) * pool->late_lock_ms;
    lease->updated_ms = cf_late_locks_now(pool);
    tell(pool, index);
    return true;
}
