/*
 * Answers without JSON whose status is right. A gateway may have given one, so that a case which
 * met one is tried again. A server that answers so is told by more than one such case: what came in
 * every try of several is taken as it is from then on, in the first try, as each try of each case
 * would be an operation.
 */
#ifndef CF_POOL_FORMS_H
#define CF_POOL_FORMS_H

#include "harness/pool/state.h"

/* A case came back from a try. */
void cf_forms_learn(struct cf_pool_state *pool, size_t index, const struct cf_frame *frame);
/* Whether it ended because of one, and may go on in line: its status was right, so that the moment
 * is not to blame. */
bool cf_forms_put_off(const struct cf_frame *frame);
/* Write down in an order what is known. */
void cf_forms_order(const struct cf_pool_state *pool, struct cf_order *order);

#endif
