/*
 * Telling whether operations overlap.
 *
 * Fairness decides the shape of the checks on conflicts. An operation may be over before a second
 * request can arrive; two acceptances are a defect only when the operations overlapped. That is
 * known when the read side shows an earlier operation running after a later one was accepted, or
 * when both were accepted within less time than such an operation is known to take. Where neither
 * is known, the case is undecided.
 */
#ifndef CF_SUITES_RUNNING_H
#define CF_SUITES_RUNNING_H

#include "suites/memory.h"

/* Whether the read side shows the operation as running right now: 1, 0, -1 unknown. */
int cf_cvm_runs_now(struct cf_case_run *run, const char *id, const char *correlation_id);

/* Wait for the CVM of a role and return for how many milliseconds at least it was seen busy after
 * the answer at index of the record's exchanges. */
double cf_cvm_busy_for(struct cf_case_run *run, int role, size_t index);

#endif
