/* Requests with one fault, as steps, and the answers that each deserves. */
#ifndef CF_SUITES_EXPLORE_FAULTS_H
#define CF_SUITES_EXPLORE_FAULTS_H

#include "harness/base/json.h"

/* Put the fields into a request step: as its JSON, or as the script that they hold. */
void cf_cvm_explore_put_fields(cJSON *step, const cJSON *fields, bool script);
/* Put a script of these bytes, in hexadecimal. */
void cf_cvm_explore_put_bytes(cJSON *step, const char *hex);
/* Put what a command "refused" sends into a request step, with what else than the status is
 * expected. Returns the statuses that it deserves, for an expectation; the caller frees them. */
cJSON *cf_cvm_explore_put_fault(cJSON *step, const cJSON *command);

#endif
