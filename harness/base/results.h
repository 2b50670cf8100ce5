/*
 * A run as a whole: its head (who, what, when), its requirements, its summary; and reading a saved
 * run back, from results.json or from results.ndjson, one case at a time.
 */
#ifndef CF_BASE_RESULTS_H
#define CF_BASE_RESULTS_H

#include "harness/base/record.h"

#define CF_RESULTS_FORMAT "cvm-conformance-results"
enum { CF_RESULTS_VERSION = 1 };

struct cf_requirement_info {
    char *id;
    enum cf_level level;
    char *statement; /* (ext) */
    char *source;    /* (ext) place in the contract pages */
    bool proven;     /* (ext) a deviation that breaks it was caught by this suite's self-test */
    /* computed by cf_summary_finish() */
    enum cf_verdict verdict; /* gravest of its cases', CF_NOT_APPLICABLE while none ran */
    char **cases;
    size_t case_count;
};

struct cf_run_info {
    char *suite_name;
    char *suite_version;
    char *catalogue_sha256;
    char *iut;  /* JSON object: the profile's "iut" */
    char *pics; /* JSON object */
    unsigned long long seed;
    char *started_at;
    char *finished_at;
    bool complete;   /* false: interrupted, or read from .ndjson */
    char *selection; /* (ext) the filters given, as one line, "" for all */
    char *profile_sha256; /* (ext) */
    int shard_index, shard_count; /* (ext) 1 of 1 where not sharded */
    char *plan_sha256;            /* (ext) digest of the ids of the whole plan, all shards */
    int repeat;                   /* (ext) attempts planned a case, from 1 */
};

void cf_run_info_release(struct cf_run_info *info);

struct cf_level_counts {
    size_t total, passed, failed, inconclusive, not_applicable, error, unstable;
};

/* Everything counted over one pass of the cases. A case with several attempts counts once, with its
 * gravest verdict; one whose attempts differ is also unstable. */
struct cf_summary {
    struct cf_requirement_info *requirements; /* in catalogue order */
    size_t requirement_count;
    size_t cases_total, cases_pass, cases_fail, cases_inconclusive, cases_error,
        cases_not_applicable, cases_unstable;
    struct cf_level_counts levels[3]; /* by enum cf_level: requirements */
    /* Reasons of not-applicable and inconclusive cases, each once, with its count. */
    struct cf_reason {
        enum cf_verdict verdict;
        char *reason;
        size_t count;
    } *reasons;
    size_t reason_count;
    const char *verdict; /* "conforming", "non-conforming", "inconclusive", "error" */
    struct cf_summary_index *index; /* private */
};

void cf_summary_init(struct cf_summary *summary);
void cf_summary_release(struct cf_summary *summary);
/* Declare a requirement of the catalogue (copied). Errors: CF_ENOMEM. */
CF_MUST_CHECK enum cf_code cf_summary_add_requirement(struct cf_summary *summary, const char *id,
                                                      enum cf_level level, const char *statement,
                                                      const char *source, bool proven);
/* Count one case record; requirements it names that were not declared take its level. */
CF_MUST_CHECK enum cf_code cf_summary_add_case(struct cf_summary *summary,
                                               const struct cf_case_record *record);
/* Compute verdicts and counts; may be called again after more cases. */
CF_MUST_CHECK enum cf_code cf_summary_finish(struct cf_summary *summary);

/* ---- reading a saved run ---- */

struct cf_results;

/* Open results.json or results.ndjson (told by content). The file is mapped, so memory stays flat
 * however many cases there are. The whole file is validated here; a torn last line of .ndjson is
 * skipped and reported by cf_results_torn(). Errors: CF_ENOTFOUND, CF_EIO, CF_EINPUT (with
 * FILE:LINE:COLUMN), CF_ENOMEM. */
CF_MUST_CHECK enum cf_code cf_results_open(struct cf_results **out, const char *path,
                                           struct cf_err *err);
void cf_results_close(struct cf_results *results);
const struct cf_run_info *cf_results_info(const struct cf_results *results);
/* Requirements declared and cases counted; made on open. */
const struct cf_summary *cf_results_summary(const struct cf_results *results);
bool cf_results_torn(const struct cf_results *results);
const char *cf_results_path(const struct cf_results *results);
/* Number of case records (attempts). */
size_t cf_results_count(const struct cf_results *results);
/* The record at index, in file order. Errors: CF_EINPUT, CF_ENOMEM. Caller releases. */
CF_MUST_CHECK enum cf_code cf_results_case(const struct cf_results *results, size_t index,
                                           struct cf_case_record *out, struct cf_err *err);
/* As above, the JSON text of the record itself; valid until close. */
const char *cf_results_case_text(const struct cf_results *results, size_t index, size_t *out_len);

#endif
