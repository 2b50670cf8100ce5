#include "harness/pool/plan.h"
#include "harness/base/digest.h"
#include "harness/base/mem.h"
#include "harness/pool/applicable.h"
#include "harness/pool/shard.h"
#include "harness/record/results.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { REASON_BYTES = 600 };

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
        choice->chosen[i] = cf_filter_wants(filter, c->cases[i]);
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
    snprintf(name, sizeof(name), "order/%llu/%zu", seed, from);
    cf_random_init(&random, name);
    for (size_t i = to; i > from + 1; i--) {
        size_t k = from + cf_random_below(&random, (uint32_t)(i - from));
        struct cf_plan_item swap = items[k];
        items[k] = items[i - 1];
        items[i - 1] = swap;
    }
}

/* As one attempt; cases: at least one, of the same steps. */
static void put_alike(struct cf_plan *plan, struct cf_foreseen *cases, size_t count, int attempt,
                      bool controls, const struct cf_profile *profile)
{
    cf_cases_applicable(cases, count, profile);
    for (size_t i = 0; i < count; i++)
        plan->items[plan->count++] = (struct cf_plan_item){.one = cases[i].one,
                                                           .attempt = attempt,
                                                           .control = -1,
                                                           .shares = -1,
                                                           .is_control = controls,
                                                           .at_best = CF_PASS,
                                                           .verdict = cases[i].verdict,
                                                           .reason = cf_strdup(cases[i].reason)};
}

static void put_items(struct cf_plan *plan, const struct choice *choice, int attempt, bool controls,
                      const struct cf_profile *profile)
{
    const struct cf_catalogue *c = choice->catalogue;
    struct cf_foreseen *alike = NULL; /* rows of one written case follow each other */
    size_t count = 0;
    size_t cap = 0;
    for (size_t i = 0; i < c->case_count; i++) {
        if (!choice->chosen[i] || choice->control[i] != controls)
            continue;
        if (count > 0 && alike[0].one->steps != c->cases[i]->steps) {
            put_alike(plan, alike, count, attempt, controls, profile);
            count = 0;
        }
        alike = cf_grow(alike, count, &cap, sizeof(*alike));
        alike[count++].one = c->cases[i];
    }
    if (count > 0)
        put_alike(plan, alike, count, attempt, controls, profile);
    free(alike);
}

/* Keep what is the filter's shard's: its items, and what it may change of the fixtures. */
static void keep_shard(struct cf_plan *plan, const struct cf_profile *profile,
                       const struct cf_filter *filter)
{
    struct cf_shard_case *cases = cf_alloc_array(plan->count + 1, sizeof(*cases));
    size_t kept = 0;
    plan->withheld = cf_alloc_array(profile->fixture_count + 1, sizeof(bool));
    for (size_t i = 0; i < plan->count; i++)
        cases[i] =
            (struct cf_shard_case){plan->items[i].one, plan->items[i].verdict == CF_PASS, false};
    cf_shard_deal(cases, plan->count, profile, filter->shard, filter->shards, plan->withheld);
    for (size_t i = 0; i < plan->count; i++) {
        if (cases[i].mine)
            plan->items[kept++] = plan->items[i];
        else
            free(plan->items[i].reason);
    }
    plan->count = kept;
    free(cases);
}

/* Where the items stand, by attempt and case; plan->count where there is none. */
struct table {
    size_t *items;
    size_t case_count;
};

static size_t *item_of(const struct table *table, int attempt, const struct cf_case *one)
{
    return &table->items[(size_t)(attempt - 1) * table->case_count + one->index];
}

/* Where the case of that id stands in the same attempt; -1 where it does not, or id is NULL. */
static long index_of(const struct cf_plan *plan, const struct table *table,
                     const struct cf_catalogue *catalogue, int attempt, const char *id)
{
    const struct cf_case *one = id ? cf_catalogue_case(catalogue, id) : NULL;
    size_t at = one ? *item_of(table, attempt, one) : plan->count;
    return at < plan->count ? (long)at : -1;
}

