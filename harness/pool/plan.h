/*
 * The plan: which cases run, in which order, and which cannot be run and why.
 *
 * A plan is made offline from catalogue, profile and filters; the same inputs give the same plan.
 * Cases that others lean on (controls) are pulled in even when no filter names them, and come
 * first.
 */
#ifndef CF_POOL_PLAN_H
#define CF_POOL_PLAN_H

#include "harness/case/catalogue.h"
#include "harness/case/profile.h"
#include "harness/pool/filter.h"

struct cf_plan_item {
    const struct cf_case *one;
    int attempt;
    long control;            /* index of the control's item of the same attempt, -1 */
    bool is_control;         /* some item leans on it */
    long shares;             /* index of the item whose exchanges it may share, -1 */
    enum cf_verdict verdict; /* CF_PASS: to be run; else what it ends in without running */
    enum cf_verdict at_best; /* of one to be run: CF_PASS, or what it ends in unless it fails, as
                                its control cannot pass */
    char *reason;            /* for the latter, or for what it is at best; "" for neither */
};

struct cf_plan {
    struct cf_plan_item *items; /* in order of running */
    size_t count;
    size_t *report_order; /* indices of items in catalogue order, for reports */
    char sha256[65];      /* of the ids of the whole plan, before sharding */
    bool *withheld;       /* as profile->fixtures: left to the other shards; NULL: none is */
};

/* Errors: CF_ENOTFOUND when the filters match nothing (text names the nearest). */
CF_MUST_CHECK enum cf_code cf_plan_make(struct cf_plan *out, const struct cf_catalogue *catalogue,
                                        const struct cf_profile *profile,
                                        const struct cf_filter *filter, struct cf_err *err);
/* What is known of an item before it runs: CF_PASS for one that is open. */
enum cf_verdict cf_plan_item_foreseen(const struct cf_plan_item *item);
void cf_plan_release(struct cf_plan *plan);

#endif
