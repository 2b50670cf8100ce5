/*
 * TAP 13, as Perl's prove reads it: a test point a case, in the colour that the gate gives
 * (gate.h).
 *
 * A failure that does not count is "not ok ... # TODO", which harnesses show and do not count; what
 * was not judged is "ok ... # SKIP" with its reason. One more point is "not ok" where the run as a
 * whole has troubles, so that a run that judged nothing is red. What is not ok carries a YAML
 * block.
 */
#ifndef CF_REPORTS_TAP_H
#define CF_REPORTS_TAP_H

#include "reports/report.h"

CF_MUST_CHECK enum cf_code cf_report_tap_write(const struct cf_report_source *source,
                                               const char *path, struct cf_err *err);

#endif
