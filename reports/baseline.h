/*
 * Failures that are known: which case, why, whose, and until when.
 *
 * A baseline lets a gate open although listed cases fail, and closes it as soon as the list is no
 * longer true: a listed case that passes, one that no longer exists or does not apply, and an entry
 * past its date are findings, each of which closes the gate. It speaks of verdict fail alone; a
 * case that could not be judged is nobody's known failure.
 *
 * The file is JSON, read strictly:
 *   {"format": "cvm-conformance-baseline", "version": 1, "known_failures": [
 *     {"case": "SUITE.NAME", "reason": "…", "owner": "…", "expires": "2030-01-31"}]}
 */
#ifndef CF_REPORTS_BASELINE_H
#define CF_REPORTS_BASELINE_H

#include "reports/report.h"

#define CF_REPORT_BASELINE_FORMAT "cvm-conformance-baseline"
enum {
    CF_REPORT_BASELINE_VERSION = 1,
    CF_REPORT_BASELINE_MAX_BYTES = 16 << 20,
    CF_REPORT_DATE_BYTES = 11
};

struct cf_report_baseline_entry {
    char *id; /* of the case */
    char *reason;
    char *owner;
    char *expires; /* "YYYY-MM-DD": the last day on which it counts */
    int line;      /* in the file, 0 for new ones */
};

struct cf_report_baseline {
    char *path;
    struct cf_report_baseline_entry *items;
    size_t count;
};

/* Read and check. out is zeroed on failure. Errors: CF_ENOTFOUND, CF_EIO, CF_EINPUT
 * (FILE:LINE:COLUMN: what is wrong), CF_ELIMIT. */
CF_MUST_CHECK enum cf_code cf_report_baseline_load(struct cf_report_baseline *out, const char *path,
                                                   struct cf_err *err);
void cf_report_baseline_release(struct cf_report_baseline *baseline);
/* NULL where the case is not listed. */
const struct cf_report_baseline_entry *
cf_report_baseline_find(const struct cf_report_baseline *baseline, const char *id);
/* Append a copy. */
void cf_report_baseline_add(struct cf_report_baseline *baseline, const char *id, const char *reason,
                            const char *owner, const char *expires);
/* Write it sorted by case id, as cf_report_baseline_load() reads it. path as in
 * cf_report_file_open(). */
CF_MUST_CHECK enum cf_code cf_report_baseline_write(const struct cf_report_baseline *baseline,
                                                    const char *path, struct cf_err *err);
/* Whether text is a day of the calendar, "YYYY-MM-DD". */
bool cf_report_date_valid(const char *text);
/* The day in UTC. */
void cf_report_date_today(char out[CF_REPORT_DATE_BYTES]);

/* ---- a run against a baseline ---- */

enum cf_report_known_state {
    CF_REPORT_KNOWN_FAILS,   /* fails, as the entry says */
    CF_REPORT_KNOWN_PASSES,  /* passes: the entry has to go */
    CF_REPORT_KNOWN_STALE,   /* names no case, or one that does not apply */
    CF_REPORT_KNOWN_EXPIRED, /* its day is over, whatever the case does */
    CF_REPORT_KNOWN_OPEN,    /* ended inconclusive or in error: says nothing about the entry */
    CF_REPORT_KNOWN_NOT_RUN  /* a case that this run's filters left out */
};
/* "fails as known", "passes unexpectedly", ... for people. */
const char *cf_report_known_state_text(enum cf_report_known_state state);
/* Whether the state closes the gate. */
bool cf_report_known_state_closes(enum cf_report_known_state state);

struct cf_report_known {
    const struct cf_report_baseline_entry *entry;
    enum cf_report_known_state state;
};

/* Whether a case of this id exists at all, be it in this run or not. */
typedef bool cf_report_case_exists_fn(const void *context, const char *id);

/* The state of each entry, in the baseline's order, as an array for the caller to free. today:
 * "YYYY-MM-DD". */
struct cf_report_known *cf_report_baseline_judge(const struct cf_report_baseline *baseline,
                                                 const struct cf_report_source *source,
                                                 const char *today,
                                                 cf_report_case_exists_fn *exists,
                                                 const void *context);

#endif
