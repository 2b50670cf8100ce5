/*
 * Two saved runs, case by case: what got worse, what got better, what is no longer checked.
 *
 * A case counts by its gravest attempt. Bad means fail or error. Each case that changed, or is bad
 * in both, stands in exactly one list; unstable ones (the new run's attempts differ) are marked
 * there, and counted. What is lost is everything that was judged before and is not now: a case that
 * became not applicable or inconclusive, requirements that a case no longer names or that no case
 * names any more, steps and checks that ran before and did not run now.
 */
#ifndef CF_REPORTS_COMPARE_H
#define CF_REPORTS_COMPARE_H

#include "reports/report.h"

enum cf_report_change {
    CF_REPORT_NEWLY_FAILING, /* bad now, and was not, or was not there */
    CF_REPORT_FIXED,         /* pass now, was bad */
    CF_REPORT_STILL_FAILING, /* bad in both */
    CF_REPORT_UNSTABLE,      /* attempts differ, and in none of the lists above */
    CF_REPORT_VANISHED,      /* there before, not now */
    CF_REPORT_APPEARED,      /* not there before, and not bad */
    CF_REPORT_CHANGED,       /* any other change of verdict */
    CF_REPORT_CHANGE_COUNT
};

struct cf_report_compared {
    enum cf_report_change change;
    const char *id; /* belongs to the results */
    enum cf_level level;
    bool in_old, in_new;
    enum cf_verdict old_verdict, new_verdict;
    bool unstable; /* in the new run */
};

struct cf_report_lost {
    const char *id; /* of a case or a requirement; belongs to the results */
    char *what;     /* "was pass, is inconclusive: ..." */
};

struct cf_report_comparison {
    const struct cf_report_source *before, *after; /* borrowed */
    struct cf_report_compared *items;              /* by change, then in the order of the runs */
    size_t count;
    size_t counts[CF_REPORT_CHANGE_COUNT];
    size_t unstable;
    struct cf_report_lost *lost;
    size_t lost_count;
    bool same_suite, same_iut, same_profile; /* what differs between the runs besides verdicts */
    bool worse; /* something is newly failing or has vanished: a gate should close */
};

/* Both sources must outlive the comparison. Errors: CF_EINPUT and CF_ELIMIT (a file
 * changed). */
CF_MUST_CHECK enum cf_code cf_report_compare(struct cf_report_comparison *out,
                                             const struct cf_report_source *before,
                                             const struct cf_report_source *after,
                                             struct cf_err *err);
void cf_report_comparison_release(struct cf_report_comparison *comparison);

/* "newly-failing", "fixed", "still-failing", "unstable", "vanished", "appeared", "changed". */
const char *cf_report_change_name(enum cf_report_change change);

/* Paths and errors as in report.h. Markdown stays under CF_REPORT_MARKDOWN_MAX_BYTES (markdown.h).
 */
CF_MUST_CHECK enum cf_code
cf_report_compare_write_text(const struct cf_report_comparison *comparison, const char *path,
                             struct cf_err *err);
CF_MUST_CHECK enum cf_code
cf_report_compare_write_json(const struct cf_report_comparison *comparison, const char *path,
                             struct cf_err *err);
CF_MUST_CHECK enum cf_code
cf_report_compare_write_markdown(const struct cf_report_comparison *comparison, const char *path,
                                 struct cf_err *err);

#endif
