/*
 * Locks that outlive their operations, and are let go by and by.
 *
 * A case that found its fixture locked, and saw the lock go, was judged by what another had left:
 * it runs again, alone. Where each operation leaves such a lock, so does the update that saw the
 * last one go, and further tries on that fixture meet lock after lock: each costs a wait and tells
 * nothing. After several such cases in a row the run expects them: a case that would run again on a
 * fixture that has just taken an update is told as the try that met a lock has judged it.
 */
#ifndef CF_POOL_LATE_LOCKS_H
#define CF_POOL_LATE_LOCKS_H

#include "harness/pool/state.h"

/* A case came back that was begun so many milliseconds ago. True: another try of it would only meet
 * what this one has met. */
bool cf_late_locks_expected(struct cf_pool_state *pool, size_t index, const struct cf_frame *frame,
                            double took_ms);
/* Before an item is put off: if nothing but such a lock is to blame, its record is kept (copied)
 * until its next try ends. */
void cf_late_locks_keep(struct cf_pool_state *pool, size_t index, const struct cf_frame *frame,
                        const char *line);
/* Forget the kept record of an item that has had another try. */
void cf_late_locks_drop(struct cf_pool_state *pool, size_t index);
/* What the clock would show, had what was told instead been tried. */
double cf_late_locks_now(const struct cf_pool_state *pool);
/* An item that was put off could have a try on the fixture. True: that would find it locked, so the
 * kept record was told instead. */
bool cf_late_locks_tell(struct cf_pool_state *pool, size_t index, uint32_t fixture);

#endif
