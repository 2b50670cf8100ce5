/* Requests with one fault, as steps, and the answers that each deserves. */
#ifndef CF_SUITES_EXPLORE_FAULTS_H
#define CF_SUITES_EXPLORE_FAULTS_H

#include "harness/base/json.h"

/* Put the fields into a request step: as its JSON, or as the script that they hold. */
void cf_cvm_explore_put_fields(cJSON *step, const cJSON *fields, bool script);
/* Put what is no update or no upload ("xml"; "broken", "no-file", "no-text"), or else the script of
 * the fields in a part of that media type. */
void cf_cvm_explore_put_form(cJSON *step, const char *form, const cJSON *fields);
/* Put what a command "refused" sends into a request step, with what else than the status is
 * expected. Returns the statuses that it deserves, for an expectation; the caller frees them. */
cJSON *cf_cvm_explore_put_fault(cJSON *step, const cJSON *command);

#endif
