/*
 * Refusals that leave a lock behind.
 *
 * One case that was charged with a lock tells which refusal it was: of which request, with which
 * status. The same will happen to each case that meets that refusal, and each costs a fixture where
 * nothing resets it. So those run last, one after the other, when all others have their verdicts;
 * and while it is being sought which case left a lock (suspects.h), none begins that expects any
 * refusal.
 */
#ifndef CF_POOL_REFUSALS_H
#define CF_POOL_REFUSALS_H

#include "harness/pool/state.h"

/* The record (JSON text) of an item that failed and left its fixture locked: note its refusals, all
 * of them where it does not say which it was. */
void cf_refusals_learn(struct cf_pool_state *pool, size_t index, const char *line, size_t len);
/* Whether the case expects a refusal, of whatever kind. */
bool cf_refusals_expect(const struct cf_case *one);
/* Whether the case meets a refusal that was learned. */
bool cf_refusals_repeat(const struct cf_pool_state *pool, const struct cf_case *one);
/* Whether the item has to wait, for that or for a lock that is being sought. */
bool cf_refusals_wait(const struct cf_pool_state *pool, size_t index);
/* Whether a try that seeks a lock is still to come, or (running_too) runs. */
bool cf_refusals_sought(const struct cf_pool_state *pool, bool running_too);
void cf_refusals_release(struct cf_refusals *refusals);

/* Where nothing resets a fixture: whether one of the case's refusals is of a kind that was not seen
 * to leave its fixture idle yet, and such a one runs already. One fixture is enough to find out. */
bool cf_refusals_untried(const struct cf_pool_state *pool, const struct cf_case *one);
/* The case's refusals left its fixture idle. */
void cf_refusals_harmless(struct cf_pool_state *pool, const struct cf_case *one);

#endif
