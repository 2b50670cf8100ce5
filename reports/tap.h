/*
 * TAP 14, a test point a case.
 *
 * A failed must is "not ok"; a failed should or observe is "not ok ... # TODO", which harnesses
 * show and do not count; errors are "not ok"; what was not judged is "ok ... # SKIP" with its
 * reason, the only word that TAP has for it. Failures carry a YAML block with the mismatches.
 */
#ifndef CF_REPORTS_TAP_H
#define CF_REPORTS_TAP_H

#include "reports/report.h"

CF_MUST_CHECK enum cf_code cf_report_tap_write(const struct cf_report_source *source,
                                               const char *path, struct cf_err *err);

#endif
