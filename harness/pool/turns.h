/*
 * Cases that put the IUT out of order, beside each other.
 *
 * While it is out of order nothing else may run; what such a case does before and after need not be
 * alone, and after it there is an operation to wait for. So all that have a fixture begin at once,
 * when nothing else runs. Each stops before it begins its fault, has its turn once all of them
 * stand still, and stops again when the fault is ended, until the last has had its turn.
 */
#ifndef CF_POOL_TURNS_H
#define CF_POOL_TURNS_H

#include "harness/pool/state.h"

/* The worker was given an order. */
void cf_turns_begin(const struct cf_pool_state *pool, struct cf_worker *worker);
/* Whether the item is such a case, and may begin beside what runs. */
bool cf_turns_may_join(const struct cf_pool_state *pool, size_t index);
/* Whether the IUT may be out of order right now. */
bool cf_turns_taken(const struct cf_pool_state *pool);
/* The worker stopped: CF_ORDER_FAULT. */
void cf_turns_note(struct cf_worker *worker, const struct cf_frame *frame);
/* Let those go on who may. */
void cf_turns_go_on(struct cf_pool_state *pool);
/* The worker's order is over, or lost. If it has not ended its fault, those that were to go on once
 * it is ended begin anew. */
void cf_turns_end(struct cf_pool_state *pool, struct cf_worker *worker);

#endif
