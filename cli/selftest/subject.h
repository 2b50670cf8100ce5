/*
 * A subject of self-certification: one reference implementation on trial, and what came of it.
 */
#ifndef CF_CLI_SELFTEST_SUBJECT_H
#define CF_CLI_SELFTEST_SUBJECT_H

#include "cli/selftest/trial.h"

enum cf_subject_kind { CF_SUBJECT_CLEAN, CF_SUBJECT_VARIANT, CF_SUBJECT_DEVIATION };

enum cf_subject_outcome {
    CF_OUTCOME_GOOD,        /* clean, or caught */
    CF_OUTCOME_FALSE_ALARM, /* a finding where there must be none */
    CF_OUTCOME_SURVIVOR,    /* no case that names the requirement failed */
    CF_OUTCOME_STRAY,       /* a should deviation that fails a must */
    CF_OUTCOME_BROKEN       /* the trial did not come to an end */
};

/* That a quick self-test tries a deviation with: to catch it, and to see that it breaks no must. */
enum { CF_SUBJECT_CASES_MAX = 6, CF_SUBJECT_MUSTS_MAX = 64 };

/* One reference implementation on trial. */
struct cf_subject {
    enum cf_subject_kind kind;
    const struct cf_ref_switch *row; /* NULL for the clean one */
    struct cf_trial trial;
    char suite[64]; /* filter storage */
    const char *only[CF_SUBJECT_CASES_MAX + CF_SUBJECT_MUSTS_MAX + 1];
    bool with_few; /* tried with a few cases that catch it in the kill matrix */
    enum cf_subject_outcome outcome;
    char detail[400]; /* the case that caught it, or what is wrong */
    size_t failed;    /* cases */
    size_t must_failed;
    size_t requirement_failed; /* cases that name the requirement */
};

/* What the outcome is called in reports. */
const char *cf_subject_outcome_name(enum cf_subject_outcome outcome);

/* Judge a subject from its trial's results. */
void cf_subject_judge(struct cf_subject *subject, const struct cf_catalogue *catalogue);

#endif
