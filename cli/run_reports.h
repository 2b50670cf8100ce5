/* The reports in a run's folder: what each is called, and which of them are wanted. */
#ifndef CF_CLI_RUN_REPORTS_H
#define CF_CLI_RUN_REPORTS_H

#include "reports/report.h"

/* Names of the files, NULL-terminated. */
extern const char *const cf_run_report_files[];

/* Sets of them, a bit each. */
enum {
    CF_RUN_REPORT_JSON = 1,
    CF_RUN_REPORT_JUNIT = 2,
    CF_RUN_REPORT_HTML = 4,
    CF_RUN_REPORT_MARKDOWN = 8,
    CF_RUN_REPORT_TAP = 16,
    CF_RUN_REPORT_HAR = 32,
    CF_RUN_REPORT_USUAL =
        CF_RUN_REPORT_JSON | CF_RUN_REPORT_JUNIT | CF_RUN_REPORT_HTML | CF_RUN_REPORT_MARKDOWN,
    /* What is red where a run is. */
    CF_RUN_REPORT_COLOURED = CF_RUN_REPORT_JSON | CF_RUN_REPORT_JUNIT | CF_RUN_REPORT_TAP
};

/* "html,junit": the names of formats. Returns false where one is not known, which is said on
 * standard error. */
bool cf_run_reports_read(const char *text, unsigned *out_wanted);
/* Write those that are wanted, each by itself: one that cannot be written keeps none of the others
 * back. Returns false when one could not, which is said on standard error. */
bool cf_run_reports_write(unsigned wanted, const char *folder,
                          const struct cf_report_source *source);

#endif
