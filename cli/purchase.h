/*
 * The plan of a run, what it costs, and what it buys where there is a limit: known before anything
 * is sent, but where a time is given and the profile does not say how long an operation takes. Then
 * the session measures that first.
 */
#ifndef CF_CLI_PURCHASE_H
#define CF_CLI_PURCHASE_H

#include "cli/cost/budget.h"
#include "cli/session_state.h"

struct cf_purchase {
    /* given */
    struct cf_session_options *session; /* gets price, what was bought, and what was left out */
    struct cf_target *target;           /* gets the time of an operation, once it was measured */
    const struct cf_filter *filter;
    const struct cf_budget *budget;
    const struct cf_costs *costs;
    bool measure; /* something may be sent to find out how long an operation takes */
    /* made; released by cf_purchase_release() */
    struct cf_plan plan;
    struct cf_afforded afforded;
    struct cf_buf bought;
    struct cf_plan all; /* what was chosen from, where an operation had to be measured */
};

/* Make the plan, or leave it to the session (options->choose) where an operation has to be measured
 * first; then the plan is all that could be chosen. Errors: those of cf_budget_plan(). */
CF_MUST_CHECK enum cf_code cf_purchase_make(struct cf_purchase *purchase, struct cf_err *err);
void cf_purchase_release(struct cf_purchase *purchase);

#endif
