/* When the IUT goes away in the middle of a run: said once, and nothing more is asked. */
#ifndef CF_POOL_GONE_H
#define CF_POOL_GONE_H

#include "harness/pool/state.h"

/* A case of the worker's ended as CF_END_GONE; line is its record. No further case is handed out.
 */
void cf_pool_gone_note(struct cf_pool_state *pool, const struct cf_worker *worker, const char *line,
                       size_t len);
/* Remember a case's record until the worker's next one. */
void cf_pool_gone_remember(struct cf_worker *worker, const char *line, size_t len);
/* Once no case runs any more: tell that (CF_EVENT_TROUBLE), with what was asked last in
 * outcome.gone, and let every case that is left end by that one reason. Nothing where the IUT is
 * there. */
void cf_pool_gone_conclude(struct cf_pool_state *pool);
/* After restoring: name the fixtures that nobody tried to put back any more. */
void cf_pool_gone_name_left(struct cf_pool_state *pool);

#endif
