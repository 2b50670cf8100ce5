/*
 * Self-certification: the reference clean, every variant without a finding, every deviation caught
 * by a case that names the requirement it breaks, and no should deviation that fails a must.
 */
#ifndef CF_CLI_SELFTEST_SELFTEST_H
#define CF_CLI_SELFTEST_SELFTEST_H

#include "cli/selftest/kill_matrix.h"
#include "cli/selftest/trial.h"

enum cf_subject_kind { CF_SUBJECT_CLEAN, CF_SUBJECT_VARIANT, CF_SUBJECT_DEVIATION };

enum cf_subject_outcome {
    CF_OUTCOME_GOOD,        /* clean, or caught */
    CF_OUTCOME_FALSE_ALARM, /* a finding where there must be none */
    CF_OUTCOME_SURVIVOR,    /* no case that names the requirement failed */
    CF_OUTCOME_STRAY,       /* a should deviation that fails a must */
    CF_OUTCOME_BROKEN       /* the trial did not come to an end */
};

/* One reference implementation on trial. */
struct cf_subject {
    enum cf_subject_kind kind;
    const struct cf_ref_switch *row; /* NULL for the clean one */
    struct cf_trial trial;
    char suite[64]; /* filter storage */
    const char *only[2];
    enum cf_subject_outcome outcome;
    char detail[400]; /* the case that caught it, or what is wrong */
    size_t failed;    /* cases */
    size_t must_failed;
    size_t requirement_failed; /* cases that name the requirement */
};

struct cf_selftest {
    struct cf_target target;
    struct cf_subject *subjects;
    size_t count;
    size_t parallel;
    bool full; /* every case against every deviation */
    bool quiet;
    bool explores; /* sequences, not cases */
    double wall_ms;
    unsigned long requests;
    size_t retried;
};

/* What the outcome is called in reports. */
const char *cf_subject_outcome_name(enum cf_subject_outcome outcome);

/* Judge a subject from its trial's results. */
void cf_subject_judge(struct cf_subject *subject, const struct cf_catalogue *catalogue);

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
