#include "harness/pool/turns.h"
#include "harness/base/clock.h"
#include "harness/case/fault.h"
#include "harness/pool/leases.h"
#include "harness/pool/processes.h"

#include <signal.h>

enum { REAP_LIMIT_MS = 1000 };

static bool share_kind(const struct cf_case *a, const struct cf_case *b)
{
    for (size_t r = 0; r < a->role_count; r++) {
        for (size_t q = 0; q < b->role_count; q++) {
            if (a->roles[r].kind == b->roles[q].kind)
                return true;
        }
    }
    return false;
}

void cf_turns_find(struct cf_pool_state *pool)
{
    for (size_t i = 0; i < pool->plan->count; i++) {
        const struct cf_case *one = cf_pool_case(pool, i);
        if (!cf_fault_of_case(pool->profile->vocabulary, one))
            continue;
        pool->items[i].has_fault = true;
        for (size_t k = 0; k < pool->plan->count; k++)
            pool->items[k].meets_faults |= share_kind(cf_pool_case(pool, k), one);
    }
}

/* Whether a busy worker is at one of those, bits of their places in enum cf_worker_turn. */
static bool any_at(const struct cf_pool_state *pool, unsigned turns)
{
    for (size_t i = 0; i < pool->worker_count; i++) {
        if (pool->workers[i].busy && turns >> pool->workers[i].turn & 1)
            return true;
    }
    return false;
}

static unsigned bit(enum cf_worker_turn turn)
{
    return 1u << turn;
}

/* Whether a worker is at something, no such case or one that goes on, that none may have its turn
 * beside. What is put back has to succeed. */
static bool anything_else(const struct cf_pool_state *pool)
{
    for (size_t i = 0; i < pool->worker_count; i++) {
        const struct cf_worker *worker = &pool->workers[i];
        if (!worker->busy || worker->turn != CF_TURN_NONE)
            continue;
        if (worker->order.type != CF_ORDER_CASES ||
            pool->items[worker->order.items[0]].meets_faults)
            return true;
    }
    return false;
}

void cf_turns_begin(const struct cf_pool_state *pool, struct cf_worker *worker)
{
    bool cases = worker->order.type == CF_ORDER_CASES;
    bool fault = cases && pool->items[worker->order.items[0]].has_fault;
    worker->turn = fault ? CF_TURN_AHEAD : CF_TURN_NONE;
    worker->beside_fault = !fault && (cf_turns_taken(pool) || pool->fault_stays);
    worker->after_fault = !fault && cf_clock_ms() < pool->calm_ms;
}

bool cf_turns_may_join(const struct cf_pool_state *pool, size_t index)
{
    return pool->items[index].has_fault && !anything_else(pool) &&
           !any_at(pool, bit(CF_TURN_TAKEN) | bit(CF_TURN_OVER));
}

bool cf_turns_are_due(const struct cf_pool_state *pool)
{
    for (size_t i = 0; i < pool->plan->count; i++) {
        const struct cf_item *item = &pool->items[i];
        if (item->meets_faults && !item->has_fault &&
            (item->state == CF_ITEM_PENDING || item->state == CF_ITEM_RUNNING))
            return false;
    }
    return true;
}

bool cf_turns_bar(const struct cf_pool_state *pool)
{
    return any_at(pool,
                  bit(CF_TURN_AHEAD) | bit(CF_TURN_ASKED) | bit(CF_TURN_TAKEN) | bit(CF_TURN_OVER));
}

bool cf_turns_taken(const struct cf_pool_state *pool)
{
    return any_at(pool, bit(CF_TURN_TAKEN));
}

bool cf_turns_spoilt(const struct cf_pool_state *pool, const struct cf_worker *worker,
                     const struct cf_frame *frame)
{
    bool locked = frame->flags & (CF_END_LOCKED | CF_END_MET_LOCK);
    bool gone = pool->fault_stays && (frame->flags & CF_END_GONE);
    return worker->beside_fault && !locked && !gone && !pool->items[frame->index].has_fault &&
           ((frame->verdict != CF_PASS && frame->verdict != CF_NOT_APPLICABLE) ||
            (frame->flags & CF_FRAME_MET_5XX));
}

