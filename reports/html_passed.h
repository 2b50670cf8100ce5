/*
 * A case that passed, as the HTML report holds it: a thousand of them are most of a page.
 *
 * What the page's index says of the case, members without a value, headers and digests are left
 * out, and what of requests is the same in a thousand commands is kept once.
 */
#ifndef CF_REPORTS_HTML_PASSED_H
#define CF_REPORTS_HTML_PASSED_H

#include "harness/base/intern.h"
#include "reports/report.h"

/* In a command that stands for many: the request's URL, and its body as it is. */
enum { CF_REPORT_HTML_URL = 1, CF_REPORT_HTML_BODY = 2 };

/* Take the reads that were answered out of a record, of which left_out are out already. Returns how
 * many of its own went in all. */
size_t cf_report_html_leave_out_reads(struct cf_case_record *record, size_t left_out);

/* Append the command of a request: its number among commands, where the URL and the body stand for
 * themselves in it, else the text, which is of the caller. */
void cf_report_html_put_command(struct cf_buf *json, struct cf_intern *commands,
                                const struct cf_exchange *exchange, const char *command);

/* Append the object of a record: what neither the index nor the requirement's own statement
 * says. */
void cf_report_html_put_passed(struct cf_buf *json, const struct cf_summary *summary,
                               const struct cf_case_record *record);

#endif
