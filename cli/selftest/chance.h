/*
 * What a likeness with the kill matrix is worth. A run may have a cause that is in no row of it,
 * and some row is always nearest. A row may be named for what it would leave behind and what is
 * there: of the failures that the deviation causes, how many does the run have, in the same words;
 * and of the run's failures, how many do the deviations named cause?
 *
 * How far that comes about by chance the matrix tells itself, leaving one out: each row's traces
 * are a run whose cause no row of another requirement is. That is counted once for the whole
 * matrix, and once for each row over the cases that ran: of a few cases several causes make the
 * same, and then they are named together, or not at all.
 */
#ifndef CF_CLI_SELFTEST_CHANCE_H
#define CF_CLI_SELFTEST_CHANCE_H

#include "cli/selftest/kill_matrix.h"

struct cf_chance {
    /* 99 of 100 rows left out agree with no row that they are not by more than this. */
    double usual;
    double *rows; /* by row: how far it agrees at most with traces that are not its own */
};

/* ran: by case index, as for cf_kill_matrix_score(). */
void cf_chance_init(struct cf_chance *chance, const struct cf_kill_matrix *matrix, const bool *ran);
void cf_chance_release(struct cf_chance *chance);

/* Whether enough of a row's failures are in the run for the row, or one of those that are as near
 * (alike: itself among them), to be a cause of it. */
bool cf_chance_is_seen(const struct cf_chance *chance, const struct cf_kill_matrix *matrix,
                       size_t row, const size_t *alike, size_t alike_count,
                       const struct cf_traces *run, const bool *ran);
/* Whether enough of the run's failures are those of the rows, together, for them to be its causes:
 * else something else is, and none of them is to be named. */
bool cf_chance_is_explained(const struct cf_chance *chance, const struct cf_kill_matrix *matrix,
                            const size_t *rows, size_t count, const struct cf_traces *run);

#endif
