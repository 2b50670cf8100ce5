/* One operation at a time: whether a CVM takes an update now. */
#ifndef CF_REF_CONFLICT_H
#define CF_REF_CONFLICT_H

#include "reference/answer.h"
#include "reference/server.h"

/*
 * Whether an operation keeps the CVM from taking this update. If so, answer is a 409, or says
 * `later`. Every handler runs to its end before the next one starts, so that nothing can come
 * between this check and the operation it allows; a deviation that wants something in between asks
 * for the request to be handled again, later.
 */
bool cf_ref_blocked(struct cf_ref_server *server, const struct cf_ref_request *request,
                    struct cf_ref_cvm *cvm, enum cf_ref_endpoint endpoint,
                    struct cf_ref_update *update, struct cf_ref_answer *answer);

/* How long a forgotten lock lasts: long enough for the next request to meet it. */
enum { CF_REF_FORGOTTEN_LOCK_MS = 1000 };

#endif
