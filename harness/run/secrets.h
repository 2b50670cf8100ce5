/* What no report may show: the profile's secrets, and what is nearly one. */
#ifndef CF_RUN_SECRETS_H
#define CF_RUN_SECRETS_H

#include "harness/case/profile.h"
#include "harness/http/redact.h"

/* A redactor that knows them, freed by the caller. Errors: those of cf_redactor_add(). */
CF_MUST_CHECK enum cf_code
cf_secrets_redactor(struct cf_redactor **out, const struct cf_profile *profile, struct cf_err *err);

#endif
