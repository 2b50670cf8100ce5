/* Checks of a bundle's bytes: sums and signature. */
#ifndef CF_CLI_CERTIFY_VERIFY_FILES_H
#define CF_CLI_CERTIFY_VERIFY_FILES_H

#include "cli/certify/verification.h"

/* SHA256SUMS against the files, both ways; and nothing else is there, no
 * folder without a file either. Returns false when the folder
 * holds what is neither file nor folder, which must not even be opened. */
bool cf_verify_sums(struct cf_verification *v);
/* The envelope against the statement and the key. */
void cf_verify_signature(struct cf_verification *v);

#endif
