/*
 * The results of a run's shards put together into one results.json.
 *
 * Refused, each with a message that names the files: shards of different plans, profiles, seeds,
 * suite versions, implementations or selections; a shard that is missing, comes twice, or was cut
 * short; a case in two shards; and cases of the plan that no shard ran. What comes out says what
 * one run would have said, whatever the order in which the shards are given: verdicts and counts
 * are computed anew.
 */
#ifndef CF_REPORTS_MERGE_H
#define CF_REPORTS_MERGE_H

#include "harness/record/results.h"

/* path as in cf_report_file_open(). Errors: CF_EINPUT (refused), CF_EIO. */
CF_MUST_CHECK enum cf_code cf_report_merge_write(const struct cf_results *const *shards,
                                                 size_t count, const char *path,
                                                 struct cf_err *err);

/* Only the checks. Errors: CF_EINPUT. */
CF_MUST_CHECK enum cf_code cf_report_merge_check(const struct cf_results *const *shards,
                                                 size_t count, struct cf_err *err);

#endif
