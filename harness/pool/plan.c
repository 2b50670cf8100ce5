#include "harness/pool/plan.h"
#include "harness/base/digest.h"
#include "harness/case/expand.h"
#include "harness/case/shape.h"
#include "harness/pool/shard.h"
#include "harness/record/results.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool cf_glob(const char *pattern, const char *text)
{
    const char *star = NULL;
    const char *resume = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            resume = text;
        } else if (*pattern == '?' || *pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = ++resume;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

/* ---- applicability ---- */

struct judge {
    const struct cf_profile *profile;
    enum cf_verdict verdict;
    char *reason;
    size_t reason_size;
};

static enum cf_code need_value(void *context, const cJSON *holder, const char *name,
                               struct cf_err *err)
{
    struct judge *judge = context;
    const struct cf_profile *p = judge->profile;
    (void)holder;
    (void)err;
    if (strncmp(name, "another.", 8) != 0 ||
        !cf_name_known(p->vocabulary->needs_values, name + 8) || cf_profile_values(p, name + 8))
        return CF_OK;
    judge->verdict = CF_INCONCLUSIVE;
    (void)snprintf(judge->reason, judge->reason_size,
                   "the profile lists no pixit.values.%s to move between", name + 8);
    return CF_OK;
}

static const struct cf_pool *pool_of(const struct cf_profile *profile, const char *name)
{
    const struct cf_pool *pool = profile->vocabulary->pools;
    while (pool->name && strcmp(pool->name, name) != 0)
        pool++;
    return pool->name ? pool : NULL;
}

static void judge_fixtures(const struct cf_case *one, struct judge *judge)
{
    for (size_t i = 0; i < one->role_count; i++) {
        const struct cf_pool *pool = pool_of(judge->profile, one->roles[i].pool);
        size_t wanted = 0;
        for (size_t k = 0; k < one->role_count; k++)
            wanted += strcmp(one->roles[k].pool, pool->name) == 0;
        size_t have = cf_profile_pool_size(judge->profile, pool->name);
        if (pool->pics_item && !cf_profile_claims(judge->profile, pool->pics_item)) {
            judge->verdict = CF_NOT_APPLICABLE;
            (void)snprintf(judge->reason, judge->reason_size, "pics.%s=false", pool->pics_item);
            return;
        }
        if (have < (pool->exclusive ? wanted : 1)) {
            judge->verdict = CF_INCONCLUSIVE;
            (void)snprintf(judge->reason, judge->reason_size,
                           "needs %zu of pixit.%s.%s, the profile lists %zu",
                           pool->exclusive ? wanted : 1,
                           judge->profile->vocabulary->fixtures_member, pool->name, have);
        }
    }
}

static void judge_pics(const struct cf_case *one, struct judge *judge)
{
    for (size_t i = 0; i < one->needs_pics_count; i++) {
        const char *item = one->needs_pics[i];
        bool absent = item[0] == '!';
        if (cf_profile_claims(judge->profile, item + absent) != absent)
            continue;
        judge->verdict = CF_NOT_APPLICABLE;
        (void)snprintf(judge->reason, judge->reason_size, "pics.%s=%s", item + absent,
                       absent ? "true" : "false");
    }
}

static void judge_hooks(const cJSON *node, struct judge *judge)
{
    const cJSON *hook = cf_json_get(node, "hook");
    if (cJSON_IsString(hook) && !strstr(hook->valuestring, "${") &&
        !cf_profile_hook(judge->profile, hook->valuestring)) {
        judge->verdict = CF_INCONCLUSIVE;
        (void)snprintf(judge->reason, judge->reason_size, "the profile has no hook \"%s\"",
                       hook->valuestring);
    }
    if (!cJSON_IsArray(node) && !cJSON_IsObject(node))
        return;
    for (const cJSON *child = node->child; child; child = child->next)
        judge_hooks(child, judge);
}

static void judge_values(const cJSON *node, struct judge *judge)
{
    if (cf_expand_each_reference(node, need_value, judge, NULL) != CF_OK)
        judge->verdict = CF_INCONCLUSIVE; /* the loader has told of malformed references */
}

enum cf_verdict cf_case_applicable(const struct cf_case *one, const struct cf_profile *profile,
                                   char *out_reason, size_t reason_size)
{
    struct judge judge = {profile, CF_PASS, out_reason, reason_size};
    out_reason[0] = '\0';
    judge_pics(one, &judge);
    if (judge.verdict == CF_PASS)
        judge_fixtures(one, &judge);
    if (judge.verdict == CF_PASS)
        judge_hooks(one->steps, &judge);
    if (judge.verdict == CF_PASS)
        judge_values(one->steps, &judge);
    if (judge.verdict == CF_PASS && one->row)
        judge_values(one->row, &judge);
    return judge.verdict;
}

/* ---- choosing ---- */

static bool any_glob(const char *const *patterns, const char *text)
{
    for (; patterns && *patterns; patterns++) {
        if (cf_glob(*patterns, text))
            return true;
    }
    return false;
}

static bool wanted(const struct cf_case *one, const struct cf_filter *filter)
{
    bool requirement = !filter->requirements;
    const char *id;
    for (size_t i = 0; !requirement && (id = cf_case_requirement_id(one, i)) != NULL; i++)
        requirement = any_glob(filter->requirements, id);
    return requirement && one->requirement->level <= filter->level &&
           (!filter->suites || any_glob(filter->suites, one->requirement->suite)) &&
           (!filter->cases || any_glob(filter->cases, one->id));
}

static void nearest_of(const char *pattern, const char *name, const char **best,
                       unsigned *best_distance)
{
    unsigned distance = cf_name_distance(pattern, name);
    if (!*best || distance < *best_distance) {
        *best = name;
        *best_distance = distance;
    }
}

static enum cf_code nothing_matches(const struct cf_catalogue *c, const struct cf_filter *filter,
                                    struct cf_err *err)
{
    const char *const *const lists[] = {filter->suites, filter->cases, filter->requirements};
    for (size_t l = 0; l < 3; l++) {
        for (const char *const *p = lists[l]; p && *p; p++) {
            const char *best = NULL;
            unsigned distance = 0;
            bool hit = false;
            for (size_t i = 0; i < c->case_count && !hit; i++) {
                const struct cf_case *one = c->cases[i];
                const char *name = l == 0   ? one->requirement->suite
                                   : l == 1 ? one->id
                                            : one->requirement->id;
                hit = cf_glob(*p, name);
                nearest_of(*p, name, &best, &distance);
            }
            if (!hit)
                return cf_err_set(err, CF_ENOTFOUND,
                                  "nothing is called \"%s\"; the nearest is \"%s\"", *p,
                                  best ? best : "");
        }
    }
    return cf_err_set(err, CF_ENOTFOUND, "no case matches all filters together");
}

struct choice {
    const struct cf_catalogue *catalogue;
    bool *chosen;
    bool *control;
};

/* Choose what the filters want, and what that leans on. Returns how many. */
static size_t choose(struct choice *choice, const struct cf_filter *filter)
{
    const struct cf_catalogue *c = choice->catalogue;
    size_t count = 0;
    for (size_t i = 0; i < c->case_count; i++)
        choice->chosen[i] = wanted(c->cases[i], filter);
    for (size_t i = 0; i < c->case_count; i++) {
        const char *id = choice->chosen[i] ? c->cases[i]->control : NULL;
        const struct cf_case *control = id ? cf_catalogue_case(c, id) : NULL;
        if (control) {
            choice->chosen[control->index] = true;
            choice->control[control->index] = true;
        }
    }
    for (size_t i = 0; i < c->case_count; i++)
        count += choice->chosen[i];
    return count;
}

/* ---- order ---- */

static void shuffle(struct cf_plan_item *items, size_t from, size_t to, unsigned long long seed)
{
    struct cf_random random;
    char name[64];
    (void)snprintf(name, sizeof(name), "order/%llu/%zu", seed, from);
    cf_random_init(&random, name);
    for (size_t i = to; i > from + 1; i--) {
        size_t k = from + cf_random_below(&random, (uint32_t)(i - from));
        struct cf_plan_item swap = items[k];
        items[k] = items[i - 1];
        items[i - 1] = swap;
    }
}

static void put_items(struct cf_plan *plan, const struct choice *choice, int attempt, bool controls,
                      const struct cf_profile *profile)
{
    for (size_t i = 0; i < choice->catalogue->case_count; i++) {
        if (!choice->chosen[i] || choice->control[i] != controls)
            continue;
        struct cf_plan_item *item = &plan->items[plan->count++];
        *item = (struct cf_plan_item){.one = choice->catalogue->cases[i],
                                      .place = i,
                                      .attempt = attempt,
                                      .control = -1,
                                      .is_control = controls};
        item->verdict = cf_case_applicable(item->one, profile, item->reason, sizeof(item->reason));
    }
}

static void link_controls(struct cf_plan *plan, const struct cf_catalogue *catalogue)
{
    for (size_t i = 0; i < plan->count; i++) {
        struct cf_plan_item *item = &plan->items[i];
        const struct cf_case *control =
            item->one->control ? cf_catalogue_case(catalogue, item->one->control) : NULL;
        for (size_t k = 0; control && k < plan->count; k++) {
            if (plan->items[k].attempt == item->attempt && plan->items[k].one == control) {
                item->control = (long)k;
                break;
            }
        }
    }
}

static const struct cf_plan *sorting; /* qsort has no context; the parent has one thread */

static int by_report(const void *a, const void *b)
{
    const struct cf_plan_item *left = &sorting->items[*(const size_t *)a];
    const struct cf_plan_item *right = &sorting->items[*(const size_t *)b];
    if (left->attempt != right->attempt)
        return left->attempt - right->attempt;
    return (left->place > right->place) - (left->place < right->place);
}

static enum cf_code finish(struct cf_plan *plan, const struct cf_catalogue *catalogue,
                           struct cf_err *err)
{
    plan->report_order = calloc(plan->count + 1, sizeof(size_t));
    if (!plan->report_order)
        return cf_err_nomem(err);
    for (size_t i = 0; i < plan->count; i++)
        plan->report_order[i] = i;
    sorting = plan;
    qsort(plan->report_order, plan->count, sizeof(size_t), by_report);
    link_controls(plan, catalogue);
    return CF_OK;
}

/* Each id once: whoever merges shards has the ids of what ran, not the attempts planned. */
static enum cf_code digest_plan(struct cf_plan *plan, struct cf_err *err)
{
    const char **ids = calloc(plan->count + 1, sizeof(*ids));
    size_t count = 0;
    for (size_t i = 0; ids && i < plan->count; i++) {
        if (plan->items[i].attempt == 1)
            ids[count++] = plan->items[i].one->id;
    }
    enum cf_code code = ids ? cf_plan_sha256(ids, count, plan->sha256) : CF_ENOMEM;
    free(ids);
    return code == CF_OK ? CF_OK : cf_err_nomem(err);
}

enum cf_code cf_plan_make(struct cf_plan *out, const struct cf_catalogue *catalogue,
                          const struct cf_profile *profile, const struct cf_filter *filter,
                          struct cf_err *err)
{
    size_t n = catalogue->case_count + 1;
    struct choice choice = {catalogue, calloc(n, sizeof(bool)), calloc(n, sizeof(bool))};
    enum cf_code code = CF_OK;
    *out = (struct cf_plan){0};
    size_t chosen = choice.chosen && choice.control ? choose(&choice, filter) : 0;
    if (!choice.chosen || !choice.control)
        code = cf_err_nomem(err);
    else if (chosen == 0)
        code = nothing_matches(catalogue, filter, err);
    else if (!(out->items = calloc(chosen * (size_t)filter->repeat + 1, sizeof(*out->items))))
        code = cf_err_nomem(err);
    for (int attempt = 1; code == CF_OK && attempt <= filter->repeat; attempt++) {
        size_t start = out->count;
        put_items(out, &choice, attempt, true, profile);
        size_t middle = out->count;
        put_items(out, &choice, attempt, false, profile);
        if (filter->shuffle) {
            shuffle(out->items, start, middle, filter->seed + (unsigned)attempt);
            shuffle(out->items, middle, out->count, filter->seed + (unsigned)attempt);
        }
    }
    if (code == CF_OK)
        code = digest_plan(out, err);
    if (code == CF_OK && filter->shards > 1)
        code = cf_shard_keep(out, profile, filter, err);
    if (code == CF_OK)
        code = finish(out, catalogue, err);
    free(choice.chosen);
    free(choice.control);
    if (code != CF_OK)
        cf_plan_release(out);
    return code;
}

void cf_plan_release(struct cf_plan *plan)
{
    free(plan->items);
    free(plan->report_order);
    free(plan->withheld);
    *plan = (struct cf_plan){0};
}
