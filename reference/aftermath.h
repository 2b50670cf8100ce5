/*
 * What goes wrong with an answer after it has been decided: the right refusal under a wrong number,
 * a refusal whose update is applied nevertheless, a lock that outlives it. In a conforming server
 * cf_ref_aftermath() does nothing.
 */
#ifndef CF_REF_AFTERMATH_H
#define CF_REF_AFTERMATH_H

#include "reference/server.h"

/* asked is what the request wanted, as far as it was read (emptied where it is applied); cvm may be
 * NULL where none was found. */
void cf_ref_aftermath(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                      enum cf_ref_endpoint endpoint, struct cf_ref_update *asked,
                      struct cf_ref_answer *answer);

/* Whether a request refused for this reason is nevertheless read, so that it can be applied. */
bool cf_ref_aftermath_wants_update(const struct cf_ref_switches *on, enum cf_ref_reason reason);

/* A restart for a request that was refused, unless an operation runs already. */
void cf_ref_aftermath_restart(struct cf_ref_server *server, struct cf_ref_cvm *cvm);

#endif
