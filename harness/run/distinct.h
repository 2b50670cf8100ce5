/*
 * What must be distinct over a whole run: values that no two answers may share, whichever cases got
 * them, and on whichever fixtures.
 *
 * The domain says which values those are (cf_engine.distinct). A case whose one step asks for it
 * (cf_distinct_kind.word) runs in no worker: when all others have their records, its own is made of
 * those. It is a function of the records alone, so that judging again gives the same.
 */
#ifndef CF_RUN_DISTINCT_H
#define CF_RUN_DISTINCT_H

#include "harness/run/engine.h"

/* A value, and where it stands: the rank of its record, and its exchange in that. */
struct cf_distinct_value {
    char *text;
    char *case_id;
    size_t rank, ordinal;
};

struct cf_distinct {
    const struct cf_engine *engine;
    struct cf_distinct_value *items;
    size_t count, cap;
};

/* Whether a case is decided over all records of the run. */
bool cf_distinct_decides(const struct cf_engine *engine, const struct cf_case *one);

/* Add what a record holds. rank orders records: the same in a run and when judged again. */
void cf_distinct_add(struct cf_distinct *all, size_t rank, const struct cf_case_record *record);
/* The same from its JSON text, read only where it may hold such values. */
void cf_distinct_add_text(struct cf_distinct *all, size_t rank, const char *line, size_t len);

/* The record of a case of that kind: pass where all values are distinct, fail for the first that is
 * not, inconclusive where there are fewer than two. record is zeroed before. */
void cf_distinct_judge(struct cf_distinct *all, const struct cf_case *one, int attempt,
                       struct cf_case_record *record);

void cf_distinct_release(struct cf_distinct *all);

#endif
