#include "harness/pool/shard.h"

#include <stdlib.h>
#include <string.h>

/* ---- CVMs ---- */

struct kind {
    const char *name;
    size_t at_once; /* the most that one case changes; these must not be torn apart */
    int reach;      /* how many shards, from the first, have some */
};

struct deal {
    const struct cf_plan *plan;
    const struct cf_profile *profile;
    const struct cf_filter *filter;
    struct kind kinds[CF_FIXTURE_POOLS_MAX];
    size_t kind_count;
};

static size_t most_at_once(const struct cf_plan *plan, const char *kind)
{
    size_t most = 1;
    for (size_t i = 0; i < plan->count; i++) {
        const struct cf_case *one = plan->items[i].one;
        size_t roles = 0;
        for (size_t r = 0; plan->items[i].verdict == CF_PASS && r < one->role_count; r++)
            roles += strcmp(one->roles[r].pool, kind) == 0;
        most = roles > most ? roles : most;
    }
    return most;
}

/* What no case changes, every shard may use. */
static void measure_kinds(struct deal *deal)
{
    const struct cf_pool *pools = deal->profile->vocabulary->pools;
    for (; pools[deal->kind_count].name; deal->kind_count++) {
        const struct cf_pool *pool = &pools[deal->kind_count];
        struct kind *kind = &deal->kinds[deal->kind_count];
        *kind =
            (struct kind){pool->name, most_at_once(deal->plan, pool->name), deal->filter->shards};
        size_t parts = cf_profile_pool_size(deal->profile, pool->name) / kind->at_once;
        if (pool->exclusive && parts < (size_t)kind->reach)
            kind->reach = parts > 0 ? (int)parts : 1;
    }
}

static const struct kind *kind_of(const struct deal *deal, const char *name)
{
    size_t i = 0;
    while (i + 1 < deal->kind_count && strcmp(deal->kinds[i].name, name) != 0)
        i++;
    return &deal->kinds[i];
}

static bool *withhold_fixtures(const struct deal *deal)
{
    size_t places[CF_FIXTURE_POOLS_MAX] = {0};
    bool *withheld = calloc(deal->profile->fixture_count + 1, sizeof(bool));
    for (size_t i = 0; withheld && i < deal->profile->fixture_count; i++) {
        const struct cf_fixture *fixture = &deal->profile->fixtures[i];
        const struct kind *kind = kind_of(deal, fixture->pool);
        size_t place = places[kind - deal->kinds]++;
        size_t shard = place / kind->at_once % (size_t)kind->reach + 1;
        withheld[i] = fixture->exclusive && shard != (size_t)deal->filter->shard;
    }
    return withheld;
}

/* ---- cases ---- */

struct group {
    const char *name;
    size_t cost;
    int reach; /* the shards from the first that have the CVMs it needs */
    int shard;
};

/* A case and what leans on it stay together, so the group's control decides. */
static const char *group_of(const struct cf_plan_item *item)
{
    return item->one->control ? item->one->control : item->one->id;
}

static size_t cost_of(const struct cf_case *one)
{
    return (size_t)cJSON_GetArraySize(one->steps) + 1;
}

static int reach_of(const struct deal *deal, const struct cf_plan_item *item)
{
    int least = deal->filter->shards;
    for (size_t r = 0; item->verdict == CF_PASS && r < item->one->role_count; r++) {
        int reach = kind_of(deal, item->one->roles[r].pool)->reach;
        least = reach < least ? reach : least;
    }
    return least;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct group *)a)->name, ((const struct group *)b)->name);
}

/* Those with the least choice first, and of those the longest. */
static int by_need(const void *a, const void *b)
{
    const struct group *left = a;
    const struct group *right = b;
    if (left->reach != right->reach)
        return left->reach - right->reach;
    if (left->cost != right->cost)
        return left->cost < right->cost ? 1 : -1;
    return strcmp(left->name, right->name);
}

static size_t collect_groups(const struct deal *deal, struct group *groups)
{
    const struct cf_plan *plan = deal->plan;
    size_t count = 0;
    for (size_t i = 0; i < plan->count; i++) {
        const struct cf_plan_item *item = &plan->items[i];
        groups[i] = (struct group){group_of(item), cost_of(item->one), reach_of(deal, item), 0};
    }
    qsort(groups, plan->count, sizeof(*groups), by_name);
    for (size_t i = 0; i < plan->count; i++) {
        struct group *last = count > 0 ? &groups[count - 1] : NULL;
        if (last && strcmp(last->name, groups[i].name) == 0) {
            last->cost += groups[i].cost;
            last->reach = groups[i].reach < last->reach ? groups[i].reach : last->reach;
        } else {
            groups[count++] = groups[i];
        }
    }
    return count;
}

/* Longest first into the emptiest shard that has the CVMs: shards end together. */
static void deal_groups(struct group *groups, size_t count, size_t *loads)
{
    qsort(groups, count, sizeof(*groups), by_need);
    for (size_t i = 0; i < count; i++) {
        int least = 0;
        for (int s = 1; s < groups[i].reach; s++)
            least = loads[s] < loads[least] ? s : least;
        loads[least] += groups[i].cost;
        groups[i].shard = least + 1;
    }
}

static void keep_items(struct cf_plan *plan, struct group *groups, size_t count, int shard)
{
    size_t kept = 0;
    qsort(groups, count, sizeof(*groups), by_name);
    for (size_t i = 0; i < plan->count; i++) {
        struct group key = {.name = group_of(&plan->items[i])};
        const struct group *g = bsearch(&key, groups, count, sizeof(*groups), by_name);
        if (g && g->shard == shard)
            plan->items[kept++] = plan->items[i];
    }
    plan->count = kept;
}

enum cf_code cf_shard_keep(struct cf_plan *plan, const struct cf_profile *profile,
                           const struct cf_filter *filter, struct cf_err *err)
{
    struct deal deal = {.plan = plan, .profile = profile, .filter = filter};
    struct group *groups = calloc(plan->count + 1, sizeof(*groups));
    size_t *loads = calloc((size_t)filter->shards, sizeof(*loads));
    measure_kinds(&deal);
    plan->withheld = withhold_fixtures(&deal);
    bool good = groups && loads && plan->withheld;
    if (good) {
        size_t count = collect_groups(&deal, groups);
        deal_groups(groups, count, loads);
        keep_items(plan, groups, count, filter->shard);
    }
    free(groups);
    free(loads);
    return good ? CF_OK : cf_err_nomem(err);
}
