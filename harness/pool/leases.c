#include "harness/pool/leases.h"

#include <string.h>

static bool withheld(const struct cf_pool_state *pool, size_t fixture)
{
    return pool->plan->withheld && pool->plan->withheld[fixture];
}

static bool usable(const struct cf_pool_state *pool, size_t fixture,
                   const struct cf_fixture_kind *kind)
{
    return pool->profile->fixtures[fixture].kind == kind && !pool->leases[fixture].quarantined &&
           !withheld(pool, fixture);
}

static bool chosen_before(const uint32_t fixtures[CF_ROLES_MAX], size_t roles, size_t fixture)
{
    for (size_t r = 0; r < roles; r++) {
        if (fixtures[r] == fixture)
            return true;
    }
    return false;
}

static bool has_failed(const struct cf_item *item, size_t fixture)
{
    for (size_t i = 0; item && i < item->failed_on_count; i++) {
        if (item->failed_on[i] == fixture)
            return true;
    }
    return false;
}

/* What the worker that asks had last it need not read again; what another had, that one need not.
 * One of which something is to be found out comes first. */
static int nearness(const struct cf_pool_state *pool, size_t fixture)
{
    const struct cf_lease *lease = &pool->leases[fixture];
    if (lease->doubted)
        return 3;
    return lease->last == pool->asking + 1 ? 2 : lease->last == 0;
}

/* Fixtures for every role: free ones, or (busy_too) ones that may become free. The main one is none
 * on which an operation of the item failed (NULL: any). */
static bool choose(const struct cf_pool_state *pool, const struct cf_case *one, bool busy_too,
                   const struct cf_item *item, uint32_t out[CF_ROLES_MAX])
{
    for (size_t r = 0; r < one->role_count; r++) {
        size_t best = pool->profile->fixture_count;
        for (size_t i = 0; i < pool->profile->fixture_count; i++) {
            bool exclusive = pool->profile->fixtures[i].kind->exclusive;
            if (usable(pool, i, one->roles[r].kind) && !chosen_before(out, r, i) &&
                !(r == 0 && has_failed(item, i)) &&
                (!exclusive || busy_too || (!pool->leases[i].taken && !pool->leases[i].stuck)) &&
                (best == pool->profile->fixture_count || nearness(pool, i) > nearness(pool, best)))
                best = i;
        }
        if (best == pool->profile->fixture_count)
            return false;
        out[r] = (uint32_t)best;
    }
    return true;
}

bool cf_lease_take(struct cf_pool_state *pool, size_t index, uint32_t out_fixtures[CF_ROLES_MAX])
{
    const struct cf_case *one = cf_pool_case(pool, index);
    const struct cf_item *item = &pool->items[index];
    /* Another main fixture than in earlier tries, even if it has to be waited for. */
    if (!choose(pool, one, true, item, out_fixtures))
        item = NULL;
    if (!choose(pool, one, false, item, out_fixtures))
        return false;
    for (size_t r = 0; r < one->role_count; r++) {
        if (!pool->profile->fixtures[out_fixtures[r]].kind->exclusive)
            continue;
        pool->leases[out_fixtures[r]].taken = true;
        pool->leases[out_fixtures[r]].dirty = true;
    }
    return true;
}

void cf_lease_give_back(struct cf_pool_state *pool, const struct cf_case *one,
                        const uint32_t fixtures[CF_ROLES_MAX])
{
    for (size_t r = 0; r < one->role_count; r++)
        pool->leases[fixtures[r]].taken = false;
}

bool cf_lease_near(const struct cf_pool_state *pool, const struct cf_fixture_kind *kind)
{
    for (size_t i = 0; i < pool->profile->fixture_count; i++) {
        const struct cf_lease *lease = &pool->leases[i];
        const struct cf_fixture_kind *its = pool->profile->fixtures[i].kind;
        if (its->exclusive && lease->last == pool->asking + 1 && !lease->taken && !lease->stuck &&
            !lease->quarantined && (!kind || kind == its))
            return true;
    }
    return false;
}

bool cf_lease_possible(const struct cf_pool_state *pool, const struct cf_case *one)
{
    uint32_t fixtures[CF_ROLES_MAX];
    return choose(pool, one, true, NULL, fixtures);
}

bool cf_lease_wanted(const struct cf_pool_state *pool, size_t fixture)
{
    const struct cf_fixture_kind *kind = pool->profile->fixtures[fixture].kind;
    if (withheld(pool, fixture))
        return false;
    for (size_t i = 0; i < pool->plan->count; i++) {
        const struct cf_plan_item *item = &pool->plan->items[i];
        if (item->verdict != CF_PASS || pool->items[i].state == CF_ITEM_DONE)
            continue;
        for (size_t r = 0; r < item->one->role_count; r++) {
            if (item->one->roles[r].kind == kind)
                return true;
        }
    }
    return false;
}
