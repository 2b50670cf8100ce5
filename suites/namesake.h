/*
 * Whether an id that a case made of a CVM's own is the id of another CVM.
 *
 * Where ids are names or numbers in a row, vm-1 is vm-10 without its last character. A request to
 * it would change a CVM that another case works on, or that nobody listed and nobody puts back, and
 * the server would be blamed for taking it. A server that finds the same CVM under both ids is what
 * such a case looks for: it answers with the CVM's own id.
 */
#ifndef CF_SUITES_NAMESAKE_H
#define CF_SUITES_NAMESAKE_H

#include "harness/run/run.h"

/* Before a request to an id of its own ("to_id"), with the profile's credential: not applicable
 * where a CVM of the profile has that id, or a GET shows one that does. */
void cf_cvm_namesake_withhold(struct cf_case_run *run, const cJSON *step);

#endif
