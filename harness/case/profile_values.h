/* pixit.values of a profile: for each field values to move between, or to move up through. */
#ifndef CF_CASE_PROFILE_VALUES_H
#define CF_CASE_PROFILE_VALUES_H

#include "harness/base/json.h"
#include "harness/case/domain.h"

/* Check /pixit/values: for each field an array of no or at least two values, or {"upwards": [...]}
 * with at least one; no two alike, each one that the field can have. Errors: CF_EINPUT. */
CF_MUST_CHECK enum cf_code cf_profile_values_check(const struct cf_json_doc *doc,
                                                   const cJSON *values,
                                                   const struct cf_vocabulary *vocabulary,
                                                   struct cf_err *err);

#endif
