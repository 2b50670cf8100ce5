/*
 * The first screen of a report that people read, the same in all of them and in this order: the
 * verdict; a line each for must, should and observe; what was found, gravest first, each with its
 * count, an example, the likely deviation and the command to repeat it; what to do next. What was
 * not judged follows with its reasons, then the cases one by one.
 */
#ifndef CF_REPORTS_OVERVIEW_H
#define CF_REPORTS_OVERVIEW_H

#include "reports/findings.h"

/* Findings on the first screen; the others are counted. */
enum { CF_REPORT_FINDINGS_SHOWN = 10 };

struct cf_report_overview {
    struct cf_report_gate gate;
    struct cf_report_findings findings;
    struct cf_list next; /* what to do, a sentence each; foreign text may be in it */
};

/* Errors: those of cf_report_read(). out may be released whatever comes back. */
CF_MUST_CHECK enum cf_code cf_report_overview_init(struct cf_report_overview *out,
                                                   const struct cf_report_source *source,
                                                   struct cf_err *err);
void cf_report_overview_release(struct cf_report_overview *overview);

#endif
