/*
 * A lock that fixtures share.
 *
 * A fixture that takes no update although nothing runs on it may have been left locked; or an
 * operation on another one keeps it from any, and then every case that runs beside others meets
 * that, and fixture after fixture would be given up. So the first time the run waits until nothing
 * else runs, and goes on case by case, that fixture first. Where it takes no update then either,
 * the lock is its own, and so is every later one. Where it takes one, twice, the lock is held to be
 * shared: from there on there is one case at a time, and those that ask about such a lock are
 * judged by nothing but their own requests.
 */
#ifndef CF_POOL_SHARED_LOCKS_H
#define CF_POOL_SHARED_LOCKS_H

#include "harness/pool/state.h"
#include "harness/pool/wire.h"

/* A case of an exclusive fixture came back. True: it found that locked while cases ran on others,
 * which tells nothing of it yet: it is to run again. */
bool cf_shared_locks_doubt(struct cf_pool_state *pool, const struct cf_worker *worker,
                           const struct cf_frame *frame);
/* Whether nothing may begin beside what runs. */
bool cf_shared_locks_bar(const struct cf_pool_state *pool);

#endif