bool cf_turns_early(const struct cf_pool_state *pool, const struct cf_worker *worker,
                    const struct cf_frame *frame)
{
    return worker->after_fault && !pool->items[frame->index].has_fault &&
           (frame->flags & CF_FRAME_MET_5XX) && frame->verdict != CF_PASS &&
           frame->verdict != CF_NOT_APPLICABLE;
}

bool cf_turns_wait(const struct cf_pool_state *pool, size_t index)
{
    return pool->items[index].waits_for_calm && cf_clock_ms() < pool->calm_ms;
}

bool cf_turns_any_wait(const struct cf_pool_state *pool)
{
    for (size_t i = 0; pool->calm_ms > 0 && i < pool->plan->count; i++) {
        if (pool->items[i].state == CF_ITEM_POSTPONED && cf_turns_wait(pool, i))
            return true;
    }
    return false;
}

void cf_turns_note(struct cf_pool_state *pool, struct cf_worker *worker,
                   const struct cf_frame *frame)
{
    bool ended = frame->flags & CF_FRAME_FAULT_ENDED;
    worker->turn = ended ? CF_TURN_OVER : CF_TURN_ASKED;
    pool->fault_stays = pool->fault_stays && !ended;
    if (ended)
        pool->calm_ms = cf_clock_ms() + (double)pool->profile->settle_timeout_ms;
}

void cf_turns_leave(struct cf_pool_state *pool)
{
    pool->fault_left = pool->fault_stays = true;
}

static void let_go_on(struct cf_pool_state *pool, enum cf_worker_turn from, enum cf_worker_turn to,
                      bool all)
{
    struct cf_order order = {.type = CF_ORDER_FAULT};
    bool more = true;
    for (size_t i = 0; i < pool->worker_count; i++) {
        struct cf_worker *worker = &pool->workers[i];
        if (!worker->busy || worker->turn == CF_TURN_NONE)
            continue;
        worker->deadline_ms = cf_clock_ms() + pool->case_limit_ms; /* nobody's wait is his fault */
        if (worker->turn != from || !more)
            continue;
        worker->turn = to;
        cf_process_tell(worker, &order);
        more = all;
    }
}

static void note_beside(struct cf_pool_state *pool)
{
    for (size_t i = 0; i < pool->worker_count; i++) {
        struct cf_worker *worker = &pool->workers[i];
        worker->beside_fault = worker->beside_fault || worker->turn == CF_TURN_NONE;
    }
}

void cf_turns_go_on(struct cf_pool_state *pool)
{
    if (anything_else(pool) || any_at(pool, bit(CF_TURN_AHEAD) | bit(CF_TURN_TAKEN)))
        return;
    if (any_at(pool, bit(CF_TURN_ASKED))) {
        let_go_on(pool, CF_TURN_ASKED, CF_TURN_TAKEN, false);
        note_beside(pool);
    } else if (any_at(pool, bit(CF_TURN_OVER))) {
        let_go_on(pool, CF_TURN_OVER, CF_TURN_NONE, true);
    }
}

/* It has shown nothing yet that could not be shown again. */
static void begin_anew(struct cf_pool_state *pool, struct cf_worker *worker)
{
    char how[160];
    size_t index = worker->order.items[0];
    kill(worker->pid, SIGKILL);
    cf_process_reap(worker, REAP_LIMIT_MS, how, sizeof(how));
    pool->out->requests += worker->requests;
    pool->items[index].state = CF_ITEM_POSTPONED;
    pool->running--;
    worker->busy = false;
    cf_lease_give_back(pool, cf_pool_case(pool, index), worker->order.fixtures);
}

void cf_turns_end(struct cf_pool_state *pool, struct cf_worker *worker)
{
    bool left = worker->turn == CF_TURN_TAKEN;
    worker->turn = CF_TURN_NONE;
    if (left)
        cf_turns_leave(pool);
    for (size_t i = 0; left && i < pool->worker_count; i++) {
        if (pool->workers[i].busy && pool->workers[i].turn == CF_TURN_OVER)
            begin_anew(pool, &pool->workers[i]);
    }
}
