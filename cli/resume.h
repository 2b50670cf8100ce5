/*
 * Going on where an interrupted run stopped: what it was asked for, and what it has finished.
 *
 * run.json in a run's folder has its command line and the digests of what it ran on, from before
 * the first request. With it and results.ndjson the same plan is made again, and only what has no
 * record yet is run. A record counts as finished when that of the control it leans on is there too.
 */
#ifndef CF_CLI_RESUME_H
#define CF_CLI_RESUME_H

#include "cli/out_folder.h"
#include "harness/base/list.h"
#include "harness/pool/plan.h"

struct cf_resume {
    char *directory;      /* where it ran: relative names are from there */
    struct cf_list words; /* its options, each with its value; without --out */
    char *suite_version, *catalogue_sha256, *plan_sha256;
    char *profile_sha256; /* NULL: the reference implementation's, which is made anew */
    char *started_at;
};

void cf_resume_release(struct cf_resume *resume);

/* Have the folder say what its run was asked for. Errors: CF_EIO, CF_ELIMIT. */
CF_MUST_CHECK enum cf_code cf_resume_write(const struct cf_resume *resume, const char *folder,
                                           struct cf_err *err);
/* Errors: CF_ENOTFOUND (no run was begun there), CF_EIO, CF_EINPUT, CF_ELIMIT. out may be released
 * whatever comes back. */
CF_MUST_CHECK enum cf_code cf_resume_read(struct cf_resume *out, const char *folder,
                                          struct cf_err *err);
/* Whether now is a run on the same things as then. Errors: CF_EINPUT, naming what is another. */
CF_MUST_CHECK enum cf_code cf_resume_fits(const struct cf_resume *then, const struct cf_resume *now,
                                          struct cf_err *err);

/* What the records in the folder have finished of the plan: a verdict for each item, or -1; for the
 * caller to free. Records of anything else, and a torn last line, are removed from the file.
 * Errors: as cf_results_open(), CF_EIO. */
CF_MUST_CHECK enum cf_code cf_resume_finished(signed char **out, struct cf_out_folder *folder,
                                              const struct cf_plan *plan, struct cf_err *err);

#endif
