/* From method and raw request target to the handler. */
#ifndef CF_REF_ROUTE_H
#define CF_REF_ROUTE_H

#include "reference/server.h"

/*
 * Answer the request for this target, as it stood in the request line: percent-encoded, with its
 * query. Segments are decoded one by one and dot segments mean nothing, so that no spelling of a
 * path reaches another path's CVM. Fills in request->cvm_id.
 */
void cf_ref_route(struct cf_ref_server *server, const char *target, struct cf_ref_request *request,
                  struct cf_ref_answer *answer);

#endif