/* The last look at the items, which stay where they are from now on. */
static void link_items(struct cf_plan *plan, const struct cf_catalogue *catalogue, int attempts)
{
    size_t n = (size_t)attempts * catalogue->case_count;
    struct table table = {cf_alloc_array(n + 1, sizeof(size_t)), catalogue->case_count};
    size_t ordered = 0;
    plan->report_order = cf_alloc_array(plan->count + 1, sizeof(size_t));
    for (size_t i = 0; i < n; i++)
        table.items[i] = plan->count;
    for (size_t i = 0; i < plan->count; i++)
        *item_of(&table, plan->items[i].attempt, plan->items[i].one) = i;
    for (size_t i = 0; i < n; i++) {
        if (table.items[i] < plan->count)
            plan->report_order[ordered++] = table.items[i];
    }
    for (size_t i = 0; i < plan->count; i++) {
        struct cf_plan_item *item = &plan->items[i];
        item->control = index_of(plan, &table, catalogue, item->attempt, item->one->control);
        item->shares = index_of(plan, &table, catalogue, item->attempt, item->one->shares);
    }
    free(table.items);
}

enum cf_verdict cf_plan_item_foreseen(const struct cf_plan_item *item)
{
    return item->verdict != CF_PASS ? item->verdict : item->at_best;
}

/* A pass leans on the control's; a failure would stand by itself, so that it runs all the same. */
static bool foresee_of_control(const struct cf_plan *plan, struct cf_plan_item *item)
{
    if (item->control < 0 || cf_plan_item_foreseen(item) != CF_PASS)
        return false;
    const struct cf_plan_item *control = &plan->items[item->control];
    enum cf_verdict verdict = cf_plan_item_foreseen(control);
    if (verdict == CF_PASS)
        return false;
    item->at_best = verdict == CF_NOT_APPLICABLE ? verdict : CF_INCONCLUSIVE;
    struct cf_buf reason = {0};
    cf_buf_printf(&reason, "its control %.200s ends in %s: %s", control->one->id,
                  cf_verdict_name(verdict), control->reason);
    free(item->reason);
    item->reason = cf_strndup(cf_buf_text(&reason), REASON_BYTES - 1);
    cf_buf_release(&reason);
    return true;
}

static void foresee_of_controls(struct cf_plan *plan)
{
    bool more = true;
    while (more) {
        more = false;
        for (size_t i = 0; i < plan->count; i++)
            more = foresee_of_control(plan, &plan->items[i]) || more;
    }
}

/* Each id once: whoever merges shards has the ids of what ran, not the attempts planned. */
static void digest_plan(struct cf_plan *plan)
{
    const char **ids = cf_alloc_array(plan->count + 1, sizeof(*ids));
    size_t count = 0;
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->items[i].attempt == 1)
            ids[count++] = plan->items[i].one->id;
    }
    cf_plan_sha256(ids, count, plan->sha256);
    free(ids);
}

static void put_attempt(struct cf_plan *plan, const struct choice *choice, int attempt,
                        const struct cf_profile *profile, const struct cf_filter *filter)
{
    size_t start = plan->count;
    put_items(plan, choice, attempt, true, profile);
    size_t middle = plan->count;
    put_items(plan, choice, attempt, false, profile);
    if (!filter->shuffle)
        return;
    shuffle(plan->items, start, middle, filter->seed + (unsigned)attempt);
    shuffle(plan->items, middle, plan->count, filter->seed + (unsigned)attempt);
}

enum cf_code cf_plan_make(struct cf_plan *out, const struct cf_catalogue *catalogue,
                          const struct cf_profile *profile, const struct cf_filter *filter,
                          struct cf_err *err)
{
    size_t n = catalogue->case_count + 1;
    struct choice choice = {catalogue, cf_alloc_array(n, sizeof(bool)),
                            cf_alloc_array(n, sizeof(bool))};
    *out = (struct cf_plan){0};
    size_t chosen = choose(&choice, filter);
    out->items = cf_alloc_array(chosen * (size_t)filter->repeat + 1, sizeof(*out->items));
    for (int attempt = 1; attempt <= filter->repeat; attempt++)
        put_attempt(out, &choice, attempt, profile, filter);
    free(choice.chosen);
    free(choice.control);
    if (chosen == 0) {
        cf_plan_release(out);
        return cf_filter_blame(filter, catalogue, err);
    }
    digest_plan(out);
    if (filter->shards > 1)
        keep_shard(out, profile, filter);
    link_items(out, catalogue, filter->repeat);
    foresee_of_controls(out);
    return CF_OK;
}

void cf_plan_release(struct cf_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        free(plan->items[i].reason);
    free(plan->items);
    free(plan->report_order);
    free(plan->withheld);
    *plan = (struct cf_plan){0};
}
