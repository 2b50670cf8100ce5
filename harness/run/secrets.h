/*
 * What no report may show: the profile's secrets, and what is nearly one.
 *
 * The credential, what the profile takes from elsewhere and what its name calls a secret are
 * searched for everywhere. Of what is only hidden by default (profile_public.h), so are the words
 * that look like a secret (hidden_text.h) and that the public text does not show.
 */
#ifndef CF_RUN_SECRETS_H
#define CF_RUN_SECRETS_H

#include "harness/case/profile.h"
#include "harness/http/redact.h"

/* A redactor that knows them, freed by the caller. Errors: those of cf_redactor_add(). */
CF_MUST_CHECK enum cf_code
cf_secrets_redactor(struct cf_redactor **out, const struct cf_profile *profile, struct cf_err *err);

/* The same without what only looks like a secret: a folder's name in a hook's command stands in the
 * command line of the run, too, which is no leak. */
CF_MUST_CHECK enum cf_code cf_secrets_sure(struct cf_redactor **out,
                                           const struct cf_profile *profile, struct cf_err *err);

/* What tells two profiles apart that differ only in what is hidden: 64 hex digits, freed by the
 * caller; NULL where nothing is hidden but the credential. The same credential and the same profile
 * always give the same. It is keyed with the credential and slow to make, so that who does
 * not have the credential cannot try guesses of a short text with it. */
char *cf_secrets_fingerprint(const struct cf_profile *profile);

#endif
