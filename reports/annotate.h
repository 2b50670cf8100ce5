/*
 * Workflow commands that GitHub shows as annotations at the case files' lines.
 *
 * A notice says what was verified. What closes the gate (gate.h) is an ::error; a failure that
 * does not count and a must that was left open with leave are a ::warning. GitHub shows ten of each
 * a step, so the gravest come first, the rest are counted in the notice. Nothing of the
 * implementation's can start a command of its own.
 */
#ifndef CF_REPORTS_ANNOTATE_H
#define CF_REPORTS_ANNOTATE_H

#include "reports/report.h"

enum { CF_REPORT_ANNOTATIONS_MAX = 10 };

CF_MUST_CHECK enum cf_code cf_report_annotate_github_write(const struct cf_report_source *source,
                                                           const char *path, struct cf_err *err);

#endif
