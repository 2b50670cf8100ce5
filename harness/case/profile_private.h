/* Shared by profile*.c only. */
#ifndef CF_CASE_PROFILE_PRIVATE_H
#define CF_CASE_PROFILE_PRIVATE_H

#include "harness/case/profile.h"

enum { CF_SECRET_MAX_BYTES = 16384 };

/* Read the credential that pixit.auth.value_from names, or its stand-in. Errors: CF_EINPUT. */
CF_MUST_CHECK enum cf_code cf_profile_load_secret(struct cf_profile *profile, const cJSON *from,
                                                  struct cf_err *err);
/* Fill in public_text and hook_secrets from the checked profile's bytes. Errors: CF_ENOMEM. */
CF_MUST_CHECK enum cf_code cf_profile_make_public(struct cf_profile *profile, const char *bytes,
                                                  size_t len, struct cf_err *err);
void cf_profile_release_secrets(struct cf_profile *profile);

#endif
