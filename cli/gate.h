/*
 * The gate: what a finished run makes of the exit code.
 *
 * A failed requirement closes it with 1; a case in error, a must that could not be judged, too few
 * cases, or trouble of the tester's own with 3. A baseline takes its known failures out of the
 * first count, and closes the gate with 1 where it is no longer true.
 */
#ifndef CF_CLI_GATE_H
#define CF_CLI_GATE_H

#include "harness/case/catalogue.h"
#include "reports/baseline.h"

struct cf_gate {
    enum cf_level fail_on; /* must or should: that level and stricter */
    bool allow_inconclusive;
    long long min_cases; /* cases that must have been judged, at least 1 */
    bool tester_trouble; /* records could not be written, a process did not end well */
    size_t planned;      /* records that there must be, 0 where nobody knows */
    const struct cf_report_baseline *baseline; /* NULL: none */
    const struct cf_catalogue *catalogue;      /* of the baseline's run; may be NULL without one */
};

/* The exit code for a finished run. What the counts of a report do not show is told: too few cases,
 * and every entry of the baseline that matters. */
int cf_gate_status(const struct cf_gate *gate, const struct cf_report_source *source);

#endif
