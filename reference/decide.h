/* What both PATCH endpoints do with an update once it has been read. */
#ifndef CF_REF_DECIDE_H
#define CF_REF_DECIDE_H

#include "reference/server.h"

/* Whether X-Prepare-Only says so. */
bool cf_ref_is_prepare_only(const struct cf_ref_switches *on, const struct cf_ref_request *request);

/* Refuse with 409 while an operation runs; otherwise phase 2 where the headers claim it, else phase
 * 1 or all at once. update is emptied where it is taken. */
void cf_ref_decide(struct cf_ref_server *server, const struct cf_ref_request *request,
                   struct cf_ref_cvm *cvm, enum cf_ref_endpoint endpoint,
                   struct cf_ref_update *update, bool prepare_only, struct cf_ref_answer *answer);

#endif
