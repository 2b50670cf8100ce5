/*
 * Shards: parts of one plan that run on several machines, at the same time and against the same
 * implementation.
 *
 * CVMs are dealt out as well as cases: two shards that change the same CVM would each see the
 * other's updates as faults. A kind that has too few CVMs for all shards goes to the first ones,
 * with every case that needs it.
 */
#ifndef CF_POOL_SHARD_H
#define CF_POOL_SHARD_H

#include "harness/pool/plan.h"

/* Leave in a whole plan what is the filter's shard's: its items, and what it may change of the
 * profile's fixtures (plan->withheld). The same plan, profile and number of shards give the same
 * parts. Errors: CF_ENOMEM. */
CF_MUST_CHECK enum cf_code cf_shard_keep(struct cf_plan *plan, const struct cf_profile *profile,
                                         const struct cf_filter *filter, struct cf_err *err);

#endif
