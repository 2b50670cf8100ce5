/*
 * results.json: the saved run as one JSON object, each case on a line of its own.
 *
 * Cases are copied as they were recorded, every attempt of each, in the source's order; the head,
 * the requirements and the summary stand before them. What cf_results_open() reads back is what was
 * written. Members beyond the fixed format: gate, command, again, trouble, repeat, selection,
 * shard, profile_sha256, plan_sha256, summary.reasons, and the counts error, unstable and not_run.
 */
#ifndef CF_REPORTS_RESULTS_JSON_H
#define CF_REPORTS_RESULTS_JSON_H

#include "reports/report.h"
#include "reports/report_file.h"

CF_MUST_CHECK enum cf_code cf_report_json_write(const struct cf_report_source *source,
                                                const char *path, struct cf_err *err);

/* Append the members of the head ("format" to "summary"), as the inside of an object; compact: on
 * one line. For reports that embed it. */
void cf_report_json_put_head(struct cf_buf *out, const struct cf_report_source *source,
                             bool compact);
/* Append one requirement object. */
void cf_report_json_put_requirement(struct cf_buf *out, const struct cf_requirement_info *info);

/* The same file in three strokes, for a run put together from several: source's info and summary
 * are used; then each case's JSON text; then the end. */
void cf_report_json_begin(struct cf_report_file *file, const struct cf_report_source *source);
void cf_report_json_case(struct cf_report_file *file, const char *text, size_t len, bool first);
void cf_report_json_end(struct cf_report_file *file, bool empty);

#endif
