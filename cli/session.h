/*
 * One run from plan to reports: records go to results.ndjson as they arrive, and every report is
 * made from that file when the last case is over.
 */
#ifndef CF_CLI_SESSION_H
#define CF_CLI_SESSION_H

#include "cli/base/progress.h"
#include "cli/base/target.h"
#include "cli/certify/ed25519.h"
#include "harness/pool/pool.h"
#include "harness/record/results.h"
#include "reports/baseline.h"

struct cf_session_options {
    const char *out_dir;
    int jobs;
    bool fail_fast;
    enum cf_level fail_on; /* must or should */
    bool allow_inconclusive;
    long long min_cases;
    double rate; /* requests a second, 0: as fast as it goes */
    bool quiet, verbose, colour;
    bool annotate;                             /* GitHub annotations on standard output */
    const struct cf_report_baseline *baseline; /* NULL: none */
    bool certify;                              /* write a certificate */
    const struct cf_key *key;                  /* to sign it with, NULL: not signed */
    const char *selection;                     /* for the report's head */
};

struct cf_session {
    const struct cf_session_options *options;
    struct cf_target *target;
    const struct cf_filter *filter;
    const struct cf_plan *plan;
    int ndjson;
    char ndjson_path[4096];
    bool write_failed;
    struct cf_progress progress;
    struct cf_pool_outcome outcome;
    char started_at[32];
};

/* Run the plan and write the reports. Returns the exit code. */
int cf_session_run(struct cf_session *session);

#endif
