/*
 * The best run for what one can afford: cases chosen by the kill matrix, most known bugs caught for
 * each operation (those of controls included). Bugs of musts and musts come first; then the other
 * bugs and requirements; then further cases that catch the same by other means, until the budget is
 * spent. Cases without operations are always in, but for those whose control is not.
 */
#ifndef CF_CLI_COST_AFFORD_H
#define CF_CLI_COST_AFFORD_H

#include "cli/cost/costs.h"
#include "harness/base/list.h"
#include "harness/pool/plan.h"

struct cf_budget {
    long long operations;    /* on an implementation without bugs; -1: any number */
    double ms;               /* at the profile's operation_ms; -1: any time */
    int repeat;              /* times that each case is run */
    unsigned long long seed; /* decides between equals */
};

struct cf_afforded {
    struct cf_list cases;    /* ids, in the plan's order */
    struct cf_list left_out; /* ids that the plan would run, and that it is not spent on */
    size_t operations;
    size_t bugs, bugs_caught;   /* that some case of the plan catches; by the chosen ones */
    size_t musts, musts_judged; /* requirements of the plan; with a chosen case */
};

/* Choose from the items that plan (of one attempt) would run. The same inputs choose the same. */
void cf_afford(struct cf_afforded *out, const struct cf_plan *plan,
               const struct cf_catalogue *catalogue, const struct cf_profile *profile,
               const struct cf_costs *costs, const struct cf_budget *budget);
void cf_afforded_release(struct cf_afforded *afforded);

/* Append what it buys: "96 operations: 354 of 354 known bugs, 60 of 60 musts; 809 of 1175 cases
 * left out". */
void cf_afforded_put(struct cf_buf *out, const struct cf_afforded *afforded);

#endif
