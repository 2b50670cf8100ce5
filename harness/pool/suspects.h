/*
 * Who has locked a fixture for good, where the read side shows nothing of it.
 *
 * That shows only when a later case's update is refused. So the record of a case whose last update
 * was refused is not told before its fixture has taken another update. If it takes none, all that
 * wait for that run again, each alone and between two updates that ask whether it takes one
 * (struct cf_turn): the one that locked it fails by that. So does the case that met the lock, which
 * is none of its doing.
 */
#ifndef CF_POOL_SUSPECTS_H
#define CF_POOL_SUSPECTS_H

#include "harness/pool/state.h"

/* Let an item's record (copied) wait. */
void cf_suspects_add(struct cf_pool_state *pool, size_t index, uint32_t fixture,
                     enum cf_verdict verdict, const char *line, size_t len);
/* The fixture took an update: tell the records that waited for that. */
void cf_suspects_clear(struct cf_pool_state *pool, uint32_t fixture);
/* The same of all fixtures. */
void cf_suspects_clear_all(struct cf_pool_state *pool);
/* Append "; before that, the last updates of these were refused: ..." where there are any. */
void cf_suspects_name(const struct cf_pool_state *pool, uint32_t fixture, struct cf_buf *out);
/* The item found the fixture locked. False: nobody is suspected of it, or there is no fixture to
 * try that on; the item's record counts, and all that waited were told. True: they run again, and
 * so does the item. */
bool cf_suspects_try_again(struct cf_pool_state *pool, size_t index, uint32_t fixture);

#endif
