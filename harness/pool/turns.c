#include "harness/pool/turns.h"
#include "harness/base/clock.h"
#include "harness/case/fault.h"
#include "harness/pool/leases.h"
#include "harness/pool/processes.h"

#include <signal.h>

enum { REAP_LIMIT_MS = 1000 };

static bool has_fault(const struct cf_pool_state *pool, size_t index)
{
    return cf_fault_of_case(pool->profile->vocabulary, cf_pool_case(pool, index)) != NULL;
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

void cf_turns_begin(const struct cf_pool_state *pool, struct cf_worker *worker)
{
    bool fault = worker->order.type == CF_ORDER_CASES && has_fault(pool, worker->order.items[0]);
    worker->turn = fault ? CF_TURN_AHEAD : CF_TURN_NONE;
}

bool cf_turns_may_join(const struct cf_pool_state *pool, size_t index)
{
    unsigned others = bit(CF_TURN_NONE) | bit(CF_TURN_TAKEN) | bit(CF_TURN_OVER);
    return has_fault(pool, index) && !any_at(pool, others);
}

bool cf_turns_taken(const struct cf_pool_state *pool)
{
    return any_at(pool, bit(CF_TURN_TAKEN));
}

void cf_turns_note(struct cf_worker *worker, const struct cf_frame *frame)
{
    worker->turn = frame->flags & CF_FRAME_FAULT_ENDED ? CF_TURN_OVER : CF_TURN_ASKED;
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

void cf_turns_go_on(struct cf_pool_state *pool)
{
    if (any_at(pool, bit(CF_TURN_NONE) | bit(CF_TURN_AHEAD) | bit(CF_TURN_TAKEN)))
        return;
    if (any_at(pool, bit(CF_TURN_ASKED)))
        let_go_on(pool, CF_TURN_ASKED, CF_TURN_TAKEN, false);
    else if (any_at(pool, bit(CF_TURN_OVER)))
        let_go_on(pool, CF_TURN_OVER, CF_TURN_NONE, true);
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
    pool->fault_left = pool->fault_left || left;
    for (size_t i = 0; left && i < pool->worker_count; i++) {
        if (pool->workers[i].busy && pool->workers[i].turn == CF_TURN_OVER)
            begin_anew(pool, &pool->workers[i]);
    }
}
