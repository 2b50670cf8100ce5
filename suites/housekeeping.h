/* Before the cases (preflight.c): is the IUT there, what is a CVM like. After them (restore.c):
 * putting it back. */
#ifndef CF_SUITES_HOUSEKEEPING_H
#define CF_SUITES_HOUSEKEEPING_H

#include "harness/run/run.h"

/* See struct cf_engine for what each promises. */
enum cf_code cf_cvm_preflight(struct cf_case_run *run, struct cf_err *err);
enum cf_code cf_cvm_snapshot(struct cf_case_run *run, char **out_json, struct cf_err *err);
bool cf_cvm_can_reset(const struct cf_profile *profile);
enum cf_code cf_cvm_restore(struct cf_case_run *run, const cJSON *snapshot, cJSON **out_left,
                            struct cf_err *err);

#endif
