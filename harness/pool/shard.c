#include "harness/pool/shard.h"
#include "harness/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* ---- CVMs ---- */

struct kind {
    const struct cf_fixture_kind *fixtures;
    size_t at_once; /* the most that one case changes; these must not be torn apart */
    int reach;      /* how many shards, from the first, have some */
};

struct deal {
    const struct cf_shard_case *cases;
    size_t case_count;
    const struct cf_profile *profile;
    int shards;
    struct kind kinds[CF_FIXTURE_KINDS_MAX];
    size_t kind_count;
};

static size_t most_at_once(const struct deal *deal, const struct cf_fixture_kind *kind)
{
    size_t most = 1;
    for (size_t i = 0; i < deal->case_count; i++) {
        const struct cf_case *one = deal->cases[i].one;
        size_t roles = 0;
        for (size_t r = 0; deal->cases[i].runs && r < one->role_count; r++)
            roles += one->roles[r].kind == kind;
        most = roles > most ? roles : most;
    }
    return most;
}

/* What no case changes, every shard may use. */
static void measure_kinds(struct deal *deal)
{
    const struct cf_fixture_kind *fixtures = deal->profile->vocabulary->fixture_kinds;
    for (; fixtures->name; fixtures++, deal->kind_count++) {
        struct kind *kind = &deal->kinds[deal->kind_count];
        *kind = (struct kind){fixtures, most_at_once(deal, fixtures), deal->shards};
        size_t parts = cf_profile_fixture_count(deal->profile, fixtures->name) / kind->at_once;
        if (fixtures->exclusive && parts < (size_t)kind->reach)
            kind->reach = parts > 0 ? (int)parts : 1;
    }
}

static const struct kind *kind_of(const struct deal *deal, const struct cf_fixture_kind *fixtures)
{
    size_t i = 0;
    while (i + 1 < deal->kind_count && deal->kinds[i].fixtures != fixtures)
        i++;
    return &deal->kinds[i];
}

static void deal_fixtures(const struct deal *deal, int shard, bool *out_withheld)
{
    size_t ranks[CF_FIXTURE_KINDS_MAX] = {0};
    for (size_t i = 0; i < deal->profile->fixture_count; i++) {
        const struct cf_fixture *fixture = &deal->profile->fixtures[i];
        const struct kind *kind = kind_of(deal, fixture->kind);
        size_t rank = ranks[kind - deal->kinds]++;
        size_t owner = rank / kind->at_once % (size_t)kind->reach + 1;
        out_withheld[i] = fixture->kind->exclusive && owner != (size_t)shard;
    }
}

/* ---- cases ---- */

struct group {
    const char *name;
    size_t cost;
    int reach; /* the shards from the first that have the CVMs it needs */
    int shard;
};

/* A case and what leans on it stay together, so the group's control decides. */
static const char *group_of(const struct cf_case *one)
{
    return one->control ? one->control : one->id;
}

static size_t cost_of(const struct cf_case *one)
{
    return (size_t)cJSON_GetArraySize(one->steps) + 1;
}

static int reach_of(const struct deal *deal, const struct cf_shard_case *item)
{
    int least = deal->shards;
    for (size_t r = 0; item->runs && r < item->one->role_count; r++) {
        int reach = kind_of(deal, item->one->roles[r].kind)->reach;
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
    size_t count = 0;
    for (size_t i = 0; i < deal->case_count; i++) {
        const struct cf_shard_case *item = &deal->cases[i];
        groups[i] =
            (struct group){group_of(item->one), cost_of(item->one), reach_of(deal, item), 0};
    }
    qsort(groups, deal->case_count, sizeof(*groups), by_name);
    for (size_t i = 0; i < deal->case_count; i++) {
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

static void choose_cases(struct group *groups, size_t count, int shard, struct cf_shard_case *cases,
                         size_t case_count)
{
    qsort(groups, count, sizeof(*groups), by_name);
    for (size_t i = 0; i < case_count; i++) {
        struct group key = {.name = group_of(cases[i].one)};
        const struct group *g = bsearch(&key, groups, count, sizeof(*groups), by_name);
        cases[i].mine = g && g->shard == shard;
    }
}

void cf_shard_deal(struct cf_shard_case *cases, size_t count, const struct cf_profile *profile,
                   int shard, int shards, bool *out_withheld)
{
    struct deal deal = {.cases = cases, .case_count = count, .profile = profile, .shards = shards};
    struct group *groups = cf_alloc_array(count + 1, sizeof(*groups));
    size_t *loads = cf_alloc_array((size_t)shards, sizeof(*loads));
    measure_kinds(&deal);
    deal_fixtures(&deal, shard, out_withheld);
    size_t group_count = collect_groups(&deal, groups);
    deal_groups(groups, group_count, loads);
    choose_cases(groups, group_count, shard, cases, count);
    free(groups);
    free(loads);
}
