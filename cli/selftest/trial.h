/*
 * A trial: the cases run against one reference implementation with some of its switches on, in a
 * process of its own, so that many go on at once. Self-certification is made of trials.
 */
#ifndef CF_CLI_SELFTEST_TRIAL_H
#define CF_CLI_SELFTEST_TRIAL_H

#include "cli/base/target.h"
#include "cli/selftest/edits.h"
#include "harness/pool/plan.h"
#include "harness/record/record.h"

#include <sys/types.h>

enum { CF_TRIAL_SWITCHES_MAX = 6 };

struct cf_trial_result {
    bool ran;
    enum cf_verdict verdict;
    unsigned operations, exchanges; /* what it cost */
    char *line; /* the record as JSON; kept for everything but a pass, else NULL */
};

struct cf_trial {
    const char *name;
    struct cf_ref_options reference;
    bool as_served; /* read as the reference's own profile says, field by field */
    bool put_back;  /* look at the CVMs first and put them back, as a run does */
    const char *switches[CF_TRIAL_SWITCHES_MAX]; /* storage for reference.deviations, .variants */
    const struct cf_edit *edits;                 /* of the cases; must outlive the trial */
    size_t edit_count;
    const char *const *cases;        /* globs, NULL for all; must outlive the trial */
    const char *const *requirements; /* the same */
    const char *const *suites;       /* the same */
    /* made by running it */
    struct cf_trial_result *results; /* by index of the catalogue's cases */
    size_t case_count;
    unsigned long requests;
    double duration_ms;
    bool broken; /* it did not come to an end; message tells why */
    char message[300];
    /* while it runs */
    pid_t pid;
    int fd;
    double started_ms;
    struct cf_buf in;
};

/* A conforming reference, or with one deviation or variant on. name must outlive the trial. */
void cf_trial_init(struct cf_trial *trial, const char *name, bool deviation, bool variant);
void cf_trial_release(struct cf_trial *trial);

/* One more variant, of a trial that has one; at most CF_TRIAL_SWITCHES_MAX of them. */
void cf_trial_join(struct cf_trial *trial, const char *variant);

/* The profile of a reference implementation at port; at_once: with every reading at one path.
 * Errors: those of cf_ref_profile() and of cf_profile_parse(). */
CF_MUST_CHECK enum cf_code cf_trial_profile(struct cf_profile *out,
                                            const struct cf_ref_options *options, unsigned port,
                                            bool at_once, struct cf_err *err);

/* Run them all, at most parallel at a time; told after each. Errors are in the trials. */
typedef void cf_trial_done_fn(void *context, const struct cf_trial *trial);
void cf_trials_run(const struct cf_target *target, struct cf_trial *trials, size_t count,
                   size_t parallel, cf_trial_done_fn *done, void *context);

/* The record kept for a case; false when it passed or did not run. Caller releases. */
bool cf_trial_record(const struct cf_trial *trial, size_t index, struct cf_case_record *out);

#endif
