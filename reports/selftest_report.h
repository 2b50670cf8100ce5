/* The self-test's result for people and programs: selftest.json and selftest.html. */
#ifndef CF_REPORTS_SELFTEST_REPORT_H
#define CF_REPORTS_SELFTEST_REPORT_H

#include "harness/base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct cf_selftest_report_head {
    const char *version;
    const char *catalogue_sha256;
    double wall_ms;
    unsigned long requests;
    size_t deviations, variants;
    size_t survivors, strays, false_alarms, broken;
    size_t tried_twice;
    /* Requirements, by level (must, should): those that a caught deviation breaks, and all. */
    size_t proven[2], total[2];
};

/* One reference implementation on trial; all borrowed. */
struct cf_selftest_report_row {
    const char *kind; /* "clean", "variant", "deviation" */
    const char *name, *requirement, *level, *sentence;
    const char *outcome;
    bool good;
    const char *detail; /* what caught it, or what is wrong */
    size_t failed, must_failed;
    unsigned long requests;
    double duration_ms;
};

/* Errors: CF_EIO. */
CF_MUST_CHECK enum cf_code cf_selftest_report_json_write(const struct cf_selftest_report_head *head,
                                                         const struct cf_selftest_report_row *rows,
                                                         size_t count, const char *path,
                                                         struct cf_err *err);
CF_MUST_CHECK enum cf_code cf_selftest_report_html_write(const struct cf_selftest_report_head *head,
                                                         const struct cf_selftest_report_row *rows,
                                                         size_t count, const char *path,
                                                         struct cf_err *err);

#endif
