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

#include "harness/case/catalogue.h"
#include "harness/case/profile.h"

struct cf_shard_case {
    const struct cf_case *one;
    bool runs; /* it needs its CVMs; else it ends without them */
    bool mine; /* made by cf_shard_deal() */
};

/* Deal cases and the profile's fixtures out to shards, and say what the one of that number (from 1)
 * gets: each case's mine, and out_withheld[i] for each profile->fixtures[i] that is left to the
 * others. The same cases, profile and number of shards give the same parts. */
void cf_shard_deal(struct cf_shard_case *cases, size_t count, const struct cf_profile *profile,
                   int shard, int shards, bool *out_withheld);

#endif
