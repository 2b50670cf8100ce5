/*
 * The cases of the HTML report as data: an index of all, then the records in pieces.
 *
 * Each piece is a script element of type application/json, which browsers keep as text and never
 * run; the page parses the index on load and a piece when one of its cases is opened.
 */
#ifndef CF_REPORTS_HTML_DATA_H
#define CF_REPORTS_HTML_DATA_H

#include "reports/report.h"
#include "reports/report_file.h"

/* Bodies longer than this are cut in the page. */
enum {
    CF_REPORT_HTML_BODY_MAX_BYTES = 64 << 10,
    CF_REPORT_HTML_PASSED_BODY_MAX_BYTES =
        1 << 10 /* of a case that passed: nobody reads these whole */
};

/* Cases a piece. */
enum { CF_REPORT_HTML_PIECE = 64 };

/* Append JSON so that no HTML parser sees anything in it: '<', '>' and '&' as \u escapes. */
void cf_report_html_put_json(struct cf_buf *out, const char *json, size_t len);

/* Errors of both: those of cf_report_read(). */
CF_MUST_CHECK enum cf_code cf_report_html_put_index(struct cf_report_file *file,
                                                    const struct cf_report_source *source,
                                                    struct cf_err *err);

/* Told of each record on its way into the page, so that other sections need no pass of their own.
 */
typedef void cf_report_html_seen_fn(void *context, const struct cf_case_record *record);
CF_MUST_CHECK enum cf_code cf_report_html_put_records(struct cf_report_file *file,
                                                      const struct cf_report_source *source,
                                                      cf_report_html_seen_fn *seen, void *context,
                                                      struct cf_err *err);

#endif
