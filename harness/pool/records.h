/* What becomes of a case's record: it is told at once, or held until its control has a verdict. */
#ifndef CF_POOL_RECORDS_H
#define CF_POOL_RECORDS_H

#include "harness/pool/state.h"

void cf_pool_record(struct cf_pool_state *pool, size_t index, enum cf_verdict verdict,
                    const char *line, size_t len);
/* Write the record of an item that did not run, or whose worker was lost. */
void cf_pool_synthesise(struct cf_pool_state *pool, size_t index, enum cf_verdict verdict,
                        const char *fixture, const char *fmt, ...) CF_PRINTF(5, 6);
/* Records still held when the run ends early. */
void cf_pool_release_held(struct cf_pool_state *pool);
/* What became of a fixture at the end; line and text as in struct cf_pool_event. */
void cf_pool_put_back(struct cf_pool_state *pool, size_t fixture, const char *line,
                      const char *text);
/* Decide the items that are decided over all records. A run that stopped early has no such. */
void cf_pool_decide_last(struct cf_pool_state *pool);
/* An event that is not a record. */
void cf_pool_tell(struct cf_pool_state *pool, enum cf_pool_event_kind kind, const char *fmt, ...)
    CF_PRINTF(3, 4);

#endif
