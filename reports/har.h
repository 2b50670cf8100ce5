/*
 * HAR 1.2 of every HTTP exchange of every attempt, for tools that read browser archives.
 *
 * Each attempt of a case is a page. What was recorded has no secrets in it, and no cookies are
 * parsed out. Members that start with an underscore are ours, as the format allows: _case, _step,
 * _purpose, _error (there was no answer). A request body that is not text is given as base64 with
 * "_encoding".
 */
#ifndef CF_REPORTS_HAR_H
#define CF_REPORTS_HAR_H

#include "reports/report.h"

CF_MUST_CHECK enum cf_code cf_report_har_write(const struct cf_report_source *source,
                                               const char *path, struct cf_err *err);

#endif
