/*
 * What went wrong, by what was found: the failed cases of a run side by side where the same was
 * expected and the same was found instead.
 *
 * One bug fails many cases, most of them with the same words: a run with fifty failures has a
 * handful of findings. What has the same likely cause is one, with the words of the graver: where
 * the words or the values are the same, or where the cause explains every case. Gravest come first:
 * failures that close the gate, then those that do not, then cases in error; of these the stricter
 * level, then the more cases.
 */
#ifndef CF_REPORTS_FINDINGS_H
#define CF_REPORTS_FINDINGS_H

#include "reports/gate.h"

struct cf_report_finding {
    enum cf_report_mark mark;          /* the gravest of its cases' */
    enum cf_level level;               /* the strictest */
    char *message, *expected, *actual; /* of its first case; the latter two may be NULL */
    char *values;                      /* the latter two without what differs; NULL without them */
    size_t example;                    /* index of the case that stands for it */
    char *title;                       /* that case's */
    size_t forms;                      /* other words or values of the same cause; 0: none */
    const struct cf_report_cause *cause; /* that explains most of its cases; NULL without one */
    bool whole;                          /* it explains all of them */
    size_t levels[3];                    /* its cases by level */
    size_t *cases;                       /* indexes into source->cases, in their order */
    size_t count, cap;
};

struct cf_report_findings {
    const struct cf_report_source *source; /* borrowed */
    struct cf_report_finding *items;
    size_t count, cap;
    size_t failed, errors; /* cases in all of them */
    size_t late;           /* of those failed: what was asked for showed, but later */
};

/* Find them. Errors: those of cf_report_read(). out may be released whatever comes back. */
CF_MUST_CHECK enum cf_code cf_report_findings_init(struct cf_report_findings *out,
                                                   const struct cf_report_gate *gate,
                                                   struct cf_err *err);
void cf_report_findings_release(struct cf_report_findings *findings);

/* Id of the case that stands for a finding: the first of the finding's level that was found in the
 * finding's words. */
const char *cf_report_finding_example(const struct cf_report_findings *findings,
                                      const struct cf_report_finding *finding);
/* What was found in one line that is no other finding's: "the status code is another one: 202
 * instead of 409", "a field of the request was not applied: memory". Foreign text, not escaped. */
void cf_report_finding_put_headline(struct cf_buf *out, const struct cf_report_finding *finding);
/* "the same cause shows in 3 other forms"; nothing where it does not. */
void cf_report_finding_put_forms(struct cf_buf *out, const struct cf_report_finding *finding);
/* "22 must, 3 should cases" */
void cf_report_finding_put_count(struct cf_buf *out, const struct cf_report_finding *finding);
/* "failed", "not met", "in error" */
const char *cf_report_finding_kind(const struct cf_report_finding *finding);

#endif
