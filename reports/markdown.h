/*
 * A summary for a job's page or a pull request's comment: GitHub flavoured Markdown, short enough
 * for either whatever the run (pull request comments take 65,536 characters).
 *
 * The screen of overview.h comes first, then what was not judged and why, then failures as far as
 * they fit; what does not fit is counted. Foreign text stands in code spans and fences that it
 * cannot leave, so that it neither formats nor mentions anybody.
 */
#ifndef CF_REPORTS_MARKDOWN_H
#define CF_REPORTS_MARKDOWN_H

#include "reports/report.h"

enum { CF_REPORT_MARKDOWN_MAX_BYTES = 60000 };

CF_MUST_CHECK enum cf_code cf_report_markdown_write(const struct cf_report_source *source,
                                                    const char *path, struct cf_err *err);

/* The same to the end of a buffer. */
CF_MUST_CHECK enum cf_code cf_report_markdown_put(struct cf_buf *out,
                                                  const struct cf_report_source *source,
                                                  struct cf_err *err);

/* Append text as a code span, at most max_bytes of it (0: all). */
void cf_report_markdown_put_code(struct cf_buf *out, const char *text, size_t max_bytes);
/* Append text, lines and all, as a fenced block. Control bytes other than newlines must be gone. */
void cf_report_markdown_put_fence(struct cf_buf *out, const char *text);

#endif
