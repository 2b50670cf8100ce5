/*
 * The gate: what a run's cases and troubles make of its exit code, and of the colours of a report.
 *
 * Each case gets a mark, and the run as a whole has troubles. A failure anywhere closes the gate
 * with 1; an error, of a case or of the run, with 3; 1 wins over 3. junit.xml, TAP and annotations
 * show these marks and troubles and nothing else as failures and errors, so that they are red
 * exactly when the exit code is not 0.
 *
 * By the terms in the run's head (struct cf_gate_terms):
 * - a case of which an attempt failed is a failure where one of its requirements is of the level
 *   of fail_on or stricter, unless it is a known failure;
 * - one in error is an error, so is, unless allow_inconclusive, one whose attempts differ and one
 *   that is inconclusive, where a must requirement is left unstable or inconclusive by it;
 * - troubles are: the run's own, those in its terms, a run that was cut short, fewer records than
 *   planned, and fewer judged cases than asked for, or none;
 * - an entry of the baseline that is no longer true is a failure.
 */
#ifndef CF_REPORTS_GATE_H
#define CF_REPORTS_GATE_H

#include "reports/report.h"

enum cf_report_mark {
    CF_REPORT_GREEN, /* passed */
    CF_REPORT_SKIPPED,
    CF_REPORT_ERROR,
    CF_REPORT_FAILURE
};

struct cf_report_gate {
    const struct cf_report_source *source; /* borrowed */
    enum cf_report_mark *marks;            /* as source->cases */
    struct cf_list troubles;               /* each an error of the run as a whole */
    size_t counts[CF_REPORT_FAILURE + 1];  /* cases by mark */
};

/* Judge by the source's head and summary. */
void cf_report_gate_init(struct cf_report_gate *gate, const struct cf_report_source *source);
void cf_report_gate_release(struct cf_report_gate *gate);
/* How long the first part of a trouble is, which says what happened; parts end in "; ". */
size_t cf_report_trouble_len(const char *trouble);

/* What the gate says of the run: CF_REPORT_GREEN, CF_REPORT_ERROR or CF_REPORT_FAILURE. */
enum cf_report_mark cf_report_gate_result(const struct cf_report_gate *gate);

/* The same in one call. */
enum cf_report_mark cf_report_gate_of(const struct cf_report_source *source);

/* Append why a case (by its index in source->cases) that is not green has its mark, one line; never
 * empty. record is the one that the case is shown by. Foreign text, as it came. */
void cf_report_gate_put_message(struct cf_buf *out, const struct cf_report_gate *gate, size_t index,
                                const struct cf_case_record *record);

#endif
