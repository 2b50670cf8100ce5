/* pixit.hooks of a profile: what a tester does that the suite cannot do itself. */
#ifndef CF_CASE_PROFILE_HOOKS_H
#define CF_CASE_PROFILE_HOOKS_H

#include "harness/base/json.h"
#include "harness/case/domain.h"

/* Check /pixit/hooks: each hook is a command or a request, every "{name}" in a request is an input,
 * and what is captured from the answer has all that the hook has to answer. Errors: CF_EINPUT. */
CF_MUST_CHECK enum cf_code cf_profile_hooks_check(const struct cf_json_doc *doc, const cJSON *hooks,
                                                  const struct cf_vocabulary *vocabulary,
                                                  struct cf_err *err);

#endif
