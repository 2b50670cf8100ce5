/* What is not sent because it could not be put back. */
#ifndef CF_SUITES_WITHHELD_H
#define CF_SUITES_WITHHELD_H

#include "harness/run/run.h"

/*
 * Engine callback. Where a CVM has GPUs and the read side tells only how many, they cannot be put
 * back unless pixit.values.gpus lists as many: an update that may take them away ends the case as
 * inconclusive. One that no server takes is sent.
 */
void cf_cvm_withhold(struct cf_case_run *run, const cJSON *step, const char *body, size_t body_len);

#endif
