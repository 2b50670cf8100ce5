/* Checks of a bundle's bytes: sums, signature, and that its two forms of the results agree. */
#ifndef CF_CLI_CERTIFY_VERIFY_FILES_H
#define CF_CLI_CERTIFY_VERIFY_FILES_H

#include "cli/certify/verification.h"

/* SHA256SUMS against the files, both ways; and nothing else is there. Returns false when the folder
 * holds what is neither file nor folder, which must not even be opened. */
bool cf_verify_sums(struct cf_verification *v);
/* The envelope against the statement and the key. */
void cf_verify_signature(struct cf_verification *v);
/* results.ndjson holds the same records as results.json, which is loaded. */
void cf_verify_lines(struct cf_verification *v);

#endif
