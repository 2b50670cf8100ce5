#include "cli/cost/costs.h"
#include "cli/base/target.h"
#include "harness/base/intern.h"
#include "harness/base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { EXCHANGES_A_STEP = 4 };

/* ---- from its steps ---- */

/* 4xx and the like, alone or in a list of nothing else. */
static bool is_refusal(const cJSON *status)
{
    if (cJSON_IsNumber(status))
        return status->valuedouble >= 300;
    if (cJSON_IsString(status))
        return status->valuestring[0] > '2';
    const cJSON *one;
    bool all = cJSON_IsArray(status) && status->child;
    cJSON_ArrayForEach(one, status)
    {
        all = all && is_refusal(one);
    }
    return all;
}

/* An update that is not expected to be refused; one of several that contend. */
static bool may_start(const cJSON *step)
{
    if (cf_json_get(step, "request"))
        return !is_refusal(cf_json_get(cf_json_get(step, "expect"), "status"));
    return cf_json_get(step, "race") || cf_json_get(step, "overlap");
}

static struct cf_kill_cost estimate(const struct cf_case *one)
{
    struct cf_kill_cost cost = {0};
    const cJSON *step;
    cJSON_ArrayForEach(step, one->steps)
    {
        cost.operations += may_start(step);
        cost.exchanges += EXCHANGES_A_STEP;
    }
    return cost;
}

/* ---- the table ---- */

void cf_costs_init(struct cf_costs *costs, const struct cf_catalogue *catalogue)
{
    struct cf_intern ids = {0};
    *costs = (struct cf_costs){0};
    if (cf_kill_matrix_read(&costs->matrix, cf_kill_matrix_path(), NULL) != CF_OK)
        costs->matrix = (struct cf_kill_matrix){0};
    costs->current = strcmp(costs->matrix.catalogue_sha256, catalogue->sha256) == 0;
    costs->of = cf_alloc_array(catalogue->case_count + 1, sizeof(*costs->of));
    costs->in_matrix = cf_alloc_array(catalogue->case_count + 1, sizeof(*costs->in_matrix));
    for (size_t i = 0; i < costs->matrix.case_count; i++)
        cf_intern_add(&ids, costs->matrix.cases[i]);
    for (size_t i = 0; i < catalogue->case_count; i++) {
        size_t at = CF_COSTS_NONE;
        const struct cf_case *one = catalogue->cases[i];
        bool known = cf_intern_find(&ids, one->id, &at);
        costs->in_matrix[i] = at;
        /* One that shares was measured while it did; this is what it costs by itself. */
        costs->of[i] = known && at < costs->matrix.cost_count && !one->shares
                           ? costs->matrix.costs[at]
                           : estimate(one);
    }
    cf_intern_release(&ids);
}

void cf_costs_release(struct cf_costs *costs)
{
    cf_kill_matrix_release(&costs->matrix);
    free(costs->of);
    free(costs->in_matrix);
    *costs = (struct cf_costs){0};
}
