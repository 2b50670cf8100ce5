/*
 * JUnit XML, for the readers of Jenkins, GitLab and GitHub.
 *
 * One testsuite a suite, one testcase a case, at most one of failure, error and skipped in each;
 * requirement ids are properties of the testcase. Counts are those of the elements written.
 * Characters that XML forbids are left out; bytes that are not UTF-8 become U+FFFD. A skipped
 * element's message is never empty.
 */
#ifndef CF_REPORTS_JUNIT_H
#define CF_REPORTS_JUNIT_H

#include "reports/report.h"

CF_MUST_CHECK enum cf_code cf_report_junit_write(const struct cf_report_source *source,
                                                 const char *path, struct cf_err *err);

#endif
