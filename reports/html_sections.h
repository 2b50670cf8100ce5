/* The static sections of the HTML report: readable without a script. Used by html.c alone. */
#ifndef CF_REPORTS_HTML_SECTIONS_H
#define CF_REPORTS_HTML_SECTIONS_H

#include "reports/overview.h"
#include "reports/report_file.h"

/* Append foreign text: one line, at most max_bytes (0: all), markup escaped. */
void cf_report_html_put_text(struct cf_buf *out, const char *text, size_t max_bytes);
/* Append "pass" and the like as a badge. */
void cf_report_html_put_badge(struct cf_buf *out, enum cf_verdict verdict);
/* Append a link to a case: its id, percent-encoded where the fragment needs it. */
void cf_report_html_put_case_link(struct cf_buf *out, const char *id);

void cf_report_html_put_header(struct cf_buf *out, const struct cf_report_source *source);
/* When and how the run was made, and what reported it. */
void cf_report_html_put_facts(struct cf_buf *out, const struct cf_report_source *source);
/* What was found, and what to do next. */
void cf_report_html_put_overview(struct cf_buf *out, const struct cf_report_overview *overview);
void cf_report_html_put_filters(struct cf_buf *out, const struct cf_report_source *source);
void cf_report_html_put_requirements(struct cf_report_file *file,
                                     const struct cf_report_source *source);
void cf_report_html_put_unjudged(struct cf_report_file *file,
                                 const struct cf_report_source *source);

#endif
