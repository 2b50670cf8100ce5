/*
 * What happens to every request and answer, whatever the path: liberties and bugs of the layer
 * between the handlers and the connection. In a plain server these functions do nothing.
 */
#ifndef CF_REF_TRANSPORT_H
#define CF_REF_TRANSPORT_H

#include "reference/server.h"

/* Before routing. False: answer is complete already. */
bool cf_ref_wire_accepts(struct cf_ref_server *server, const struct cf_ref_request *request,
                         struct cf_ref_answer *answer);

/* Before sending. */
void cf_ref_wire_finish(struct cf_ref_server *server, struct cf_ref_answer *answer);

#endif
