/* Bugs that make the compose hash of another document than the one that boots. */
#ifndef CF_REF_HASH_DRAFTS_H
#define CF_REF_HASH_DRAFTS_H

#include "reference/cvm.h"

/* Put the hash of what such a bug makes of the compose document, update (NULL: nothing) made to it,
 * into hash. Without one hash stays as it is. */
void cf_ref_draft_hash(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                       const struct cf_ref_update *update, char hash[CF_SHA256_HEX]);

#endif
