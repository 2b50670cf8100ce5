/* Checking a certificate: every check in turn, and the checks of its head. */
#ifndef CF_CLI_CERTIFY_VERIFY_H
#define CF_CLI_CERTIFY_VERIFY_H

#include "cli/certify/verification.h"

/* Check the bundle of v, which has its folder and key; the rest of v is filled in on the way.
 * Findings are printed and counted. Returns what the certificate says, which holds only when there
 * is not a finding. v is the caller's to release. */
enum cf_certified cf_verify(struct cf_verification *v);

#endif
