/*
 * The bodies that more than one handler sends: 202s and errors.
 *
 * An error is built in three steps, begin, any number of rows, end; errors without a code in the
 * vendor's catalogue are one sentence under "detail". Each sets the answer's reason to
 * CF_REF_REASON_OTHER unless said otherwise here; callers who know better set it afterwards.
 */
#ifndef CF_REF_ANSWER_H
#define CF_REF_ANSWER_H

#include "reference/detail.h"
#include "reference/server.h"

/* Set status and content type and empty the body. */
void cf_ref_answer_begin(struct cf_ref_answer *answer, int status, const char *content_type);

/* {"detail": sentence} */
void cf_ref_answer_sentence(struct cf_ref_answer *answer, int status, const char *sentence);

/* 409, for an operation that runs. The reason is CF_REF_REASON_BUSY. */
void cf_ref_answer_busy(struct cf_ref_answer *answer);

/* 500 at the pre-launch-script endpoint, as its page says of trouble with KMS or RPC; 503
 * elsewhere, where no page says anything. The reason is CF_REF_REASON_CHAIN. */
void cf_ref_answer_chain_away(enum cf_ref_endpoint endpoint, struct cf_ref_answer *answer);

/* 500, where a deviation would have thrown. */
void cf_ref_answer_exception(struct cf_ref_answer *answer);

/* 422 with the rows found. The reason is CF_REF_REASON_INVALID. */
void cf_ref_answer_detail(struct cf_ref_answer *answer, const struct cf_ref_detail *detail);

/* 202 for an operation that the endpoint has just begun; NULL where a deviation forgets its id. The
 * reason is CF_REF_REASON_ACCEPTED. */
void cf_ref_answer_accepted(struct cf_ref_server *server, enum cf_ref_endpoint endpoint,
                            const char *correlation_id, struct cf_ref_answer *answer);

/* A structured error, e.g. 466 with "ERR-01-006". */
void cf_ref_error_begin(struct cf_ref_server *server, struct cf_ref_answer *answer, int status,
                        const char *error_code, const char *message);
/* A row of its details: the value as text, or as JSON text ready made. */
void cf_ref_error_row(struct cf_ref_answer *answer, const char *field, const char *value,
                      const char *message);
void cf_ref_error_row_json(struct cf_ref_answer *answer, const char *field, const char *json,
                           const char *message);
void cf_ref_error_end(struct cf_ref_server *server, struct cf_ref_answer *answer,
                      const char *suggestion);

#endif
