/* The JSON body of a request: from bytes to an update, or to the answer that refuses them. */
#ifndef CF_REF_BODY_H
#define CF_REF_BODY_H

#include "harness/base/json.h"
#include "reference/answer.h"
#include "reference/server.h"

/*
 * Parse the request's body as JSON into doc, which the caller releases. *out_ok is false when
 * answer holds the refusal: 422 for no body (CF_REF_REASON_NO_BODY), for no JSON
 * (CF_REF_REASON_MALFORMED) and for a type that is not JSON (CF_REF_REASON_INVALID).
 */
CF_MUST_CHECK enum cf_code cf_ref_body_parse(struct cf_ref_server *server,
                                             const struct cf_ref_request *request,
                                             struct cf_json_doc *doc, struct cf_ref_answer *answer,
                                             bool *out_ok);

/*
 * Read an UpdateCvmRequest into update (zeroed; the caller releases it). *out_ok is false when
 * answer holds the refusal: as above, 422 for what the schema forbids, 400 for what it allows and
 * no machine can be given: a size below one.
 */
CF_MUST_CHECK enum cf_code cf_ref_body_read_update(struct cf_ref_server *server,
                                                   const struct cf_ref_request *request,
                                                   struct cf_ref_update *update,
                                                   struct cf_ref_answer *answer, bool *out_ok);

/* 422 for a body that lacks this member, or whose member is no string. */
void cf_ref_body_refuse_member(struct cf_ref_server *server, const char *member, const cJSON *value,
                               struct cf_ref_answer *answer);

#endif
