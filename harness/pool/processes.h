/* Workers as the parent sees them: children at the end of a socket. */
#ifndef CF_POOL_PROCESSES_H
#define CF_POOL_PROCESSES_H

#include "harness/pool/state.h"

/* Fork one. False with errno when that cannot be done. */
bool cf_process_start(struct cf_pool_state *pool, struct cf_worker *worker);
/* Give it something to do. False: it cannot be written to. It is dead then, which is noticed when
 * it is read from. */
bool cf_process_order(struct cf_worker *worker, const struct cf_order *order, const char *payload);
/* As that, without a payload, while it is at another order. */
bool cf_process_tell(struct cf_worker *worker, const struct cf_order *order);
/* Wait for its end, killing it after limit_ms. True when it ended well; out_how: "exit code 1",
 * "signal 9 (Killed)". */
bool cf_process_reap(struct cf_worker *worker, double limit_ms, char *out_how, size_t size);

#endif
