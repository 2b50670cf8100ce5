/* Who may do what to which CVM: the checks that come before a body is looked at. */
#ifndef CF_REF_ADMIT_H
#define CF_REF_ADMIT_H

#include "reference/answer.h"
#include "reference/server.h"

/* The CVM that the request names, or NULL with the refusal and its reason in answer: 401 without a
 * good key, 404 for no such CVM, 403 for one of another workspace, and for one that a GPU rental
 * manages where the endpoint is update-cvm. */
struct cf_ref_cvm *cf_ref_admit(struct cf_ref_server *server, const struct cf_ref_request *request,
                                enum cf_ref_endpoint endpoint, struct cf_ref_answer *answer);

/* Whether the request has a good key; else answer is the 401. For paths that name no CVM. */
bool cf_ref_authenticated(struct cf_ref_server *server, const struct cf_ref_request *request,
                          struct cf_ref_answer *answer);

#endif
