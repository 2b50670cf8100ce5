/*
 * What happened to each CVM and when: operations as bars, failed cases as marks, over the time of
 * the run. It shows what ran side by side, which CVM was slow, and whether failures come together.
 */
#ifndef CF_REPORTS_TIMELINE_H
#define CF_REPORTS_TIMELINE_H

#include "harness/base/intern.h"
#include "harness/record/record.h"

enum {
    CF_REPORT_TIMELINE_CVMS_MAX = 24,    /* rows; CVMs past that are counted */
    CF_REPORT_TIMELINE_EVENTS_MAX = 4000 /* events past that are counted */
};

struct cf_report_timeline { /* zeroed: empty */
    struct cf_intern cvms;
    struct cf_report_timeline_event {
        size_t cvm;
        double start_ms, end_ms; /* since 1970 */
        enum cf_verdict verdict; /* CF_PASS: an operation; else a case that ended so */
    } * events;
    size_t count, cap;
    size_t left_out;
};

/* Add a record's operations, and the record itself where it failed or ended in error. */
void cf_report_timeline_add(struct cf_report_timeline *timeline,
                            const struct cf_case_record *record);
/* Append an inline SVG; nothing for no events. */
void cf_report_timeline_put_html(struct cf_buf *out, const struct cf_report_timeline *timeline);
void cf_report_timeline_release(struct cf_report_timeline *timeline);

#endif
