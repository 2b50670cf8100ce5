/* Before and after the cases: is the IUT there, what was a CVM like, and putting it back. */
#ifndef CF_SUITES_HOUSEKEEPING_H
#define CF_SUITES_HOUSEKEEPING_H

#include "harness/run/run.h"

/* See struct cf_engine for what each promises. */
enum cf_code cf_cvm_preflight(struct cf_case_run *run, struct cf_err *err);
enum cf_code cf_cvm_snapshot(struct cf_case_run *run, char **out_json, struct cf_err *err);
enum cf_code cf_cvm_restore(struct cf_case_run *run, const cJSON *snapshot, struct cf_err *err);

#endif
