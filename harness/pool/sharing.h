/* Cases that share what another case did ("shares" in case files): they wait for that one, and the
 * worker that ran it judges them too, over its exchanges. */
#ifndef CF_POOL_SHARING_H
#define CF_POOL_SHARING_H

#include "harness/pool/state.h"

/* Set those aside whose other case is still to be run. */
void cf_sharing_begin(struct cf_pool_state *pool);
/* The record of one has come; fixture is the main one of the case that it shares with. */
void cf_sharing_take(struct cf_pool_state *pool, const struct cf_frame *frame, uint32_t fixture,
                     const char *line);
/* The case came to an end, or will not run: whoever still waits for it is run by itself. */
void cf_sharing_end(struct cf_pool_state *pool, size_t index);

#endif
