/* The JSON body of a request: from bytes to an update, or to the answer that refuses them. */
#ifndef CF_REF_BODY_H
#define CF_REF_BODY_H

#include "harness/base/json.h"
#include "reference/answer.h"
#include "reference/server.h"

/*
 * Parse the request's body as JSON into doc, which the caller releases in any case. False: answer
 * holds the refusal, 422 for no body (CF_REF_REASON_NO_BODY), for what is not JSON
 * (CF_REF_REASON_MALFORMED) and for a type that is not JSON (CF_REF_REASON_INVALID).
 */
bool cf_ref_body_parse(struct cf_ref_server *server, const struct cf_ref_request *request,
                       struct cf_json_doc *doc, struct cf_ref_answer *answer);

/*
 * Read an UpdateCvmRequest into update (zeroed; the caller releases it). False: answer holds the
 * refusal, as above, 422 for what the schema forbids, 400 for what it allows and no machine can be
 * given: a size below one. update then has the members that are valid by themselves.
 */
bool cf_ref_body_read_update(struct cf_ref_server *server, const struct cf_ref_request *request,
                             struct cf_ref_update *update, struct cf_ref_answer *answer);

/* False where a bug refuses the request before its body is read, for the length of it or for its
 * query: answer holds the refusal. */
bool cf_ref_body_is_wanted(const struct cf_ref_switches *on, const struct cf_ref_request *request,
                           struct cf_ref_answer *answer);

/* 422 for a body that lacks this member, or whose member is not a string. */
void cf_ref_body_refuse_member(struct cf_ref_server *server, const char *member, const cJSON *value,
                               struct cf_ref_answer *answer);

/* 400 for a value of a field that the schema lets through, in a sentence; the reason is
 * CF_REF_REASON_TERMS. update is what a bug applies of the body nevertheless. */
void cf_ref_body_refuse_terms(enum cf_ref_field field, const char *sentence,
                              struct cf_ref_update *update, struct cf_ref_answer *answer);

#endif
