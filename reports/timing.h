/*
 * How long things took: the time of every answer by endpoint, and of every operation from its 202
 * to the last poll that looked for it. Memory does not grow with the run: a histogram an endpoint.
 */
#ifndef CF_REPORTS_TIMING_H
#define CF_REPORTS_TIMING_H

#include "harness/record/record.h"

enum { CF_REPORT_TIMING_BUCKETS = 140, CF_REPORT_TIMING_ROWS_MAX = 40 };

struct cf_report_timing_row {
    char *label; /* "PATCH /api/v1/cvms/{cvm_id}"; foreign text */
    size_t count;
    double min_ms, max_ms;
    size_t buckets[CF_REPORT_TIMING_BUCKETS];
};

struct cf_report_timing {
    struct cf_report_timing_row
        rows[CF_REPORT_TIMING_ROWS_MAX]; /* the last gathers what has no row of its own */
    size_t row_count;
};

/* A zeroed struct is empty. */
void cf_report_timing_release(struct cf_report_timing *timing);
/* Whether the exchange at index started an operation whose end was seen; then from when to when, in
 * milliseconds from the start of the case. */
bool cf_report_timing_operation(const struct cf_case_record *record, size_t index,
                                double *out_start_ms, double *out_end_ms);
/* Count a record's exchanges. */
void cf_report_timing_add(struct cf_report_timing *timing, const struct cf_case_record *record);
/* The time below which that share (0 to 1) of a row's samples lie, to 15 in 100. */
double cf_report_timing_quantile(const struct cf_report_timing_row *row, double share);
/* Append an inline SVG of all rows, and a table of the same numbers. Nothing for no rows. */
void cf_report_timing_put_html(struct cf_buf *out, const struct cf_report_timing *timing);

#endif
