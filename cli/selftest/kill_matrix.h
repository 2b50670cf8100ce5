/*
 * The kill matrix: which cases each deviation of the reference implementation fails, and how.
 *
 * Self-certification makes it and writes it to a file that is shipped with the cases. A run that
 * failed is compared with it: the deviation whose traces are most like the run's is the likely
 * cause; and a requirement counts as proven able to fail when a deviation that breaks it was
 * caught. A matrix of another catalogue proves nothing and is not used.
 */
#ifndef CF_CLI_SELFTEST_KILL_MATRIX_H
#define CF_CLI_SELFTEST_KILL_MATRIX_H

#include "harness/base/buf.h"
#include "harness/record/record.h"

/* What a run left at one case. */
struct cf_trace {
    unsigned case_index; /* into cases */
    bool failed;         /* else inconclusive */
    unsigned signature;  /* of how it failed: kind of the first mismatch, and what was found */
};

struct cf_traces {
    struct cf_trace *items; /* by case index */
    size_t count, cap;
};

struct cf_kill_matrix_row {
    char *name, *requirement, *sentence;
    enum cf_level level;
    bool caught;
    struct cf_traces traces;
};

/* What a case costs on the reference implementation, which has no bug then. */
struct cf_kill_cost {
    unsigned operations, exchanges;
};

struct cf_kill_matrix {
    char catalogue_sha256[65];
    char **cases;
    size_t case_count, case_cap;
    struct cf_kill_cost *costs; /* by case index, so many: */
    size_t cost_count;
    struct cf_kill_matrix_row *rows;
    size_t row_count, row_cap;
};

void cf_kill_matrix_release(struct cf_kill_matrix *matrix);
void cf_traces_release(struct cf_traces *traces);

/* Index of a case id, added when new. */
size_t cf_kill_matrix_case(struct cf_kill_matrix *matrix, const char *id);
/* SIZE_MAX: the matrix does not have it. */
size_t cf_kill_matrix_find(const struct cf_kill_matrix *matrix, const char *id);
/* Append an empty row. It stays where it is until the next one. */
struct cf_kill_matrix_row *cf_kill_matrix_add_row(struct cf_kill_matrix *matrix);
/* Add a trace of a record of the matrix' case at index (fail or inconclusive; others leave none).
 */
void cf_traces_add(struct cf_traces *traces, size_t index, const struct cf_case_record *record);

void cf_kill_matrix_write(struct cf_buf *out, const struct cf_kill_matrix *matrix);
/* Errors: CF_ENOTFOUND, CF_EIO, CF_EINPUT. */
CF_MUST_CHECK enum cf_code cf_kill_matrix_read(struct cf_kill_matrix *out, const char *path,
                                               struct cf_err *err);

/* How well a row's traces match, from 0 to 1, looking only at the cases that ran (ran by case
 * index). out_share: of the failed cases, those the row fails too. */
double cf_kill_matrix_score(const struct cf_kill_matrix_row *row, const struct cf_traces *run,
                            const bool *ran, double *out_share);
/* The best rows, best first; returns how many (at most max, only those with any likeness). */
size_t cf_kill_matrix_guess(const struct cf_kill_matrix *matrix, const struct cf_traces *run,
                            const bool *ran, size_t max, size_t *out_rows, double *out_scores);

/* Whether a caught deviation breaks the requirement. */
bool cf_kill_matrix_proves(const struct cf_kill_matrix *matrix, const char *requirement);

#endif
