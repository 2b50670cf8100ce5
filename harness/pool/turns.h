/*
 * Cases that put the IUT out of order, beside each other and beside others.
 *
 * While it is out of order nothing else may run on fixtures of the kinds that such cases use: they
 * wait until all other cases of those kinds are over. What such a case does before and after need
 * not be alone, and after it there is an operation to wait for. So all that have a fixture begin at
 * once. Each stops before it begins its fault, has its turn once all of them stand still, and stops
 * again when the fault is ended, until the last has had its turn.
 *
 * Cases on fixtures of other kinds go on meanwhile: a fault is of what those kinds lean on. An IUT
 * may still fail them for it, so that they tell nothing against it: one that did not pass, or was
 * answered a 5xx, runs again. Where the fault could not be ended, it ends inconclusive; an IUT that
 * is gone then is told of as any that is. A lock that outlives its operation is no fault's doing.
 *
 * An IUT may stay careful for a moment when the fault is over. What a 5xx kept from passing then
 * runs again when settle_timeout_ms have passed, and nothing else runs.
 */
#ifndef CF_POOL_TURNS_H
#define CF_POOL_TURNS_H

#include "harness/pool/state.h"

/* Find such cases of the plan, and those that share a kind of fixture with them. */
void cf_turns_find(struct cf_pool_state *pool);
/* The worker was given an order. */
void cf_turns_begin(const struct cf_pool_state *pool, struct cf_worker *worker);
/* Whether the item is such a case, and may begin beside what runs. */
bool cf_turns_may_join(const struct cf_pool_state *pool, size_t index);
/* Whether all other cases of the kinds that they use are over, but for what waits until nothing
 * else runs. */
bool cf_turns_are_due(const struct cf_pool_state *pool);
/* Whether what may meet a fault has to wait until such cases are over. */
bool cf_turns_bar(const struct cf_pool_state *pool);
/* Whether the IUT may be out of order right now. */
bool cf_turns_taken(const struct cf_pool_state *pool);
/* What a case came back with may be owed to another's fault. */
bool cf_turns_spoilt(const struct cf_pool_state *pool, const struct cf_worker *worker,
                     const struct cf_frame *frame);
/* ... or to what a fault that is over has left behind. */
bool cf_turns_early(const struct cf_pool_state *pool, const struct cf_worker *worker,
                    const struct cf_frame *frame);
/* Whether the item waits until that is over, too; whether any does. */
bool cf_turns_wait(const struct cf_pool_state *pool, size_t index);
bool cf_turns_any_wait(const struct cf_pool_state *pool);
/* Such a case was lost: the IUT may stay out of order. */
void cf_turns_leave(struct cf_pool_state *pool);
/* The worker stopped: CF_ORDER_FAULT. */
void cf_turns_note(struct cf_pool_state *pool, struct cf_worker *worker,
                   const struct cf_frame *frame);
/* Let those go on who may. */
void cf_turns_go_on(struct cf_pool_state *pool);
/* The worker's order is over, or lost. If it has not ended its fault, those that were to go on once
 * it is ended begin anew. */
void cf_turns_end(struct cf_pool_state *pool, struct cf_worker *worker);

#endif
