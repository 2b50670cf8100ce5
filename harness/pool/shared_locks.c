#include "harness/pool/shared_locks.h"
#include "harness/pool/records.h"

enum { DOUBTS_MAX = 2 };

static bool others_run(const struct cf_pool_state *pool, const struct cf_worker *worker)
{
    for (size_t i = 0; i < pool->worker_count; i++) {
        const struct cf_worker *other = &pool->workers[i];
        if (other != worker && other->busy && other->order.type == CF_ORDER_CASES)
            return true;
    }
    return false;
}

static void settle(struct cf_pool_state *pool, enum cf_locks locks)
{
    pool->locks = locks;
    for (size_t i = 0; i < pool->profile->fixture_count; i++)
        pool->leases[i].doubted = false;
    if (locks == CF_LOCKS_SHARED)
        cf_pool_tell(pool, CF_EVENT_TROUBLE, "%s",
                     "CVMs take updates by themselves, and are locked where one of another runs: "
                     "one case at a time from here on");
}

bool cf_shared_locks_doubt(struct cf_pool_state *pool, const struct cf_worker *worker,
                           const struct cf_frame *frame)
{
    struct cf_lease *lease = &pool->leases[worker->order.fixtures[0]];
    bool locked = frame->flags & CF_END_LOCKED;
    bool open = pool->locks == CF_LOCKS_UNKNOWN || pool->locks == CF_LOCKS_DOUBTED;
    if (open && locked && others_run(pool, worker)) {
        pool->locks = CF_LOCKS_DOUBTED;
        lease->doubted = true;
        return true;
    }
    if (!lease->doubted || others_run(pool, worker))
        return false;
    if (locked)
        settle(pool, CF_LOCKS_OWN);
    else if (frame->flags & CF_END_TAKEN)
        settle(pool, ++pool->lock_doubts < DOUBTS_MAX ? CF_LOCKS_UNKNOWN : CF_LOCKS_SHARED);
    return false;
}

bool cf_shared_locks_bar(const struct cf_pool_state *pool)
{
    return pool->locks == CF_LOCKS_DOUBTED || pool->locks == CF_LOCKS_SHARED;
}
