/*
 * What is not sent because it could not be put back. A field that cannot be changed without
 * pixit.values, and that is shown nowhere or only in part, has nothing to go back to where the
 * profile lists no value for it: an update that may change it is not sent. One that no server takes
 * is.
 */
#ifndef CF_SUITES_WITHHELD_H
#define CF_SUITES_WITHHELD_H

#include "suites/reading.h"

/* Engine callback: ends the case as inconclusive, or as not applicable where the profile says that
 * the field has no values, when the body holds such a field. */
void cf_cvm_withhold(struct cf_case_run *run, const cJSON *step, const char *body, size_t body_len);

/* Why a field has nothing to go back to, as far as the profile says; NULL: it has, or what is read
 * of the CVM decides. */
const char *cf_cvm_withheld_why(const struct cf_profile *profile, int field);
/* Whether some server may take the value for one of the field's. */
bool cf_cvm_withheld_may_be_taken(int field, const cJSON *value);

#endif
