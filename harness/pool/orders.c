#include "harness/pool/orders.h"
#include "harness/pool/forms.h"
#include "harness/pool/late_locks.h"
#include "harness/pool/leases.h"
#include "harness/pool/refusals.h"
#include "harness/pool/shared_locks.h"
#include "harness/pool/turns.h"

#include <string.h>

enum { LOOKAHEAD = 256 };

static bool same_kinds(const struct cf_case *a, const struct cf_case *b)
{
    if (a->role_count != b->role_count)
        return false;
    for (size_t r = 0; r < a->role_count; r++) {
        if (a->roles[r].kind != b->roles[r].kind)
            return false;
    }
    return true;
}

/* Those that share a look are soon over, and the dearer the fewer they are. Others may wait for
 * operations, of minutes each: a worker that is given several has the rest wait for it. */
static size_t group_size(const struct cf_pool_state *pool, bool shares_look)
{
    size_t left = pool->plan->count - pool->done;
    size_t size = shares_look ? left / (pool->worker_count * 2 + 1) : 1;
    return size < 1 ? 1 : size > CF_GROUP_MAX ? CF_GROUP_MAX : size;
}

static void add_to_group(struct cf_pool_state *pool, struct cf_order *order, size_t index)
{
    order->items[order->count++] = (uint32_t)index;
    pool->items[index].state = CF_ITEM_RUNNING;
    pool->running++;
}

/* Not in a group: what is known of earlier tries is one case's. */
static void try_again(struct cf_pool_state *pool, struct cf_order *order, size_t index)
{
    const struct cf_item *item = &pool->items[index];
    order->tries = (uint32_t)item->tries + 1;
    order->failed_on_count = item->failed_on_count;
    order->failed_at = item->failed_at;
    memcpy(order->failed_on, item->failed_on, sizeof(order->failed_on));
    order->seeks_lock = item->seeks_lock;
    add_to_group(pool, order, index);
}

/* Who left a lock is found out before it happens again, one suspect after the other. */
static bool next_suspect(struct cf_pool_state *pool, struct cf_order *order)
{
    pool->seeking = cf_refusals_sought(pool, true);
    for (size_t i = 0; pool->seeking && i < pool->plan->count; i++) {
        const struct cf_item *item = &pool->items[i];
        if (item->seeks_lock && item->state == CF_ITEM_RUNNING)
            return false;
    }
    for (size_t i = 0; pool->seeking && i < pool->plan->count; i++) {
        const struct cf_item *item = &pool->items[i];
        if (item->state != CF_ITEM_POSTPONED || !item->seeks_lock ||
            (pool->barred && item->meets_faults) ||
            cf_refusals_repeat(pool, cf_pool_case(pool, i)) ||
            !cf_lease_take(pool, i, order->fixtures))
            continue;
        try_again(pool, order, i);
        return true;
    }
    return false;
}

/* Whether the preflight waits for its operation, beside cases. */
static bool is_looking(const struct cf_pool_state *pool)
{
    for (size_t i = 0; i < pool->worker_count; i++) {
        if (pool->workers[i].busy && pool->workers[i].order.type == CF_ORDER_PREFLIGHT)
            return true;
    }
    return false;
}

/* A case that only the moment kept from a verdict has the IUT, and this machine, to itself. So have
 * last of all those that may leave a lock: each is asked whether it does. */
static bool next_alone(struct cf_pool_state *pool, struct cf_order *order, bool repeats)
{
    bool nothing_runs = pool->running == 0 && !is_looking(pool);
    for (size_t i = 0; nothing_runs && !pool->stopping && i < pool->plan->count; i++) {
        struct cf_item *item = &pool->items[i];
        bool waits =
            item->state == CF_ITEM_POSTPONED || (repeats && item->state == CF_ITEM_PENDING);
        if (!waits || cf_turns_wait(pool, i) ||
            repeats != cf_refusals_repeat(pool, cf_pool_case(pool, i)) ||
            !cf_lease_take(pool, i, order->fixtures))
            continue;
        if (cf_late_locks_tell(pool, i, order->fixtures[0])) {
            cf_lease_give_back(pool, cf_pool_case(pool, i), order->fixtures);
            continue;
        }
        item->seeks_lock = item->seeks_lock || repeats;
        pool->has_sought = pool->has_sought || item->seeks_lock;
        try_again(pool, order, i);
        return true;
    }
    return false;
}

