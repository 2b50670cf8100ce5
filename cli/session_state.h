/* What is known of one run: what it was asked to do, and how far it is. */
#ifndef CF_CLI_SESSION_STATE_H
#define CF_CLI_SESSION_STATE_H

#include "cli/at_once.h"
#include "cli/base/progress.h"
#include "cli/base/target.h"
#include "cli/certify/ed25519.h"
#include "cli/cost/price.h"
#include "cli/out_folder.h"
#include "cli/resume.h"
#include "cli/snapshots.h"
#include "harness/pool/pool.h"
#include "harness/record/results.h"
#include "reports/baseline.h"

struct cf_session_options {
    const char *out_dir;
    int jobs;
    bool fail_fast;
    bool no_operations;    /* not one, not even to look first */
    enum cf_level fail_on; /* must or should */
    bool allow_inconclusive;
    long long min_cases;
    double rate; /* requests a second, 0: as fast as it goes */
    bool quiet, verbose, colour;
    bool exchanges;   /* requests and answers on standard error */
    bool keep_bodies; /* of passed cases, too */
    bool keep_shared; /* exchanges in each record that was judged over them */
    unsigned reports; /* which; see run_reports.h */
    bool annotate;    /* GitHub annotations on standard output, and a job's summary */
    const struct cf_report_baseline *baseline; /* NULL: none */
    bool certify;                              /* write a certificate */
    const struct cf_key *key;                  /* to sign it with, NULL: not signed */
    const char *selection;                     /* for the report's head */
    struct cf_price price;                     /* of the plan */
    const struct cf_costs *costs;              /* of its cases; NULL: not known */
    const char *bought;                        /* what a budget buys, one line; NULL: no limit */
    const struct cf_list *left_out;            /* cases that it does not; NULL: none */
    struct cf_list command, again;             /* likewise; see struct cf_run_info */
    struct cf_list words;                      /* what --resume needs; see struct cf_resume */
    const struct cf_resume *resume;            /* the run to go on with, NULL: a new one */
    /* Where the plan depends on how long an operation takes, which nobody said: called once it was
     * measured, with the time that has passed since the run began; gives the plan to be run. NULL:
     * the session's plan is. Errors: CF_EINPUT, CF_ELIMIT. */
    enum cf_code (*choose)(void *context, double operation_ms, double spent_ms,
                           const struct cf_plan **out_plan, struct cf_err *err);
    void *choose_context;
};

struct cf_session {
    const struct cf_session_options *options;
    struct cf_target *target;
    const struct cf_filter *filter;
    const struct cf_plan *plan; /* where there is options->choose: all that it may choose from */
    bool looked;                /* at the IUT, before the plan was chosen */
    struct cf_out_folder folder;
    struct cf_at_once at_once; /* the CVMs that are ours while we have the folder */
    struct cf_progress progress;
    struct cf_pool_outcome outcome;
    struct cf_snapshots snapshots; /* of the CVMs that are not back yet */
    signed char *finished;         /* of a run that is gone on with: as in cf_pool_options */
    struct cf_distinct distinct;   /* the same */
    struct cf_list left;           /* what was not put back, a line each */
    char started_at[32];
};

#endif
