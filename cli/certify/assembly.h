/*
 * What reports of a run are made from, put together from its records and its plan.
 *
 * The run that has just ended and verification years later do it the same way, so that reports made
 * again from the records are the same to the byte.
 */
#ifndef CF_CLI_CERTIFY_ASSEMBLY_H
#define CF_CLI_CERTIFY_ASSEMBLY_H

#include "cli/selftest/causes.h"
#include "harness/pool/plan.h"
#include "reports/report.h"

struct cf_assembly {
    struct cf_summary summary;
    struct cf_causes causes;
    struct cf_report_source source;
};

/* Declare the plan's requirements, count results' records, guess causes, and order everything by
 * the plan. All arguments are borrowed until release; shipped is as in cf_causes_init(). out may be
 * released whatever comes back. Errors: CF_EINPUT (results changed), CF_ELIMIT. */
CF_MUST_CHECK enum cf_code
cf_assembly_make(struct cf_assembly *out, const struct cf_results *results,
                 const struct cf_catalogue *catalogue, const struct cf_plan *plan,
                 const struct cf_run_info *info, const struct cf_kill_matrix *shipped,
                 struct cf_err *err);
void cf_assembly_release(struct cf_assembly *assembly);

#endif
