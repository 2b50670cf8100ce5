#include "cli/cost/budget.h"
#include "cli/base/duration.h"

bool cf_budget_read(const struct cf_args *args, struct cf_budget *out)
{
    const char *time = cf_text(args, "budget", NULL);
    *out = (struct cf_budget){.operations = -1, .ms = -1, .repeat = 1};
    if (cf_given(args, "operations") &&
        !cf_number(args, "operations", 0, 1000000, -1, &out->operations))
        return false;
    out->ms = time ? cf_duration_parse(time) : -1;
    return !time || out->ms > 0 ||
           cf_refuse("--budget: \"%s\" is not a duration like 90s, 30m or 2h", time);
}

bool cf_budget_limits(const struct cf_budget *budget)
{
    return budget->operations >= 0 || budget->ms >= 0;
}

static enum cf_code afford(struct cf_afforded *out, const struct cf_catalogue *catalogue,
                           const struct cf_profile *profile, const struct cf_filter *filter,
                           const struct cf_budget *budget, const struct cf_costs *costs,
                           struct cf_err *err)
{
    struct cf_filter all = *filter;
    struct cf_budget asked = *budget;
    struct cf_plan plan;
    if (budget->ms >= 0 && profile->operation_ms == 0)
        return cf_err_set(err, CF_EINPUT,
                          "--budget: the profile does not say how long an operation takes "
                          "(pixit.timing.operation_ms), and nothing is sent here to measure it");
    all.repeat = all.shard = all.shards = 1;
    all.shuffle = false;
    asked.repeat = filter->repeat;
    asked.seed = filter->seed;
    enum cf_code code = cf_plan_make(&plan, catalogue, profile, &all, err);
    if (code != CF_OK)
        return code;
    cf_afford(out, &plan, catalogue, profile, costs, &asked);
    cf_plan_release(&plan);
    return out->cases.count > 0
               ? CF_OK
               : cf_err_set(err, CF_ELIMIT, "the budget is too small for any case");
}

enum cf_code cf_budget_plan(struct cf_plan *out, struct cf_afforded *out_afforded,
                            const struct cf_catalogue *catalogue, const struct cf_profile *profile,
                            const struct cf_filter *filter, const struct cf_budget *budget,
                            const struct cf_costs *costs, struct cf_err *err)
{
    struct cf_filter chosen = *filter;
    *out = (struct cf_plan){0};
    *out_afforded = (struct cf_afforded){0};
    if (!cf_budget_limits(budget))
        return cf_plan_make(out, catalogue, profile, filter, err);
    enum cf_code code = afford(out_afforded, catalogue, profile, filter, budget, costs, err);
    if (code != CF_OK)
        return code;
    chosen.only = &out_afforded->cases;
    return cf_plan_make(out, catalogue, profile, &chosen, err);
}
