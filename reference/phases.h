/*
 * The decision that both PATCH endpoints share: take an update at once, ask for its hash to be
 * registered, or commit one that was registered.
 *
 * A CVM whose keys the vendor holds takes everything at once. One whose keys a contract guards does
 * so only while the compose hash stays; otherwise phase 1 keeps the update aside, under the hash
 * that it leads to, and phase 2 commits what was kept, whatever its own body says.
 */
#ifndef CF_REF_PHASES_H
#define CF_REF_PHASES_H

#include "reference/proof.h"
#include "reference/server.h"

/* Whether the request claims to be phase 2 of a CVM that has phases. */
bool cf_ref_phases_is_second(const struct cf_ref_server *server,
                             const struct cf_ref_request *request, const struct cf_ref_cvm *cvm);

/* Take update (emptied) or refuse it with 465. prepare_only: hand out a commit token. */
void cf_ref_phases_first(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                         enum cf_ref_endpoint endpoint, struct cf_ref_update *update,
                         bool prepare_only, struct cf_ref_answer *answer);

/* Commit what was prepared, or refuse with 466, 467 or 468, leaving everything as it was. body is
 * what the request itself asks for, which counts for nothing. */
void cf_ref_phases_second(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                          enum cf_ref_endpoint endpoint, const struct cf_ref_proof *proof,
                          struct cf_ref_update *body, struct cf_ref_answer *answer);

#endif
