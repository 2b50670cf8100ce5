/*
 * Items that take so long that the run would end with them if they began late.
 *
 * An item of many operations keeps its fixture for all of them. Begun when little else is left, it
 * is waited for while other fixtures have nothing to do: the more of them there are, the more so.
 */
#ifndef CF_POOL_LONGEST_H
#define CF_POOL_LONGEST_H

#include "harness/pool/state.h"

/* Find them, by options->operations: pool->longest. */
void cf_longest_find(struct cf_pool_state *pool);

#endif