static bool next_in_turn(struct cf_pool_state *pool, struct cf_order *order)
{
    for (size_t i = 0; pool->running > 0 && i < pool->plan->count; i++) {
        const struct cf_item *item = &pool->items[i];
        if (item->state != CF_ITEM_POSTPONED || item->tries > 0 || !cf_turns_may_join(pool, i) ||
            cf_refusals_repeat(pool, cf_pool_case(pool, i)) ||
            !cf_lease_take(pool, i, order->fixtures))
            continue;
        try_again(pool, order, i);
        return true;
    }
    return false;
}

static bool may_begin(const struct cf_pool_state *pool, size_t index, bool careful)
{
    const struct cf_item *item = &pool->items[index];
    return item->state == CF_ITEM_PENDING && !(pool->barred && item->meets_faults) &&
           !cf_refusals_wait(pool, index) &&
           !(careful && cf_refusals_expect(cf_pool_case(pool, index)));
}

static void fill_group(struct cf_pool_state *pool, struct cf_order *order, size_t first,
                       bool careful)
{
    unsigned looks = pool->items[first].looks_at_end;
    size_t size = group_size(pool, looks > 0);
    add_to_group(pool, order, first);
    for (size_t k = first + 1;
         k < pool->plan->count && k < first + LOOKAHEAD && order->count < size; k++) {
        if (may_begin(pool, k, careful) && pool->items[k].tries == 0 &&
            pool->items[k].looks_at_end == looks &&
            same_kinds(cf_pool_case(pool, first), cf_pool_case(pool, k)))
            add_to_group(pool, order, k);
    }
}

static bool next_longest(struct cf_pool_state *pool, struct cf_order *order)
{
    for (size_t k = 0; k < pool->longest_count; k++) {
        size_t i = pool->longest[k];
        if (!may_begin(pool, i, false) || pool->items[i].tries > 0 ||
            cf_refusals_untried(pool, cf_pool_case(pool, i)) ||
            !cf_lease_take(pool, i, order->fixtures))
            continue;
        add_to_group(pool, order, i);
        return true;
    }
    return false;
}

/* Whether the worker has its fixture at hand. One of several fixtures, which are seldom free
 * together, does not stand back for that. */
static bool is_near(const struct cf_pool_state *pool, size_t index)
{
    const struct cf_case *one = cf_pool_case(pool, index);
    return one->role_count != 1 || cf_lease_near(pool, one->roles[0].kind);
}

/* The next in the plan's order; careful: of those that expect no refusal; near: of those that go on
 * where the worker's last one ended. */
static bool next_pending(struct cf_pool_state *pool, struct cf_order *order, bool careful,
                         bool near)
{
    size_t i = pool->next;
    for (; i < pool->plan->count; i++) {
        if (may_begin(pool, i, careful) && (!near || is_near(pool, i)) &&
            !cf_refusals_untried(pool, cf_pool_case(pool, i)) &&
            cf_lease_take(pool, i, order->fixtures))
            break;
    }
    if (i == pool->plan->count)
        return false;
    if (pool->items[i].tries > 0)
        try_again(pool, order, i);
    else
        fill_group(pool, order, i, careful);
    return true;
}

