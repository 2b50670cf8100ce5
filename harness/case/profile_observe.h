/* pixit.observe.fields of a profile: where the read side shows what, and what it never shows. */
#ifndef CF_CASE_PROFILE_OBSERVE_H
#define CF_CASE_PROFILE_OBSERVE_H

#include "harness/base/json.h"
#include "harness/case/domain.h"

/* Check /pixit/observe/fields: an object of places, or null for what is out of sight. Errors:
 * CF_EINPUT. */
CF_MUST_CHECK enum cf_code cf_profile_observe_check(const struct cf_json_doc *doc,
                                                    const cJSON *fields,
                                                    const struct cf_vocabulary *vocabulary,
                                                    struct cf_err *err);

#endif
