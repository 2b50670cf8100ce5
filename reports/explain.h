/*
 * A failed case in words, the same in every report that is read as text.
 *
 * Order: the requirement in one sentence; every mismatch with expected, actual and pointer; where
 * the case stands, with the source lines; the request as a curl line; the command that repeats the
 * case.
 */
#ifndef CF_REPORTS_EXPLAIN_H
#define CF_REPORTS_EXPLAIN_H

#include "harness/record/results.h"

struct cf_report_explain_style {
    const char *indent;     /* before every line */
    size_t value_max_bytes; /* longer foreign texts are cut; 0: never */
    size_t body_max_bytes;  /* as in cf_report_curl() */
    bool colour;            /* ANSI colours */
};

/* Append the explanation, each line ended by a newline. All foreign text passes
 * cf_report_escape_terminal(). */
void cf_report_explain_case(struct cf_buf *out, const struct cf_run_info *info,
                            const struct cf_case_record *record,
                            const struct cf_report_explain_style *style);

/* Append words as a shell takes them, spaces between. */
void cf_report_explain_words(struct cf_buf *out, const struct cf_list *words);

/* Append the command that repeats the run, without the cases that it chose. */
void cf_report_explain_run(struct cf_buf *out, const struct cf_run_info *info);
/* Append the command that runs a case again as it was run, quoted for a shell: the run's words for
 * it (the program, its profile, ...), then "--case ID". Without such words the program's name and
 * "run" stand there. */
void cf_report_explain_again(struct cf_buf *out, const struct cf_run_info *info, const char *id);

/* The exchange that a failure speaks of: the step's own request before its reads. NULL without one.
 */
const struct cf_exchange *cf_report_explain_exchange(const struct cf_case_record *record, int step);

#endif
