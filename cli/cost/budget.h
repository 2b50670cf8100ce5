/* run --operations and --budget: what is asked for, and the plan that it leaves. */
#ifndef CF_CLI_COST_BUDGET_H
#define CF_CLI_COST_BUDGET_H

#include "cli/base/command.h"
#include "cli/cost/afford.h"

#define CF_BUDGET_OPTIONS                                                                          \
    {.name = "operations",                                                                         \
     .arg = "N",                                                                                   \
     .help = "the best run of cases that start at most N operations"},                             \
    {                                                                                              \
        .name = "budget", .arg = "DURATION",                                                       \
        .help = "the best run for so much time: 90s, 30m or 2h"                                    \
    }

/* What the options ask for, of that many attempts. Returns false when a value is not understood,
 * which is said on standard error. Without either option both limits are -1. */
bool cf_budget_read(const struct cf_args *args, struct cf_budget *out);
bool cf_budget_limits(const struct cf_budget *budget);

/* Plan what the filter wants, as far as the budget goes. out_afforded is for the caller to release
 * whatever comes back, not before the plan; where there is no limit it is empty. Errors: those of
 * cf_plan_make(); CF_EINPUT where the profile does not say how long an operation takes
 * though time is limited, and
 * CF_ELIMIT where the budget buys no case. */
CF_MUST_CHECK enum cf_code cf_budget_plan(struct cf_plan *out, struct cf_afforded *out_afforded,
                                          const struct cf_catalogue *catalogue,
                                          const struct cf_profile *profile,
                                          const struct cf_filter *filter,
                                          const struct cf_budget *budget,
                                          const struct cf_costs *costs, struct cf_err *err);

#endif
