/*
 * JUnit XML, for the readers of Jenkins, GitLab and GitHub.
 *
 * One testsuite a suite, one testcase a case, at most one of failure, error and skipped in each, as
 * the gate marks it (gate.h); one testcase of class "run" more where the run as a whole has
 * troubles. Requirement ids are properties of the testcase; the run's own stand in the first suite.
 * Every outcome's message is not empty, and stands in its text too. Times are of the wall clock.
 * The file is ASCII: see cf_report_escape_xml().
 */
#ifndef CF_REPORTS_JUNIT_H
#define CF_REPORTS_JUNIT_H

#include "reports/report.h"

CF_MUST_CHECK enum cf_code cf_report_junit_write(const struct cf_report_source *source,
                                                 const char *path, struct cf_err *err);

#endif