/* Where a lock has cost a fixture, what cannot cost another comes first. */
static bool next_cases(struct cf_pool_state *pool, struct cf_order *order)
{
    if (pool->running > 0 && cf_shared_locks_bar(pool))
        return false;
    *order = (struct cf_order){.type = CF_ORDER_CASES, .tries = 1};
    cf_forms_order(pool, order);
    pool->barred = cf_turns_bar(pool);
    while (pool->next < pool->plan->count && pool->items[pool->next].state != CF_ITEM_PENDING)
        pool->next++;
    return next_suspect(pool, order) ||
           (pool->lost_to_lock && next_pending(pool, order, true, false)) ||
           next_longest(pool, order) || (cf_turns_are_due(pool) && next_in_turn(pool, order)) ||
           (cf_lease_near(pool, NULL) && next_pending(pool, order, false, true)) ||
           next_pending(pool, order, false, false) || next_alone(pool, order, false) ||
           next_in_turn(pool, order) || next_alone(pool, order, true);
}

bool cf_order_any(const struct cf_pool_state *pool)
{
    for (size_t i = 0; i < pool->worker_count; i++) {
        if (pool->workers[i].busy)
            return true;
    }
    return false;
}

/* Until the IUT is in order again nothing can be put back. */
static bool mending(const struct cf_pool_state *pool)
{
    for (size_t i = 0; i < pool->worker_count; i++) {
        if (pool->workers[i].busy && pool->workers[i].order.mend)
            return true;
    }
    return false;
}

static bool next_fixture(struct cf_pool_state *pool, struct cf_order *order)
{
    bool restore = pool->phase == CF_PHASE_RESTORE;
    if (restore && (mending(pool) || (cf_shared_locks_bar(pool) && cf_order_any(pool))))
        return false;
    for (size_t i = 0; i < pool->profile->fixture_count; i++) {
        struct cf_lease *lease = &pool->leases[i];
        if (!pool->profile->fixtures[i].kind->exclusive || lease->taken ||
            (restore ? !lease->dirty || !lease->snapshot
                     : lease->snapshot != NULL || !cf_lease_wanted(pool, i)))
            continue;
        lease->taken = true;
        *order = (struct cf_order){.type = restore ? CF_ORDER_RESTORE : CF_ORDER_SNAPSHOT,
                                   .count = 1,
                                   .items = {(uint32_t)i},
                                   .mend = restore && pool->fault_left,
                                   .payload_len = restore ? (uint32_t)strlen(lease->snapshot) : 0};
        pool->fault_left = pool->fault_left && !restore;
        return true;
    }
    return false;
}

/* Putting back in the middle of the cases, so that the CVM can be used again. */
static bool next_stuck(struct cf_pool_state *pool, struct cf_order *order)
{
    for (size_t i = 0; !cf_turns_taken(pool) && i < pool->profile->fixture_count; i++) {
        struct cf_lease *lease = &pool->leases[i];
        if (!lease->stuck || lease->taken)
            continue;
        lease->taken = true;
        *order = (struct cf_order){.type = CF_ORDER_RESTORE,
                                   .count = 1,
                                   .items = {(uint32_t)i},
                                   .payload_len = (uint32_t)strlen(lease->snapshot)};
        return true;
    }
    return false;
}

static bool next_preflight(struct cf_pool_state *pool, struct cf_order *order)
{
    for (size_t i = 0; !pool->preflight_sent && i < pool->profile->fixture_count; i++) {
        if (!pool->leases[i].snapshot)
            continue;
        pool->preflight_sent = true;
        pool->leases[i].taken = pool->leases[i].dirty = true;
        *order = (struct cf_order){.type = CF_ORDER_PREFLIGHT, .count = 1, .items = {(uint32_t)i}};
        return true;
    }
    return false;
}

bool cf_order_next(struct cf_pool_state *pool, struct cf_order *order)
{
    switch (pool->phase) {
    case CF_PHASE_PREFLIGHT:
        return next_preflight(pool, order);
    case CF_PHASE_CASES:
        return !pool->stopping && (next_stuck(pool, order) || next_cases(pool, order));
    default:
        return pool->failed == CF_OK && !pool->restore_hopeless && next_fixture(pool, order);
    }
}

const char *cf_order_payload(const struct cf_pool_state *pool, const struct cf_order *order)
{
    return order->type == CF_ORDER_RESTORE ? pool->leases[order->items[0]].snapshot : "";
}
