/*
 * Self-certification: the reference clean, every variant without a finding, every deviation caught
 * by a case that names the requirement it breaks, and no should deviation that fails a must.
 */
#ifndef CF_CLI_SELFTEST_SELFTEST_H
#define CF_CLI_SELFTEST_SELFTEST_H

#include "cli/selftest/kill_matrix.h"
#include "cli/selftest/subject.h"

struct cf_selftest {
    struct cf_target target;
    struct cf_subject *subjects;
    size_t count;
    size_t parallel;
    const struct cf_kill_matrix *matrix; /* the shipped one, NULL when it is of other cases */
    bool full;                           /* every case against every deviation */
    bool groups;                         /* try together those variants that can be (groups.h) */
    bool quiet;
    bool explores; /* sequences, not cases */
    double wall_ms;
    unsigned long requests;
    size_t retried;
};

/* Run and judge all subjects; those that are not good are tried once more, alone. */
void cf_selftest_run(struct cf_selftest *selftest);

/* ---- the kill matrix (selftest_matrix.c) ---- */

/* The matrix of what was seen. */
void cf_selftest_matrix(const struct cf_selftest *selftest, struct cf_kill_matrix *out);

/* Whether the matrix in a file is of these cases and these deviations; needs no run. What is not so
 * is printed, here and below. */
bool cf_selftest_matrix_current(const struct cf_selftest *selftest, const char *path);
/* Whether each deviation was caught by a case that catches it in the (current) matrix; after a full
 * self-test also whether the matrix guesses each from what was seen, first or second. */
bool cf_selftest_matrix_agrees(const struct cf_selftest *selftest, const char *path);

/* ---- single expectations (expectations.c) ---- */

/* Negate and drop each expectation of each case in turn; lists go to out. Returns the number of
 * dead ones (negated and still passing), -1 on trouble. */
long cf_selftest_expectations(struct cf_selftest *selftest, struct cf_buf *out);

#endif
